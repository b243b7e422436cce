//! From what was heard and seen to the verdict.

use habeas_domain::received_mail::SenderAuthentication as Verdict;

use super::{
    Authenticated, AuthenticationOptions, Evidence, Method, Remark, Source,
    author::Author,
    check::{Checked, Passes},
    domains,
    results::{MethodResult, Reported},
};

/// Collects what is known of a sender.
pub(super) struct Judge<'x> {
    author: &'x Author,
    options: &'x AuthenticationOptions,
    evidence: Vec<Evidence>,
    remarks: Vec<Remark>,
    passes: Passes,
    knows_spf: bool,
    settled: Option<Verdict>,
    checked: Option<Checked>,
}

impl<'x> Judge<'x> {
    pub(super) const fn new(author: &'x Author, options: &'x AuthenticationOptions) -> Self {
        Self {
            author,
            options,
            evidence: Vec::new(),
            remarks: Vec::new(),
            passes: Passes { dkim: Vec::new(), spf: None },
            knows_spf: false,
            settled: None,
            checked: None,
        }
    }

    fn domain(&self) -> Option<&'x str> {
        self.author.domain.as_deref()
    }

    /// Takes in what our mail server told.
    pub(super) fn hear(&mut self, reported: &Reported) {
        if reported.forged {
            self.remarks.push(Remark::ResultsInOurName);
        }
        for result in &reported.results {
            self.hear_one(result);
        }
        self.settled = self.domain().and_then(|domain| dmarc_of(&reported.results, domain));
    }

    fn hear_one(&mut self, said: &MethodResult) {
        let Some(method) = Method::parse(&said.method) else { return };
        let domain = domain_of(method, said);
        let own =
            domain.as_deref().zip(self.domain()).is_some_and(|(domain, from)| domains::covers(domain, from));
        let passed = said.result == "pass";
        match (method, &domain) {
            (Method::Dkim, Some(domain)) if passed => self.passes.dkim.push(domain.clone()),
            (Method::Spf, _) => {
                self.knows_spf = true;
                self.passes.spf = domain.clone().filter(|_| passed);
            }
            _ => {}
        }
        let aligned = own && passed && method != Method::Arc;
        let result = if RESULTS.contains(&said.result.as_str()) { said.result.as_str() } else { "permerror" };
        self.evidence.push(Evidence::new(method, result, domain.as_deref(), aligned, Source::Reported));
    }

    /// The verdict, if our mail server has told it.
    pub(super) const fn settled(&self) -> Option<Verdict> {
        self.settled
    }

    /// The passes that our mail server told.
    pub(super) fn passes(&self) -> Passes {
        self.passes.clone()
    }

    pub(super) const fn knows_spf(&self) -> bool {
        self.knows_spf
    }

    /// Takes in what our own check found.
    pub(super) fn see(&mut self, mut checked: Checked) {
        self.evidence.append(&mut checked.evidence);
        self.remarks.append(&mut checked.remarks);
        self.checked = Some(checked);
    }

    /// The judgement.
    pub(super) fn conclude(mut self) -> Authenticated {
        let verdict = self.verdict();
        let temporary = self.checked.as_ref().is_some_and(|checked| {
            checked.temporary
                || checked.unchecked_seal.as_deref().is_some_and(|sealer| self.is_trusted(sealer))
        });
        let other = self
            .evidence
            .iter()
            .any(|one| one.result == "pass" && matches!(one.method, Method::Dkim | Method::Spf));
        if verdict != Verdict::Aligned && other {
            self.remarks.push(Remark::OtherDomainOnly);
        }
        let mut remarks = self.author.remarks.clone();
        remarks.append(&mut self.remarks);
        remarks.sort_unstable();
        remarks.dedup();
        Authenticated {
            verdict,
            from: self.author.address.clone(),
            evidence: self.evidence,
            remarks,
            try_again: temporary && verdict == Verdict::None,
        }
    }

    fn verdict(&mut self) -> Verdict {
        let Some(domain) = self.domain() else { return Verdict::None };
        if let Some(settled) = self.settled {
            return settled;
        }
        let Some(checked) = &self.checked else { return self.without_check(domain) };
        if checked.aligned {
            return Verdict::Aligned;
        }
        if let Some((sealer, sealed)) = &checked.sealed {
            if !self.is_trusted(sealer) {
                self.remarks.push(Remark::UnknownForwarder);
            } else if dmarc_of(sealed, domain) == Some(Verdict::Aligned) {
                self.evidence.push(Evidence::new(
                    Method::Dmarc,
                    "pass",
                    Some(domain),
                    true,
                    Source::Forwarder,
                ));
                return Verdict::Aligned;
            }
        }
        let unchecked = checked.unchecked_seal.as_ref();
        if checked.temporary || unchecked.is_some_and(|sealer| self.is_trusted(sealer)) {
            return Verdict::None;
        }
        if checked.publishes { Verdict::Unaligned } else { Verdict::None }
    }

    /// Whether the word of this forwarder is taken.
    fn is_trusted(&self, sealer: &str) -> bool {
        let mut trusted = self.options.arc_sealers.iter().filter_map(|known| domains::ascii(known));
        trusted.any(|known| known == sealer)
    }

    /// Without name servers only a pass of the very domain counts: nobody can tell how others are related.
    fn without_check(&self, domain: &str) -> Verdict {
        let mut passes = self.passes.dkim.iter().chain(&self.passes.spf);
        if passes.any(|passed| passed == domain) { Verdict::Aligned } else { Verdict::None }
    }
}

/// The results of RFC 8601, section 2.7, so that no other text gets on.
const RESULTS: [&str; 10] = [
    "pass",
    "fail",
    "softfail",
    "neutral",
    "none",
    "temperror",
    "permerror",
    "policy",
    "hardfail",
    "bestguesspass",
];

/// The verdict in results about this domain. If they contradict each other, the worse counts.
fn dmarc_of(results: &[MethodResult], domain: &str) -> Option<Verdict> {
    let mut verdict = None;
    for said in results.iter().filter(|said| said.method == "dmarc") {
        let about = said.property("header", "from").and_then(domains::of_address);
        if about.as_deref() != Some(domain) {
            continue;
        }
        match said.result.as_str() {
            "pass" if verdict.is_none() => verdict = Some(Verdict::Aligned),
            "fail" => verdict = Some(Verdict::Unaligned),
            _ => {}
        }
    }
    verdict
}

/// The domain that a result is about.
fn domain_of(method: Method, said: &MethodResult) -> Option<String> {
    let text = match method {
        Method::Dkim => said.property("header", "d").or_else(|| said.property("header", "i")),
        Method::Spf => said
            .property("smtp", "mailfrom")
            .filter(|text| !text.is_empty())
            .or_else(|| said.property("smtp", "helo")),
        Method::Dmarc => said.property("header", "from"),
        Method::Arc => None,
    };
    text.map(|text| text.trim_matches(['<', '>'])).and_then(domains::of_address)
}
