//! [`Personal`], the wrapper of everything that is about a person.

use std::fmt;

use zeroize::Zeroize;

/// What a redacted value shows in logs, panics and `{:?}`.
pub const REDACTED: &str = "[personal]";

/// A value about a person. It has no `Display`, prints as [`REDACTED`] in `Debug`, and does not serialise
/// unless a field opts in with `#[serde(with = "habeas_domain::personal::in_the_clear")]`.
///
/// Mission promise 8: no personal data in logs, traces, metrics or queue messages.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Personal<T>(T);

impl<T> Personal<T> {
    /// Marks a value as being about a person.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Every call is a place to ask where the value goes next.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value itself, by move.
    pub fn into_inner(self) -> T {
        self.0
    }

    /// Changes the value without taking it out of the wrapper.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Personal<U> {
        Personal(change(self.0))
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl<T> From<T> for Personal<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Zeroize> Zeroize for Personal<T> {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

/// Opt-in (de)serialisation for types that are only ever written encrypted, or shown to the person or to staff.
pub mod in_the_clear {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Personal;

    /// Writes the value itself.
    pub fn serialize<T: Serialize, S: Serializer>(value: &Personal<T>, out: S) -> Result<S::Ok, S::Error> {
        value.expose().serialize(out)
    }

    /// Reads the value itself.
    pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Personal<T>, D::Error> {
        T::deserialize(from).map(Personal::new)
    }

    /// The same for fields that may be empty; add `#[serde(default)]`.
    pub mod option {
        use serde::{Deserialize, Deserializer, Serialize, Serializer};

        use super::Personal;

        /// Writes the value itself, or nothing.
        pub fn serialize<T: Serialize, S: Serializer>(
            value: &Option<Personal<T>>,
            out: S,
        ) -> Result<S::Ok, S::Error> {
            value.as_ref().map(Personal::expose).serialize(out)
        }

        /// Reads the value itself, or nothing.
        pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
            from: D,
        ) -> Result<Option<Personal<T>>, D::Error> {
            Ok(Option::<T>::deserialize(from)?.map(Personal::new))
        }
    }

    /// The same for lists.
    pub mod list {
        use serde::{Deserialize, Deserializer, Serialize, Serializer};

        use super::Personal;

        /// Writes the values themselves.
        pub fn serialize<T: Serialize, S: Serializer>(
            values: &[Personal<T>],
            out: S,
        ) -> Result<S::Ok, S::Error> {
            out.collect_seq(values.iter().map(Personal::expose))
        }

        /// Reads the values themselves.
        pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
            from: D,
        ) -> Result<Vec<Personal<T>>, D::Error> {
            Ok(Vec::<T>::deserialize(from)?.into_iter().map(Personal::new).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_value() {
        let shown = format!("{:?}", Some(Personal::new("hanako@example.jp")));
        assert_eq!(shown, "Some([personal])");
    }
}
