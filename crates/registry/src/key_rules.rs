//! How a key may be used: what makes two values equal, how far it spreads, and what contradicts it.

use habeas_domain::{KeyName, KeyValue};
use serde::Serialize;

/// The key that a person proves by clicking a link in a mail. Every chain of keys starts here.
pub const START_KEY: &str = "email";

/// How the values of a key are compared. Always in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compare {
    /// Character by character.
    Exact,
    /// Without regard to case, as for mail addresses.
    Caseless,
}

impl Compare {
    /// The value in the form in which equal values are identical.
    #[must_use]
    pub fn canonical(self, value: &KeyValue) -> KeyValue {
        match self {
            Self::Exact => value.clone(),
            Self::Caseless => value.folded(),
        }
    }

    /// Whether two values are the same key.
    pub fn same(self, one: &KeyValue, other: &KeyValue) -> bool {
        self.canonical(one) == self.canonical(other)
    }
}

/// The rules of one key, the same in every store (`[[key]]` in a manifest).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyRules {
    /// Its name.
    pub name: KeyName,
    /// The most values that one person can have. More stop the request for a person to look (else 100).
    pub ceiling: u32,
    /// Whether several people may share a value, such as an office telephone. Values that rows hold of a
    /// shared key are never looked up; only a verified one is.
    pub shared: bool,
    /// How its values are compared (else exact; `email` caseless).
    pub compare: Compare,
    /// Whether a value belongs to one person only. A row that holds another value than the verified ones, in
    /// a field that is no alternate, contradicts them and stops the request (else false; `email` true).
    pub identifying: bool,
    /// How its values look, as a regular expression: by it mails are searched for values of this key, written with full-width
    /// characters or not. The first group is the value, or else the whole match. Decides nothing about any store.
    #[serde(skip)]
    pub pattern: Option<String>,
}

impl KeyRules {
    /// The rules of a key that no manifest declares.
    pub fn default_of(name: KeyName) -> Self {
        let start = name.as_str() == START_KEY;
        let compare = if start { Compare::Caseless } else { Compare::Exact };
        Self { name, ceiling: 100, shared: false, compare, identifying: start, pattern: None }
    }

    /// Whether the value found in a row, in a field that is an alternate or not, contradicts what the person
    /// proved. Nothing does as long as no value of this key was verified.
    pub fn contradicts(&self, alternate: bool, found: &KeyValue, verified: &[KeyValue]) -> bool {
        let known = verified.is_empty() || verified.iter().any(|value| self.compare.same(value, found));
        self.identifying && !alternate && !known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> KeyValue {
        KeyValue::new(text).unwrap()
    }

    #[test]
    fn another_persons_address_contradicts() {
        let email = KeyRules::default_of(KeyName::new("email").unwrap());
        let verified = [value("Taro@Example.jp")];
        assert!(!email.contradicts(false, &value("taro@example.JP"), &verified));
        assert!(email.contradicts(false, &value("hanako@example.jp"), &verified));
        assert!(!email.contradicts(true, &value("hanako@example.jp"), &verified), "a further address");
        assert!(!email.contradicts(false, &value("hanako@example.jp"), &[]), "nothing to contradict");
        let order = KeyRules::default_of(KeyName::new("order_id").unwrap());
        assert!(!order.contradicts(false, &value("2"), &[value("1")]), "a person has many orders");
    }
}
