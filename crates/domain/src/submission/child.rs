//! Requests about a child, and the parent or guardian who stands for it.

use serde::{Deserialize, Serialize};

use super::{
    fields,
    object::{Fault, Object},
    problem::Problems,
};
use crate::{EmailAddress, PersonName, Regime, address::in_the_clear};

/// That the person is a child under the request's law. How old exactly is compared and not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Child {
    /// Who stands for it, if they are named.
    #[serde(default)]
    pub guardian: Option<Guardian>,
    /// Whether an age was given, and is that of a child. Without it, a guardian whom the stores hold may be that of somebody
    /// grown up, and somebody has to look.
    #[serde(default)]
    pub age_given: bool,
}

/// A parent or guardian whom staff name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedGuardian {
    /// Who.
    pub guardian: Guardian,
    /// The child's age in years, if it is known. Compared with the law's and not kept.
    pub child_age: Option<u8>,
}

/// Somebody who says that they are the parent or the guardian. Nothing here is proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guardian {
    /// Their name.
    #[serde(with = "in_the_clear")]
    pub name: PersonName,
    /// Their own address, to which their link goes, and every answer once they are verified.
    #[serde(with = "in_the_clear")]
    pub email: EmailAddress,
}

/// Reads `child`; nothing if there is none, or if it is wrong, which is then noted. Somebody is a child whom one of `regimes`
/// takes for one: naming another law takes nobody's protection away.
pub(super) fn read(
    root: &Object<'_>,
    regimes: [Option<&Regime>; 2],
    problems: &mut Problems,
) -> Option<Child> {
    let child = Object::open("child", root.get("child")?, fields::CHILD, problems)?;
    if root.get("agent").is_some() {
        problems.add("agent", "not-wanted", "for a child, name the parent or guardian in child.guardian");
    }
    let country = child.text("country", problems, country);
    let age = child.number("age", 0..=120, problems);
    let limit = regimes.into_iter().flatten().map(|regime| regime.child.age_in(country.as_deref())).max();
    if age.zip(limit).is_some_and(|(age, limit)| age >= u64::from(limit)) {
        let message = "under this law somebody of that age asks for themselves; leave child out";
        problems.add("child.age", "not-wanted", message);
    }
    let guardian = child.get("guardian").and_then(|value| {
        let guardian = Object::open("child.guardian", value, fields::GUARDIAN, problems)?;
        let name = guardian.required_text("name", problems, |text| {
            PersonName::parse(text).map_err(|problem| (problem.code(), problem.to_string()))
        });
        let email = guardian.required_text("email", problems, |text| {
            EmailAddress::parse(text).map_err(|problem| (problem.code(), problem.to_string()))
        });
        Some(Guardian { name: name?, email: email? })
    });
    Some(Child { guardian, age_given: age.is_some() })
}

fn country(text: &str) -> Result<String, Fault> {
    let fit = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    fit.then(|| text.to_owned()).ok_or_else(|| {
        ("malformed", "write the country as two capital letters (ISO 3166-1), such as FR".to_owned())
    })
}
