//! On whose behalf the data of a store are held.

use habeas_domain::{Bilingual, EmailAddress, Language};
use serde::{Deserialize, Serialize};

/// Whether the company decides about a store's data, or only holds them for somebody else (GDPR art. 4(7), 4(8)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The company decides why and how.
    Controller,
    /// The company holds the data on another company's orders: people are referred there (mission N19).
    Processor,
}

impl Role {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Controller, Self::Processor];

    /// The word that manifests use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Controller => "controller",
            Self::Processor => "processor",
        }
    }
}

/// Who decides about the data of a store that is held for somebody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Controller {
    /// What people call it.
    pub name: Bilingual,
    /// Where requests of people are passed on to.
    #[serde(serialize_with = "as_text")]
    pub email: EmailAddress,
    /// Where people find it: a page that begins with `https://`.
    pub url: String,
    /// The language it is written to in (else English).
    pub language: Language,
}

fn as_text<S: serde::Serializer>(email: &EmailAddress, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(email.as_str())
}
