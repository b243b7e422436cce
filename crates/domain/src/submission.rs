//! Submissions: what somebody hands in, through whichever door. The API, the command line and the queue all screen
//! with [`Submission::read`], so that they judge alike.

mod agent;
mod child;
mod correction;
mod fields;
mod fingerprint;
mod object;
mod parts;
mod problem;
mod read;
mod schema;
mod submitter;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use agent::{Agent, Mandate, MandateKind, UnknownMandateKind};
pub use child::{Child, Guardian, NamedGuardian};
pub use correction::{Correction, CorrectionKind, UnknownCorrectionKind};
pub use problem::FieldProblem;
pub use schema::submission_schema;
pub use submitter::Submitter;

use crate::{
    Channel, EmailAddress, KeyName, KeyValue, Language, PersonName, PhoneNumber, RegimeId, Regimes, Right,
    address::in_the_clear, text::FreeText,
};

/// What a submission takes where it says nothing itself.
#[derive(Debug, Clone)]
pub struct SubmissionDefaults<'a> {
    /// The law it is under. Whom this one takes for a child is one too where the submission names another law.
    pub regime: RegimeId,
    /// The language the person is written to in.
    pub language: Language,
    /// The door it came through.
    pub channel: Channel,
    /// The present moment: when it arrived, if it does not say.
    pub now: DateTime<Utc>,
    /// The laws it can be under.
    pub regimes: &'a Regimes,
}

/// A screened submission. Serialises in the clear: write it encrypted only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// The law it is under.
    pub regime: RegimeId,
    /// The language the person is written to in.
    pub language: Language,
    /// How it reached the company.
    pub channel: Channel,
    /// When it reached the company, to the microsecond. The clock of the law starts here.
    pub received_at: DateTime<Utc>,
    /// Whether it said so itself; otherwise `received_at` is when it was read.
    pub received_at_given: bool,
    /// Who it is about.
    pub subject: Subject,
    /// Who asks on their behalf, if somebody does.
    #[serde(default)]
    pub agent: Option<Agent>,
    /// That it is about a child, if it is.
    #[serde(default)]
    pub child: Option<Child>,
    /// What is asked: at least one right, each once, in the order of [`Right::ALL`].
    pub rights: Vec<Right>,
    /// What is to be corrected; not empty when and only when a correction is asked.
    pub corrections: Vec<Correction>,
    /// What the person wrote.
    #[serde(with = "in_the_clear::option", default)]
    pub message: Option<FreeText>,
    /// The number of a ticket or case elsewhere.
    #[serde(with = "in_the_clear::option", default)]
    pub external_reference: Option<FreeText>,
}

/// The person a submission is about, as it names them. Nothing here is proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Where the proof of identity and every answer go.
    #[serde(with = "in_the_clear")]
    pub email: EmailAddress,
    /// Their name.
    #[serde(with = "in_the_clear::option", default)]
    pub name: Option<PersonName>,
    /// Their telephone number.
    #[serde(with = "in_the_clear::option", default)]
    pub phone: Option<PhoneNumber>,
    /// Further keys they gave, such as a customer number.
    #[serde(default)]
    pub identifiers: Vec<Identifier>,
}

/// A key that a person gave for themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identifier {
    /// The kind of key.
    pub key: KeyName,
    /// Its value.
    pub value: KeyValue,
}
