//! Values with where they come from.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Bilingual;

/// How sure we are of a legal parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Not sure, or the law is open to two readings: check with counsel.
    Unsure,
    /// Common knowledge of the field; the wording was not read: check with counsel.
    General,
    /// The wording was read.
    Stated,
}

impl Confidence {
    /// Whether staff are told to check with counsel.
    pub const fn needs_counsel(self) -> bool {
        !matches!(self, Self::Stated)
    }

    /// An article as staff read it, with a word of caution where one is due.
    pub(super) fn cite(self, article: &str) -> Bilingual {
        let caution =
            |words| if self.needs_counsel() { format!("{article}{words}") } else { article.to_owned() };
        Bilingual { en: caution("; check with counsel"), ja: caution("(法務に要確認)") }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unsure => "unsure",
            Self::General => "general",
            Self::Stated => "stated",
        })
    }
}

/// A value with the article that sets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// The article, or `policy` where the law leaves it to the company.
    pub article: String,
    /// How sure we are.
    pub confidence: Confidence,
}

impl<T> Sourced<T> {
    /// The article as staff read it, with a word of caution where one is due.
    pub fn cited(&self) -> Bilingual {
        self.confidence.cite(&self.article)
    }
}
