//! What was found, for staff and for machines.

use habeas_domain::{
    EmailAddress, Personal, address, personal::in_the_clear, received_mail::SenderAuthentication,
};
use serde::{Deserialize, Serialize};

use super::Remark;

/// The judgement on a sender. Serialises in the clear: write it sealed only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authenticated {
    /// Whether the domain in `From` stands behind the mail.
    pub verdict: SenderAuthentication,
    /// The address that was judged: the only one in `From`. A reader that shows another one must not show this verdict.
    #[serde(with = "address::in_the_clear::option", default)]
    pub from: Option<EmailAddress>,
    /// Why.
    pub evidence: Vec<Evidence>,
    /// What else staff should know.
    pub remarks: Vec<Remark>,
    /// Whether the same check may say more later, because name servers did not answer.
    pub try_again: bool,
}

impl Authenticated {
    /// The verdict for a mail whose sender is shown as `shown`: none where that is not the address that was judged, so
    /// that no two ways of reading `From` can lend one sender the verdict of another.
    pub fn verdict_for(&self, shown: Option<&EmailAddress>) -> SenderAuthentication {
        let same = self
            .from
            .as_ref()
            .zip(shown)
            .is_some_and(|(judged, shown)| judged.lookup_form() == shown.lookup_form());
        if same { self.verdict } else { SenderAuthentication::None }
    }
}

/// One result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Which method.
    pub method: Method,
    /// Its result, as RFC 8601, section 2.7, names it: `pass`, `fail`, `softfail`, `neutral`, `none`, `temperror`,
    /// `permerror`, `policy`; `bestguesspass` where a domain without a DMARC record passed all the same.
    pub result: String,
    /// The domain it speaks of.
    #[serde(with = "in_the_clear::option", default)]
    pub domain: Option<Personal<String>>,
    /// Whether it passed for the sender's own domain.
    pub aligned: bool,
    /// Who found it.
    pub source: Source,
    /// The same in words for staff. Holds nothing of the mail.
    pub words: String,
}

/// How a sender can be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// The sending server is one that the domain names (RFC 7208).
    Spf,
    /// The domain signed the mail (RFC 6376).
    Dkim,
    /// A forwarder sealed what it found (RFC 8617).
    Arc,
    /// One of these is of the very domain in `From` (RFC 9989).
    Dmarc,
}

impl Method {
    /// The name in RFC 8601, section 2.7.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Spf => "spf",
            Self::Dkim => "dkim",
            Self::Arc => "arc",
            Self::Dmarc => "dmarc",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Spf, Self::Dkim, Self::Arc, Self::Dmarc]
            .into_iter()
            .find(|method| method.as_str().eq_ignore_ascii_case(text))
    }
}

/// Who found a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Our own check.
    Checked,
    /// Our mail server, in `Authentication-Results`.
    Reported,
    /// A forwarder that is believed, in what it sealed.
    Forwarder,
}

impl Evidence {
    pub(super) fn new(
        method: Method,
        result: &str,
        domain: Option<&str>,
        aligned: bool,
        source: Source,
    ) -> Self {
        let domain = domain.filter(|domain| !domain.is_empty());
        Self {
            method,
            result: result.to_owned(),
            domain: domain.map(|domain| Personal::new(domain.to_owned())),
            aligned,
            source,
            words: words(method, result, aligned, source),
        }
    }
}

fn words(method: Method, result: &str, aligned: bool, source: Source) -> String {
    let finder = match source {
        Source::Checked => "Checked here",
        Source::Reported => "Our mail server says",
        Source::Forwarder => "A trusted forwarder says",
    };
    let whose = if aligned { "the sender's own domain" } else { "another domain than the sender's" };
    let found = match (method, result) {
        (Method::Dkim, "pass") => format!("a signature of {whose} is valid"),
        (Method::Dkim, "none") => "the mail is not signed".to_owned(),
        (Method::Dkim, other) => format!("a signature does not count ({other})"),
        (Method::Spf, "pass") => format!("it came from a server that {whose} names"),
        (Method::Spf, "none" | "neutral") => {
            "the sending domain does not say which servers it uses".to_owned()
        }
        (Method::Spf, other) => format!("it did not come from a server that its domain names ({other})"),
        (Method::Dmarc, "pass") => "the sender's domain stands behind the mail".to_owned(),
        (Method::Dmarc, "bestguesspass") => {
            "the sender's domain stands behind the mail, without saying how its mails can be told".to_owned()
        }
        (Method::Dmarc, "none") => "the sender's domain does not say how its mails can be told".to_owned(),
        (Method::Dmarc, "temperror") => "the sender's domain could not be asked".to_owned(),
        (Method::Dmarc, _) => "the sender's domain does not stand behind the mail".to_owned(),
        (Method::Arc, "pass") => "the seals of its forwarders are whole".to_owned(),
        (Method::Arc, other) => format!("the seals of its forwarders do not count ({other})"),
    };
    format!("{finder}: {found}.")
}
