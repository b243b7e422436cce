//! Our own check: signatures, servers, seals, and what the sender's domain says about itself.

use std::time::Duration;

use habeas_domain::Personal;
use mail_auth::{
    ArcOutput, AuthenticatedMessage, DkimOutput, DkimResult, DmarcOutput, DmarcResult, Error, SpfOutput,
    SpfResult,
    common::{crypto::Algorithm, headers::Header},
    dkim::{DkimError, Signature},
    dmarc::verify::DmarcParameters,
    spf::{Spf, verify::SpfParameters},
};

use super::{Delivery, Dns, Evidence, Method, Remark, Source, domains, results};

/// The most signatures that are looked at: each costs its sender nothing, and us a question to a name server.
const MOST_SIGNATURES: usize = 8;

/// The most signatures of domains that have nothing to do with the sender's. They are shown to staff and settle nothing.
const MOST_FOREIGN: usize = 2;

/// How long the name servers of others than the sender's domain may take altogether: whoever writes a mail chooses them.
const FOREIGN: Duration = Duration::from_secs(3);

/// The most ARC sets that are looked at, for the same reason.
const MOST_SEALS: usize = 10;

/// Our name where a record asks for it; it is only used in explanations that nobody sees.
const RECEIVER: &str = "habeas.invalid";

/// What is checked.
pub(super) struct Facts<'x> {
    pub(super) raw: &'x [u8],
    /// The sender's domain.
    pub(super) domain: &'x str,
    pub(super) delivery: Option<&'x Delivery>,
    /// Whether our mail server has told the result of SPF already.
    pub(super) spf_known: bool,
}

/// Domains for which a check passed.
#[derive(Debug, Clone, Default)]
pub(super) struct Passes {
    pub(super) dkim: Vec<String>,
    pub(super) spf: Option<String>,
}

/// What the check found.
#[derive(Debug, Default)]
pub(super) struct Checked {
    pub(super) evidence: Vec<Evidence>,
    pub(super) remarks: Vec<Remark>,
    /// The sender's domain stands behind the mail.
    pub(super) aligned: bool,
    /// The sender's domain says how its mails can be told.
    pub(super) publishes: bool,
    /// The forwarder whose seal could not be checked now.
    pub(super) unchecked_seal: Option<String>,
    /// A forwarder's seal is whole: whose, and what it says.
    pub(super) sealed: Option<(String, Vec<results::MethodResult>)>,
    /// Some answer about the sender's own domain did not come. What others fail to answer is theirs, and settles nothing.
    pub(super) temporary: bool,
}

impl Checked {
    /// What is known when the limit is over.
    pub(super) fn late() -> Self {
        Self { temporary: true, remarks: vec![Remark::DnsUnavailable], ..Self::default() }
    }

    fn remark(&mut self, remark: Remark) {
        if !self.remarks.contains(&remark) {
            self.remarks.push(remark);
        }
    }

    /// An answer did not come. It counts where it was about the sender's own domain.
    fn late_answer(&mut self, own: bool) {
        self.temporary |= own;
        self.remark(Remark::DnsUnavailable);
    }
}

/// Checks a mail. `known` are passes that our mail server has told.
pub(super) async fn check(dns: &Dns, facts: &Facts<'_>, known: Passes) -> Checked {
    let mut checked = Checked::default();
    let Some(mut message) = AuthenticatedMessage::parse(facts.raw) else {
        checked.remark(Remark::Unreadable);
        return checked;
    };
    // Our own reading of the sender, so that no other one decides about alignment.
    message.from = vec![format!("sender@{}", facts.domain)];
    let foreign = select_signatures(&mut message, facts.domain, &mut checked);
    let mut passes = known;
    for output in &dns.authenticator().verify_dkim(&message).await {
        passes.dkim.extend(signature(output, facts.domain, &mut checked));
    }
    if let Some(domain) = server(dns, facts, &mut checked).await {
        passes.spf = Some(domain);
    }
    alignment(dns, &message, facts, &passes, &mut checked).await;
    // What strangers chose comes last and in bounded time: slow name servers must not decide about the sender.
    let rest = async {
        seals(dns, &message, &mut checked).await;
        message.dkim_headers = foreign;
        if !message.dkim_headers.is_empty() {
            for output in &dns.authenticator().verify_dkim(&message).await {
                signature(output, facts.domain, &mut checked);
            }
        }
    };
    if tokio::time::timeout(FOREIGN, rest).await.is_err() {
        checked.late_answer(false);
    }
    checked
}

