//! Opt-in (de)serialisation of checked personal texts, for types that are only ever written encrypted, or shown to
//! the person or to staff. Reading checks again.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

use super::{EmailAddress, PhoneNumber};
use crate::text::{FreeText, PersonName};

/// A checked text about a person.
pub trait CheckedText: Sized {
    /// Reads and checks it. The error says the fix and never the value.
    fn check(text: &str) -> Result<Self, String>;
    /// The text.
    fn text(&self) -> &str;
}

macro_rules! checked_text {
    ($($name:ident),+) => {$(
        impl CheckedText for $name {
            fn check(text: &str) -> Result<Self, String> {
                Self::parse(text).map_err(|problem| problem.to_string())
            }
            fn text(&self) -> &str {
                self.as_str()
            }
        }
    )+};
}

checked_text!(EmailAddress, PhoneNumber, PersonName, FreeText);

/// Writes the text itself.
pub fn serialize<T: CheckedText, S: Serializer>(value: &T, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(value.text())
}

/// Reads the text and checks it.
pub fn deserialize<'de, T: CheckedText, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    let text = Cow::<'de, str>::deserialize(from)?;
    T::check(&text).map_err(D::Error::custom)
}

/// The same for fields that may be empty; add `#[serde(default)]`.
pub mod option {
    use std::borrow::Cow;

    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

    use super::CheckedText;

    /// Writes the text itself, or nothing.
    pub fn serialize<T: CheckedText, S: Serializer>(value: &Option<T>, out: S) -> Result<S::Ok, S::Error> {
        value.as_ref().map(CheckedText::text).serialize(out)
    }

    /// Reads the text and checks it, or nothing.
    pub fn deserialize<'de, T: CheckedText, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
        let text = Option::<Cow<'de, str>>::deserialize(from)?;
        text.map(|text| T::check(&text)).transpose().map_err(D::Error::custom)
    }
}
