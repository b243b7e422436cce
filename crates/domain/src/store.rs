//! The names that manifests and connectors share.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A name that breaks the rules of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a {kind}: {rule}")]
pub struct MalformedName {
    /// What it should name.
    pub kind: &'static str,
    /// The rule it breaks.
    pub rule: &'static str,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $rule:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks and wraps a name.
            pub fn new(name: impl Into<String>) -> Result<Self, MalformedName> {
                let name = name.into();
                let check: fn(&str) -> bool = $check;
                if check(&name) { Ok(Self(name)) } else { Err(MalformedName { kind: $kind, rule: $rule }) }
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = MalformedName;
            fn try_from(name: String) -> Result<Self, MalformedName> {
                Self::new(name)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl FromStr for $name {
            type Err = MalformedName;
            fn from_str(name: &str) -> Result<Self, MalformedName> {
                Self::new(name)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($kind, ":{}"), self.0)
            }
        }
    };
}

fn plain(name: &str, inner: &[char]) -> bool {
    (1..=63).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || inner.contains(&c))
}

/// Identifiers of a database may hold almost anything; they are always quoted.
fn identifier(name: &str) -> bool {
    (1..=255).contains(&name.len()) && !name.chars().any(char::is_control)
}

name!(
    /// A registered data store. Part of a queue's name.
    StoreName, "store name", "use 1 to 63 of a-z 0-9 - _, beginning with a letter", |name| plain(name, &['-', '_']));
name!(
    /// A collection of a store: a table, optionally with its schema (`public.customer`), a bucket, an index.
    CollectionName, "collection name", "use 1 to 255 characters without control characters", identifier);
name!(
    /// A field of a collection: a column, an attribute.
    FieldName, "field name", "use 1 to 255 characters without control characters", identifier);
name!(
    /// A kind of key, such as `email` or `customer_id`.
    KeyName, "key name", "use 1 to 63 of a-z 0-9 _, beginning with a letter", |name| plain(name, &['_']));
name!(
    /// One of the people whom a row is about, such as `caller`.
    SideName, "side's name", "use 1 to 63 of a-z 0-9 _, beginning with a letter", |name| plain(name, &['_']));
name!(
    /// A category of personal data, such as `user.contact.email`.
    Category, "category", "use 1 to 63 of a-z 0-9 _ and dots, beginning with a letter",
    |name| plain(name, &['_', '.']) && name.split('.').all(|part| !part.is_empty()));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_rules() {
        assert!(StoreName::new("shop-2").is_ok());
        assert!(StoreName::new("Shop").is_err());
        assert!(StoreName::new("../etc").is_err());
        assert!(CollectionName::new("weird \"table\"; --").is_ok(), "quoted, so allowed");
        assert!(CollectionName::new("a\0b").is_err());
        assert!(Category::new("user..email").is_err());
        assert!(Category::new("user.contact.email").is_ok());
    }
}
