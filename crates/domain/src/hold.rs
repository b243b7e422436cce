//! Legal holds: whom one is about, in a form by which two spellings of the same key meet.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::{
    EmailAddress, KeyName, KeyValue, Personal, PhoneNumber,
    address::{EmailProblem, PhoneProblem},
    personal::in_the_clear,
};

const EMAIL: &str = "email";
const PHONE: &str = "phone";

/// How many of the last digits of a telephone number are compared. `+81 90 0000 0000` and `090-0000-0000` are one number;
/// with fewer digits a hold could stop the deletion of somebody else.
const DIGITS: usize = 9;

/// A key of a person on whom a legal hold is placed, or whose deletion is planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldKey {
    /// Which key, as manifests call it, such as `email` or `customer_id`.
    pub key: KeyName,
    /// Its value as it was written.
    #[serde(with = "in_the_clear")]
    pub value: Personal<String>,
}

/// Why a key cannot be placed on hold. The texts never show the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeldKeyProblem {
    /// No store finds people by it, so that a hold on it would stop nothing.
    #[error("no store finds people by this key; use one of: {}", known.join(", "))]
    Unknown {
        /// The keys that some store finds people by.
        known: Vec<String>,
    },
    /// Not a mail address.
    #[error(transparent)]
    Email(#[from] EmailProblem),
    /// Not a telephone number.
    #[error(transparent)]
    Phone(#[from] PhoneProblem),
    /// Empty, too long, or not a text.
    #[error("give a value of 1 to {} bytes without control characters", KeyValue::MAX_BYTES)]
    Value,
}

impl HeldKeyProblem {
    /// A short stable word.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "unknown-key",
            Self::Email(problem) => problem.code(),
            Self::Phone(problem) => problem.code(),
            Self::Value => "malformed",
        }
    }
}

impl HeldKey {
    /// Reads a key that staff place on hold; `known` are those that stores find people by. A mail address always is one.
    pub fn read<'k>(
        key: &str,
        value: &str,
        known: impl IntoIterator<Item = &'k KeyName>,
    ) -> Result<Self, HeldKeyProblem> {
        let mut known: BTreeSet<&str> = known.into_iter().map(KeyName::as_str).collect();
        known.insert(EMAIL);
        let unknown = || HeldKeyProblem::Unknown { known: known.iter().map(ToString::to_string).collect() };
        let name = KeyName::new(key).ok().filter(|name| known.contains(name.as_str())).ok_or_else(unknown)?;
        match key {
            EMAIL => drop(EmailAddress::parse(value)?),
            PHONE => drop(PhoneNumber::parse(value)?),
            _ => {}
        }
        let plain = KeyValue::new(value.trim()).filter(|value| !value.as_str().contains(char::is_control));
        Ok(Self { key: name, value: plain.ok_or(HeldKeyProblem::Value)?.personal() })
    }

    /// A key with its value.
    pub const fn new(key: KeyName, value: String) -> Self {
        Self { key, value: Personal::new(value) }
    }

    /// The form that is compared. Case, width and the blanks around a value do not matter, nor how a telephone number is
    /// written: where two spellings could mean one person, a hold stops the deletion and lets staff look.
    pub fn compared(&self) -> Personal<String> {
        let plain: String = self.value.expose().trim().nfkc().collect();
        let form = match self.key.as_str() {
            EMAIL => EmailAddress::parse(&plain).map(|address| address.lookup_form().into_inner()).ok(),
            PHONE => tail(&plain),
            _ => None,
        };
        Personal::new(form.unwrap_or_else(|| plain.to_lowercase()))
    }
}

/// The last digits of a telephone number; nothing if it has fewer.
fn tail(number: &str) -> Option<String> {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let first = digits.len().checked_sub(DIGITS)?;
    digits.get(first..).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(key: &str, value: &str) -> String {
        HeldKey::new(KeyName::new(key).unwrap(), value.to_owned()).compared().into_inner()
    }

    #[test]
    fn two_spellings_of_one_key_meet() {
        assert_eq!(compared("email", " Hanako@Example.JP "), compared("email", "hanako@example.jp"));
        assert_eq!(compared("phone", "+81 (0)90-0000-0000"), compared("phone", "090 0000 0000"));
        assert_eq!(compared("phone", "０９０-００００-００００"), compared("phone", "+819000000000"));
        assert_eq!(compared("customer_id", "c-4242"), compared("customer_id", " C-4242"));
    }

    #[test]
    fn two_people_do_not() {
        assert_ne!(compared("email", "hanako+a@example.jp"), compared("email", "hanako@example.jp"));
        assert_ne!(compared("phone", "+81 90 0000 0001"), compared("phone", "+81 90 0000 0000"));
        assert_ne!(compared("customer_id", "C-4242"), compared("customer_id", "C-424"));
    }

    #[test]
    fn what_is_no_number_is_compared_as_it_is() {
        assert_eq!(compared("phone", "Ext. 12"), "ext. 12");
        assert_eq!(compared("email", "not an address"), "not an address");
    }

    #[test]
    fn what_would_stop_nothing_is_refused() {
        let known = [KeyName::new("customer_id").unwrap(), KeyName::new("phone").unwrap()];
        let read =
            |key: &str, value: &str| HeldKey::read(key, value, &known).map_err(|problem| problem.code());
        assert!(read("email", "hanako@example.jp").is_ok());
        assert!(read("customer_id", "C-4242").is_ok());
        assert_eq!(read("order_id", "7"), Err("unknown-key"));
        assert_eq!(read("email", "hanako"), Err("malformed"));
        assert_eq!(read("phone", "090-0000-0000"), Err("malformed"));
        assert_eq!(read("customer_id", " "), Err("malformed"));
        let problem = HeldKey::read("order_id", "7", &known).unwrap_err();
        assert!(problem.to_string().ends_with("customer_id, email, phone"), "{problem}");
    }

    #[test]
    fn it_prints_no_value() {
        let key = HeldKey::new(KeyName::new("email").unwrap(), "hanako@example.jp".to_owned());
        assert!(!format!("{key:?}").contains("hanako"));
    }
}
