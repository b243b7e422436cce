//! What letters are made of.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{Outcome, Personal, RefusalNote, Right, personal::in_the_clear};

/// A text in both languages; English prevails (mission N26).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bilingual {
    /// In English.
    pub en: String,
    /// In Japanese.
    pub ja: String,
}

impl Bilingual {
    /// The text in one language.
    pub fn get(&self, language: crate::Language) -> &str {
        match language {
            crate::Language::En => &self.en,
            crate::Language::Ja => &self.ja,
        }
    }
}

/// Whose word a request goes by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// The person's, who confirmed it from an address of theirs.
    #[default]
    Person,
    /// That of an agent, whose mandate was accepted; the person has not confirmed it themselves.
    Agent,
    /// That of the parent or guardian of a child.
    Guardian,
}

impl Word {
    /// The name used in templates.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Agent => "agent",
            Self::Guardian => "guardian",
        }
    }
}

/// Where a package can be fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageLink {
    /// The page that asks for a fresh code. Holds a secret.
    #[serde(with = "in_the_clear")]
    pub url: Personal<String>,
    /// When the link ends.
    pub expires_at: DateTime<Utc>,
    /// How often the package can be fetched.
    pub downloads: u32,
}

/// Something that stays, why, and until when (mission N17).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// What stays, such as the title of a collection.
    pub what: Bilingual,
    /// Why, as the manifest says.
    pub reason: Bilingual,
    /// The last day on which any of it is kept; nothing if the rule names no date.
    pub until: Option<NaiveDate>,
    /// How many rows.
    pub rows: u64,
}

/// A company on whose orders data are held: it answers for them (mission N19).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referral {
    /// What people call it.
    pub name: Bilingual,
    /// Where to write to.
    pub email: String,
    /// Its page.
    pub url: String,
}

/// Why a request was refused: a reason that the regime allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The reason.
    pub reason: Bilingual,
    /// The article that allows it.
    pub article: String,
    /// What staff added.
    pub note: Option<RefusalNote>,
}

/// Why a part of a correction was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhyUnmet {
    /// No store that knows the person has a field of that meaning.
    NoField,
    /// There are such fields, and no record of the person holds a value that the correction would replace.
    NothingToReplace,
    /// The value was changed by somebody else after the approval, and was left alone.
    ChangedSince,
}

/// A part of a correction that was not made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmet {
    /// What people call it: a category of data, or a collection.
    pub what: Bilingual,
    /// Why it was not made.
    pub why: WhyUnmet,
}

/// How one job ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobReport {
    /// Which right.
    pub right: Right,
    /// How it ended.
    pub outcome: Outcome,
    /// How many stores were asked.
    pub stores: u32,
    /// How many rows were copied, deleted or changed.
    pub rows: u64,
    /// The package, for rights that give a copy.
    pub package: Option<PackageLink>,
    /// What stays.
    pub kept: Vec<Kept>,
    /// What could not be done: the titles of the products whose stores did not answer.
    pub undone: Vec<String>,
    /// Which parts of a correction were not made, and why.
    #[serde(default)]
    pub unmet: Vec<Unmet>,
    /// In how many of the stores the work was found done when it was counted: an attempt before had been cut off
    /// between changing the store and reporting it, so that its rows are not among `rows`.
    #[serde(default)]
    pub uncounted: u32,
    /// Why it was refused.
    pub refusal: Option<Refusal>,
    /// The number of the signed receipt, for rights that change stores.
    pub receipt: Option<String>,
    /// Whom the person is referred to: everybody on whose orders data are held, whether or not of this person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub referrals: Vec<Referral>,
}