/// Keeps the signatures that can matter, those of domains nearest to the sender's first, and takes out some of the others.
fn select_signatures<'x>(
    message: &mut AuthenticatedMessage<'x>,
    domain: &str,
    checked: &mut Checked,
) -> Vec<Header<'x, Signature>> {
    let all = message.dkim_headers.len();
    let headers = std::mem::take(&mut message.dkim_headers);
    // A domain that shares no more than the last label with the sender's cannot be of the same organisation.
    let (mut near, mut foreign): (Vec<_>, Vec<_>) =
        headers.into_iter().partition(|header| domains::shared_labels(&header.header.d, domain) > 1);
    near.sort_by_key(|header| std::cmp::Reverse(domains::shared_labels(&header.header.d, domain)));
    near.truncate(MOST_SIGNATURES);
    foreign.truncate(MOST_FOREIGN);
    if near.len() + foreign.len() < all {
        checked.remark(Remark::ManySignatures);
    }
    message.dkim_headers = near;
    if message.ams_headers.len() > MOST_SEALS {
        checked.remark(Remark::ManySignatures);
        message.ams_headers.clear();
    }
    foreign
}

/// One signature: its evidence, and its domain if it counts.
fn signature(output: &DkimOutput<'_>, from: &str, checked: &mut Checked) -> Option<String> {
    let domain = output.signature().and_then(|signature| domains::ascii(&signature.d));
    let own = domain.as_deref().is_some_and(|domain| domains::covers(domain, from));
    let result = match output.result() {
        DkimResult::Pass => match output.signature() {
            Some(signature) if signature.a == Algorithm::RsaSha1 => {
                checked.remark(Remark::WeakSignature);
                "policy"
            }
            Some(signature) if signature.h.iter().any(|name| name.trim().eq_ignore_ascii_case("from")) => {
                "pass"
            }
            _ => {
                checked.remark(Remark::FromNotSigned);
                "policy"
            }
        },
        DkimResult::Neutral(error) | DkimResult::Fail(error) => {
            if matches!(error, Error::Dkim(DkimError::SignatureLength)) {
                checked.remark(Remark::PartlySigned);
            }
            // A signature in the sender's name that does not fit says that such signatures are to be expected.
            checked.publishes |= own;
            if matches!(output.result(), DkimResult::Fail(_)) { "fail" } else { "neutral" }
        }
        DkimResult::TempError(_) => {
            let below = domain.as_deref().is_some_and(|domain| domains::covers(from, domain));
            checked.late_answer(own || below);
            "temperror"
        }
        DkimResult::PermError(_) => "permerror",
        DkimResult::None => "none",
    };
    let aligned = own && result == "pass";
    checked.evidence.push(Evidence::new(Method::Dkim, result, domain.as_deref(), aligned, Source::Checked));
    domain.filter(|_| result == "pass")
}

/// SPF: the domain that names the server, if one does.
async fn server(dns: &Dns, facts: &Facts<'_>, checked: &mut Checked) -> Option<String> {
    let delivery = facts.delivery.filter(|_| !facts.spf_known)?;
    let helo = domains::ascii(delivery.helo.expose()).unwrap_or_else(|| "unknown".to_owned());
    let (client, mail_from) = (*delivery.client.expose(), delivery.mail_from.expose().trim());
    // With the null address the greeting stands for it (RFC 7208, section 2.4).
    let domain = if mail_from.is_empty() { Some(helo.clone()) } else { domains::of_address(mail_from) }?;
    let question = if mail_from.is_empty() {
        SpfParameters::verify_ehlo(client, &helo, RECEIVER)
    } else {
        SpfParameters::verify_mail_from(client, &helo, RECEIVER, mail_from)
    };
    let own = domains::covers(&domain, facts.domain);
    let asked = dns.authenticator().verify_spf(question);
    // Of the sender's own domain it takes as long as it takes.
    let output = if own { Ok(asked.await) } else { tokio::time::timeout(FOREIGN, asked).await };
    let result = match output.as_ref().map(SpfOutput::result) {
        Ok(SpfResult::Pass) => "pass",
        Ok(SpfResult::Fail) => "fail",
        Ok(SpfResult::SoftFail) => "softfail",
        Ok(SpfResult::Neutral) => "neutral",
        Ok(SpfResult::None) => "none",
        Ok(SpfResult::PermError) => "permerror",
        Ok(SpfResult::TempError) | Err(_) => {
            checked.late_answer(own);
            "temperror"
        }
    };
    checked.publishes |= own && matches!(result, "fail" | "softfail");
    let aligned = own && result == "pass";
    checked.evidence.push(Evidence::new(Method::Spf, result, Some(&domain), aligned, Source::Checked));
    (result == "pass").then_some(domain)
}

