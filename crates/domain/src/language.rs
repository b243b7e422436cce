//! The languages a person is written to in.

use serde::{Deserialize, Serialize};

use crate::words;

/// A language of mails, pages and packages. English prevails where the two differ (mission N26).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Japanese.
    Ja,
}

// By their BCP 47 tags.
words!(Language, or UnknownLanguage: En = "en", Ja = "ja");

/// A text that names no supported language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown language; use en or ja")]
pub struct UnknownLanguage;
