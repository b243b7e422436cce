//! What is written to a person: the content of each mail, apart from its wording and its sending, so that
//! every worker and the API can order a mail without depending on the one that sends it.

mod nature;
mod parts;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

pub use nature::{ASKS_FOR_PROOF, ASKS_THE_PERSON, CONFIRMS_RECEIPT, DELETION_NOTICE, REST_DELETED};
pub use parts::{Bilingual, JobReport, Kept, PackageLink, Referral, Refusal, Unmet, WhyUnmet, Word};

use crate::{Personal, Right, personal::in_the_clear};

/// What notices were about before they said it.
const fn deletion() -> Right {
    Right::Deletion
}

/// One mail's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "letter", rename_all = "kebab-case")]
pub enum Letter {
    /// The request arrived.
    Received {
        /// What was asked.
        rights: Vec<Right>,
        /// When it arrived.
        received_at: DateTime<Utc>,
        /// The last day for an answer.
        due_on: NaiveDate,
    },
    /// Please show that it is you.
    Verify {
        /// What was asked.
        rights: Vec<Right>,
        /// The single-use link.
        #[serde(with = "in_the_clear")]
        link: Personal<String>,
        /// When the link ends.
        link_expires_at: DateTime<Utc>,
        /// The 8-digit code.
        #[serde(with = "in_the_clear")]
        code: Personal<String>,
        /// When the code ends.
        code_expires_at: DateTime<Utc>,
    },
    /// Somebody asks on your behalf: please confirm that you want it, and that it is you. Sent to the person alone.
    VerifyForAgent {
        /// What was asked.
        rights: Vec<Right>,
        /// Who asks, as they say.
        #[serde(with = "in_the_clear")]
        agent_name: Personal<String>,
        /// For which organisation, as they say.
        #[serde(with = "in_the_clear::option", default)]
        organisation: Option<Personal<String>>,
        /// Their address.
        #[serde(with = "in_the_clear")]
        agent_email: Personal<String>,
        /// Whether the law lets their mandate stand in for the person's own word, once staff have accepted it.
        #[serde(default)]
        mandate_counts: bool,
        /// The single-use link.
        #[serde(with = "in_the_clear")]
        link: Personal<String>,
        /// When the link ends.
        link_expires_at: DateTime<Utc>,
        /// The 8-digit code.
        #[serde(with = "in_the_clear")]
        code: Personal<String>,
        /// When the code ends.
        code_expires_at: DateTime<Utc>,
    },
    /// Sent to the address that somebody gave who asks on people's behalf: please show that it is yours. Names nobody for
    /// whom they ask. Before it nobody else is written to.
    VerifyAgent {
        /// The single-use link.
        #[serde(with = "in_the_clear")]
        link: Personal<String>,
        /// When the link ends.
        link_expires_at: DateTime<Utc>,
        /// The 8-digit code.
        #[serde(with = "in_the_clear")]
        code: Personal<String>,
        /// When the code ends.
        code_expires_at: DateTime<Utc>,
    },
    /// Sent to the address that a request about a child names, in words that a child understands: it can confirm the
    /// address, and nothing is done without a parent or guardian.
    VerifyChild {
        /// What was asked.
        rights: Vec<Right>,
        /// Whether a parent or guardian is named, and was written to.
        guardian: bool,
        /// The single-use link.
        #[serde(with = "in_the_clear")]
        link: Personal<String>,
        /// When the link ends.
        link_expires_at: DateTime<Utc>,
        /// The 8-digit code.
        #[serde(with = "in_the_clear")]
        code: Personal<String>,
        /// When the code ends.
        code_expires_at: DateTime<Utc>,
    },
    /// Sent to the own address of somebody who was named as the parent or guardian of a child. Names no child.
    VerifyGuardian {
        /// What was asked.
        rights: Vec<Right>,
        /// The single-use link.
        #[serde(with = "in_the_clear")]
        link: Personal<String>,
        /// When the link ends.
        link_expires_at: DateTime<Utc>,
    },
    /// Sent to a new address before it replaces the old one.
    ConfirmNewAddress {
        /// The single-use link.
        #[serde(with = "in_the_clear")]
        link: Personal<String>,
        /// When the link ends.
        link_expires_at: DateTime<Utc>,
    },
    /// Sent to every address on file before what cannot be undone: a deletion, another address or number for the person, or
    /// whatever is done on the word of somebody else. What will happen, when, and how to stop it. Says nothing about what is
    /// held, and names nobody.
    DeletionNotice {
        /// What will be done.
        #[serde(default = "deletion")]
        right: Right,
        /// Whose word it goes by.
        #[serde(default)]
        word: Word,
        /// When the request arrived.
        received_at: DateTime<Utc>,
        /// The earliest moment at which it begins.
        not_before: DateTime<Utc>,
        /// Whether a copy of the data is delivered first.
        copy_first: bool,
        /// The single-use link to the page with the button that stops it.
        #[serde(with = "in_the_clear")]
        link: Personal<String>,
        /// When the link ends.
        link_expires_at: DateTime<Utc>,
    },
    /// Sent to a company on whose orders data are held: a person came to us. Says nothing about what is held.
    ControllerNotice {
        /// What was asked.
        rights: Vec<Right>,
        /// When it arrived.
        received_at: DateTime<Utc>,
        /// The address that the person has proven to be theirs, by which they can be found and written to.
        #[serde(with = "in_the_clear")]
        person: Personal<String>,
        /// The language of the company.
        language: crate::Language,
    },
    /// Staff ask for a paper: what it is to show, what to cover, and what becomes of it. Goes to whoever can give it, who
    /// is not the person where it is about somebody who acts for them.
    PaperWanted {
        /// What it is to show.
        kind: crate::PaperKind,
        /// The single-use link to the page that takes it.
        #[serde(with = "in_the_clear")]
        link: Personal<String>,
        /// When the link ends.
        link_expires_at: DateTime<Utc>,
        /// For how many days it is kept at the most, if nobody decides.
        days: u32,
    },
    /// A code to open a package.
    DownloadCode {
        /// The 8-digit code.
        #[serde(with = "in_the_clear")]
        code: Personal<String>,
        /// When the code ends.
        code_expires_at: DateTime<Utc>,
    },
    /// Sent to the agent who acts for the person, where the person lets them have the results: a job ended.
    AgentResult {
        /// Which right.
        right: Right,
        /// The package, for rights that give a copy of which there is something.
        package: Option<PackageLink>,
    },
    /// Sent to the agent who asked: a request of theirs was not confirmed in time, by the person or by themselves. Names
    /// nobody for whom they ask.
    AgentLapsed {
        /// What was asked.
        rights: Vec<Right>,
        /// Whether it waited for the agent to show that this address is theirs. Then it stands for all requests of theirs that
        /// ended on that day for the same reason.
        unproven: bool,
    },
    /// A code for an agent to open a package that the person lets them have.
    AgentDownloadCode {
        /// The 8-digit code.
        #[serde(with = "in_the_clear")]
        code: Personal<String>,
        /// When the code ends.
        code_expires_at: DateTime<Utc>,
    },
    /// A new link to a package that is still kept; the one before ends.
    PackageRenewed {
        /// The right that the package fulfils.
        right: Right,
        /// The new link.
        package: PackageLink,
    },
    /// A job ended.
    JobEnded(JobReport),
    /// A job did what it could, and part of it still waits for a store. Nothing is claimed that did not happen.
    JobDelayed {
        /// Which right.
        right: Right,
        /// How many stores are done.
        stores_done: u32,
        /// The titles of the products whose stores are still open.
        open: Vec<String>,
        /// The last day for an answer.
        due_on: NaiveDate,
    },
    /// What a rule kept of a deletion is deleted as well, since the rule's time is over (mission N17).
    RestDeleted {
        /// How many rows were deleted or changed.
        rows: u64,
        /// In how many stores.
        stores: u32,
        /// What stays all the same, because its records do not tell when its time ends.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        kept: Vec<Kept>,
        /// The number of the signed receipt.
        receipt: String,
    },
    /// The last day for an answer changed.
    DueDateChanged {
        /// The day before.
        from: NaiveDate,
        /// The day now.
        to: NaiveDate,
        /// Why.
        reason: String,
    },
    /// A code for an address on file: somebody who proves who they are named something that leads to it. Names nobody.
    OnFileCode {
        /// The 8-digit code.
        #[serde(with = "in_the_clear")]
        code: Personal<String>,
        /// When the code ends.
        code_expires_at: DateTime<Utc>,
    },
    /// Somebody asked that answers go to another address; they go where they went.
    AddressKept,
    /// Nobody confirmed in time; nothing was looked up.
    Lapsed {
        /// What was asked.
        rights: Vec<Right>,
    },
}
