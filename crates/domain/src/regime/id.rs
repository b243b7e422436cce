//! The name of a regime.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The short name of a law, such as `eu_gdpr`: 2 to 40 of `a-z 0-9 _`, beginning with a letter.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RegimeId(String);

/// A text that is not the name of a regime.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a regime: use 2 to 40 of a-z 0-9 _, beginning with a letter, such as eu_gdpr")]
pub struct MalformedRegimeId;

impl RegimeId {
    /// Checks and wraps a name.
    pub fn new(text: impl Into<String>) -> Result<Self, MalformedRegimeId> {
        let text = text.into();
        let fit = (2..=40).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if fit { Ok(Self(text)) } else { Err(MalformedRegimeId) }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RegimeId {
    type Err = MalformedRegimeId;
    fn from_str(text: &str) -> Result<Self, MalformedRegimeId> {
        Self::new(text)
    }
}

impl TryFrom<String> for RegimeId {
    type Error = MalformedRegimeId;
    fn try_from(text: String) -> Result<Self, MalformedRegimeId> {
        Self::new(text)
    }
}

impl From<RegimeId> for String {
    fn from(id: RegimeId) -> Self {
        id.0
    }
}

impl fmt::Display for RegimeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for RegimeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "regime:{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_snake_case() {
        assert!(RegimeId::new("eu_gdpr").is_ok());
        for wrong in ["", "x", "EU_GDPR", "eu-gdpr", "1eu", "../eu", "eu gdpr"] {
            assert_eq!(RegimeId::new(wrong), Err(MalformedRegimeId), "{wrong}");
        }
    }
}
