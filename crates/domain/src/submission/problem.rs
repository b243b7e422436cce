//! What is wrong with a submission, field by field.

use serde::Serialize;

use crate::suggest::distance;

/// One thing that is wrong, with the fix. Never shows the value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldProblem {
    /// Where, such as `subject.email` or `rights[1]`; `submission` for the whole.
    pub field: String,
    /// A short stable word, such as `required` or `wrong-type`.
    pub code: &'static str,
    /// What to do about it, in English.
    pub message: String,
}

/// Collects problems while a submission is read.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<FieldProblem>);

impl Problems {
    /// More than this many help nobody, and an answer must not grow with a hostile input.
    const MAX: usize = 100;

    /// Adds one.
    pub(super) fn add(&mut self, field: impl Into<String>, code: &'static str, message: impl Into<String>) {
        if self.0.len() < Self::MAX {
            self.0.push(FieldProblem { field: field.into(), code, message: message.into() });
        }
    }

    /// What was read, if nothing is wrong with it.
    pub(super) fn judge<T>(mut self, read: Option<T>) -> Result<T, Vec<FieldProblem>> {
        match read {
            Some(read) if self.0.is_empty() => Ok(read),
            Some(_) => Err(self.0),
            None => {
                if self.0.is_empty() {
                    self.add("submission", "malformed", "the submission could not be read");
                }
                Err(self.0)
            }
        }
    }
}

/// An unknown field as it may be shown: only what looks like the name of a field, since anything else may be a value
/// that slipped into the wrong place.
pub(super) fn showable(name: &str) -> Option<&str> {
    let plain = name.len() <= 40
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphabetic() || c == '_' || c == '-');
    plain.then_some(name)
}

/// The known name that `name` was probably meant to be.
pub(super) fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let plain = showable(name)?.to_ascii_lowercase().replace('-', "_");
    let close = known.iter().map(|candidate| (distance(&plain, candidate), *candidate));
    close
        .filter(|(steps, candidate)| *steps <= 2 && *steps < candidate.len())
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_name_the_close_field_only() {
        let known = ["rights", "regime", "message"];
        assert_eq!(nearest("right", &known), Some("rights"));
        assert_eq!(nearest("Regime", &known), Some("regime"));
        assert_eq!(nearest("colour", &known), None);
        assert_eq!(nearest("taro@example.jp", &known), None);
    }

    #[test]
    fn only_names_of_fields_are_shown() {
        assert_eq!(showable("colour"), Some("colour"));
        for value in ["taro@example.jp", "09000000000", "a b", "", "山田", &"x".repeat(41)] {
            assert_eq!(showable(value), None);
        }
    }
}
