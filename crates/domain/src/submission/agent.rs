//! Who asks on somebody else's behalf.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    fields::{self, MAX_REFERENCE_CHARS},
    object::Object,
    problem::Problems,
};
use crate::{
    EmailAddress, PersonName,
    address::in_the_clear,
    text::{FreeText, TextRule},
    words,
};

/// Somebody who says that they act for the person (mission N14). Nothing here is proven, and nothing is sent to them:
/// the person confirms directly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Their name.
    #[serde(with = "in_the_clear")]
    pub name: PersonName,
    /// Their address.
    #[serde(with = "in_the_clear")]
    pub email: EmailAddress,
    /// The organisation they act for.
    #[serde(with = "in_the_clear::option", default)]
    pub organisation: Option<PersonName>,
    /// What they say empowers them.
    pub mandate: Mandate,
}

/// What empowers an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mandate {
    /// Its kind.
    pub kind: MandateKind,
    /// Its number or mark, by which a mandate that is used for several people is noticed.
    #[serde(with = "in_the_clear::option", default)]
    pub reference: Option<FreeText>,
    /// The last day on which it holds, if it says one.
    #[serde(default)]
    pub valid_until: Option<NaiveDate>,
    /// SHA-256 of the document, in hexadecimal, if the agent names it: then no other document is taken for it.
    #[serde(default)]
    pub sha256: Option<String>,
}

/// The kinds of mandate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MandateKind {
    /// A permission that the person signed (11 CCR 7063(a)).
    SignedPermission,
    /// A power of attorney.
    PowerOfAttorney,
    /// By law, such as a parent or a guardian.
    Statutory,
}

words!(MandateKind, or UnknownMandateKind:
    SignedPermission = "signed-permission", PowerOfAttorney = "power-of-attorney", Statutory = "statutory",
);

/// A text that names no kind of mandate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown mandate; use signed-permission, power-of-attorney or statutory")]
pub struct UnknownMandateKind;

/// Reads `agent`; nothing if there is none, or if it is wrong, which is then noted.
pub(super) fn read(
    root: &Object<'_>,
    subject: Option<&EmailAddress>,
    problems: &mut Problems,
) -> Option<Agent> {
    let agent = Object::open("agent", root.get("agent")?, fields::AGENT, problems)?;
    let name = agent.required_text("name", problems, person_name);
    let email = agent.required_text("email", problems, |text| {
        EmailAddress::parse(text).map_err(|problem| (problem.code(), problem.to_string()))
    });
    let organisation = agent.text("organisation", problems, person_name);
    let kind = agent.required_text("mandate", problems, |text| {
        text.parse::<MandateKind>().map_err(|error| ("unknown-value", error.to_string()))
    });
    let reference = agent.text("reference", problems, |text| {
        FreeText::clean(text, TextRule::line(MAX_REFERENCE_CHARS))
            .map_err(|problem| (problem.code(), problem.to_string()))
    });
    let valid_until = agent.text("valid_until", problems, |text| {
        text.parse::<NaiveDate>().map_err(|_| fault("malformed", "write a day as YYYY-MM-DD"))
    });
    let sha256 = agent.text("sha256", problems, |text| {
        let fit = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let malformed = || fault("malformed", "write the SHA-256 of the document in 64 hexadecimal digits");
        fit.then(|| text.to_ascii_lowercase()).ok_or_else(malformed)
    });
    let same =
        email.as_ref().zip(subject).is_some_and(|(one, other)| one.lookup_form() == other.lookup_form());
    if same {
        problems.add(
            "agent.email",
            "not-wanted",
            "this is the person's own address, to which the proof of identity goes; give the agent's, or leave agent out",
        );
    }
    let mandate = Mandate { kind: kind?, reference, valid_until, sha256 };
    Some(Agent { name: name?, email: email?, organisation, mandate })
}

fn fault(code: &'static str, message: &str) -> super::object::Fault {
    (code, message.to_owned())
}

fn person_name(text: &str) -> Result<PersonName, super::object::Fault> {
    PersonName::parse(text).map_err(|problem| (problem.code(), problem.to_string()))
}