/// The seals of forwarders.
async fn seals(dns: &Dns, message: &AuthenticatedMessage<'_>, checked: &mut Checked) {
    if message.ams_headers.is_empty() {
        return;
    }
    let output = dns.authenticator().verify_arc(message).await;
    let sealer = output.sets().last().and_then(|set| domains::ascii(&set.seal.header.d));
    let result = match output.result() {
        DkimResult::Pass => "pass",
        DkimResult::TempError(_) => {
            checked.late_answer(false);
            checked.unchecked_seal.clone_from(&sealer);
            "temperror"
        }
        _ => "fail",
    };
    checked.evidence.push(Evidence::new(Method::Arc, result, sealer.as_deref(), false, Source::Checked));
    if let (DkimResult::Pass, Some(sealer)) = (output.result(), sealer) {
        checked.sealed = Some((sealer, sealed_results(&output)));
    }
}

fn sealed_results(output: &ArcOutput<'_>) -> Vec<results::MethodResult> {
    let last = output.sets().last();
    last.map(|set| results::sealed(&String::from_utf8_lossy(set.results.value))).unwrap_or_default()
}

/// Whether one of the passes is of the sender's own domain, as that domain wants it judged.
async fn alignment(
    dns: &Dns,
    message: &AuthenticatedMessage<'_>,
    facts: &Facts<'_>,
    passes: &Passes,
    checked: &mut Checked,
) {
    let signatures: Vec<Signature> =
        passes.dkim.iter().map(|domain| Signature { d: domain.clone(), ..Signature::default() }).collect();
    let signed: Vec<DkimOutput<'_>> =
        signatures.iter().map(|signature| DkimOutput::pass().with_signature(signature)).collect();
    let spf = passes.spf.as_deref();
    let outcome = if spf.is_some() { SpfResult::Pass } else { SpfResult::None };
    let sent = SpfOutput::new(spf.unwrap_or_default().to_owned()).with_result(outcome);
    let question = DmarcParameters::new(message, &signed, spf.unwrap_or_default(), &sent);
    let output = dns.authenticator().verify_dmarc(question).await;
    let result = dmarc_result(&output, facts.domain, passes);
    match result {
        "temperror" => checked.late_answer(true),
        "pass" | "bestguesspass" => checked.aligned = true,
        "fail" => checked.publishes = true,
        _ => {}
    }
    if output.dmarc_record().is_none() && result == "none" && facts.delivery.is_some() {
        checked.publishes |= names_servers(dns, facts.domain, checked).await;
    }
    if result == "fail" && facts.delivery.is_none() && !facts.spf_known {
        checked.remark(Remark::DeliveryUnknown);
    }
    let aligned = checked.aligned;
    checked.evidence.push(Evidence {
        domain: Some(Personal::new(facts.domain.to_owned())),
        ..Evidence::new(Method::Dmarc, result, None, aligned, Source::Checked)
    });
}

/// The result as RFC 8601 names it; `bestguesspass` where the domain has no DMARC record and a pass is of the very
/// domain, or of one above it.
fn dmarc_result(output: &DmarcOutput, from: &str, passes: &Passes) -> &'static str {
    let each = [output.dkim_result(), output.spf_result()];
    if each.iter().any(|result| matches!(result, DmarcResult::Pass)) {
        return "pass";
    }
    if each.iter().any(|result| matches!(result, DmarcResult::TempError(_))) {
        return "temperror";
    }
    if output.dmarc_record().is_some() {
        return "fail";
    }
    let own = |domain: &String| domains::covers(domain, from);
    if passes.dkim.iter().chain(&passes.spf).any(own) { "bestguesspass" } else { "none" }
}

/// Whether a domain without a DMARC record says at least which servers it sends from.
async fn names_servers(dns: &Dns, domain: &str, checked: &mut Checked) -> bool {
    let none: Option<&mail_auth::common::cache::NoCache<Box<str>, mail_auth::Txt>> = None;
    match dns.authenticator().txt_lookup::<Spf>(domain, none).await {
        Ok(_) => true,
        Err(Error::Dns(mail_auth::DnsError::Resolver(_))) => {
            checked.late_answer(true);
            false
        }
        Err(_) => false,
    }
}
