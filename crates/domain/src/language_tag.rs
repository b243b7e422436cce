//! The languages that somebody may write in.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Language;

/// A language that somebody writes in, by its BCP 47 tag in lower case (RFC 5646), such as `ja`, `de` or `zh-hant`. Unlike
/// [`Language`], in which people are written to, it is data: a file of rules brings a new one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LanguageTag(String);

/// A text that is no tag of a language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a language tag; write one in lower case, such as ja, de or zh-hant")]
pub struct NoLanguageTag;

/// The longest tag, in characters (RFC 5646, section 4.4.1).
const LONGEST: usize = 35;

impl LanguageTag {
    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// This language as one of those that letters are written in, if it is one.
    pub fn of_letters(&self) -> Option<Language> {
        self.0.split('-').next().and_then(|primary| primary.parse().ok())
    }
}

impl FromStr for LanguageTag {
    type Err = NoLanguageTag;
    fn from_str(text: &str) -> Result<Self, NoLanguageTag> {
        let mut subtags = text.split('-');
        let is_lower = |c: char| c.is_ascii_lowercase();
        let is_primary =
            subtags.next().is_some_and(|tag| matches!(tag.len(), 2..=3) && tag.chars().all(is_lower));
        let is_further =
            |tag: &str| matches!(tag.len(), 1..=8) && tag.chars().all(|c| is_lower(c) || c.is_ascii_digit());
        let is_tag = is_primary && text.len() <= LONGEST && subtags.all(is_further);
        is_tag.then(|| Self(text.to_owned())).ok_or(NoLanguageTag)
    }
}

impl TryFrom<String> for LanguageTag {
    type Error = NoLanguageTag;
    fn try_from(text: String) -> Result<Self, NoLanguageTag> {
        text.parse()
    }
}

impl From<LanguageTag> for String {
    fn from(tag: LanguageTag) -> Self {
        tag.0
    }
}

impl From<Language> for LanguageTag {
    fn from(language: Language) -> Self {
        Self(language.as_str().to_owned())
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_told_from_other_words() {
        for tag in ["ja", "de", "fil", "zh-hant", "de-1996", "pt-br"] {
            assert_eq!(tag.parse::<LanguageTag>().map(String::from).as_deref(), Ok(tag));
        }
        for other in ["", "d", "german", "DE", "de_at", "de-", "de--at", "d1", &"de-abcdefgh".repeat(4)] {
            assert_eq!(other.parse::<LanguageTag>(), Err(NoLanguageTag), "{other}");
        }
    }

    #[test]
    fn letters_are_written_in_some() {
        let letters = |tag: &str| tag.parse::<LanguageTag>().ok().and_then(|tag| tag.of_letters());
        assert_eq!(letters("ja"), Some(Language::Ja));
        assert_eq!(letters("en-gb"), Some(Language::En));
        assert_eq!(letters("de"), None);
    }
}
