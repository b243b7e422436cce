//! What is written to a person: the content of each mail, apart from its wording and its sending, so that
//! every worker and the API can order a mail without depending on the one that sends it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{Outcome, Personal, Right, personal::in_the_clear};

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
    pub note: Option<String>,
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
    /// Sent to every address on file before a deletion begins: what will happen, when, and how to stop it. Says nothing
    /// about what is held, and names nobody.
    DeletionNotice {
        /// When the request arrived.
        received_at: DateTime<Utc>,
        /// The earliest moment at which the deletion begins.
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

/// The kind of [`Letter::DeletionNotice`].
pub const DELETION_NOTICE: &str = "deletion-notice";

/// The kinds of the letters that ask the person, at the address that the request names, to show who they are.
pub const ASKS_THE_PERSON: [&str; 3] = ["verify", "verify-for-agent", "verify-child"];

impl Letter {
    /// Whether it may greet the person by the name that the request gave. A warning may not: it goes to addresses that
    /// whoever made the request may not know.
    pub const fn greets(&self) -> bool {
        use crate::PaperKind::{GuardianProof, Mandate};
        !matches!(
            self,
            Self::DeletionNotice { .. }
                | Self::ControllerNotice { .. }
                | Self::OnFileCode { .. }
                | Self::PaperWanted { kind: Mandate | GuardianProof, .. }
        ) && !self.is_to_an_agent()
    }

    /// Whether its "you" is the person whose data it is about, whoever reads it for them.
    pub const fn is_written_to_the_person(&self) -> bool {
        self.greets() && !matches!(self, Self::VerifyGuardian { .. })
    }

    /// Whether it goes to the agent who asked and not to the person.
    pub const fn is_to_an_agent(&self) -> bool {
        matches!(
            self,
            Self::VerifyAgent { .. }
                | Self::AgentResult { .. }
                | Self::AgentDownloadCode { .. }
                | Self::AgentLapsed { .. }
                | Self::PaperWanted { kind: crate::PaperKind::Mandate, .. }
        )
    }

    /// Whether it tells the person, where somebody acts for them, how to end that. Not what goes to other addresses
    /// than the one that the person has proven.
    pub const fn tells_how_to_end_an_agent(&self) -> bool {
        self.greets() && !matches!(self, Self::ConfirmNewAddress { .. })
    }

    /// Whether it asks the person what else they may be known by, since nothing was found.
    pub fn asks_what_else(&self) -> bool {
        let may = |report: &JobReport| report.outcome == Outcome::NothingHeld && report.right.can_be_asked_anew();
        matches!(self, Self::JobEnded(report) if may(report))
    }

    /// The language of the recipient, where that is not the person.
    pub const fn language(&self) -> Option<crate::Language> {
        match self {
            Self::ControllerNotice { language, .. } => Some(*language),
            _ => None,
        }
    }

    /// Whether a machine writes it because the submission arrived, before anybody has looked at that.
    pub const fn answers_the_submission(&self) -> bool {
        matches!(
            self,
            Self::Received { .. }
                | Self::Verify { .. }
                | Self::VerifyForAgent { .. }
                | Self::VerifyChild { .. }
                | Self::VerifyAgent { .. }
        )
    }

    /// Whether something waits until its reader acts on it, so that it must be known when it did not arrive.
    pub const fn needs_its_reader(&self) -> bool {
        matches!(
            self,
            Self::Verify { .. }
                | Self::VerifyForAgent { .. }
                | Self::VerifyChild { .. }
                | Self::VerifyGuardian { .. }
                | Self::VerifyAgent { .. }
                | Self::ConfirmNewAddress { .. }
                | Self::PaperWanted { .. }
                | Self::DownloadCode { .. }
                | Self::AgentDownloadCode { .. }
                | Self::OnFileCode { .. }
        )
    }

    /// A short stable word for logs, columns and the demo's report.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Received { .. } => "received",
            Self::Verify { .. } => ASKS_THE_PERSON[0],
            Self::VerifyForAgent { .. } => ASKS_THE_PERSON[1],
            Self::VerifyChild { .. } => ASKS_THE_PERSON[2],
            Self::VerifyGuardian { .. } => "verify-guardian",
            Self::VerifyAgent { .. } => "verify-agent",
            Self::ConfirmNewAddress { .. } => "confirm-new-address",
            Self::DeletionNotice { .. } => DELETION_NOTICE,
            Self::ControllerNotice { .. } => "controller-notice",
            Self::PaperWanted { .. } => "paper-wanted",
            Self::DownloadCode { .. } => "download-code",
            Self::AgentResult { .. } => "agent-result",
            Self::AgentDownloadCode { .. } => "agent-download-code",
            Self::AgentLapsed { .. } => "agent-lapsed",
            Self::PackageRenewed { .. } => "package-renewed",
            Self::JobEnded(report) => match report.outcome {
                Outcome::Done => "job-done",
                Outcome::PartlyDone => "job-partly-done",
                Outcome::NothingHeld => "job-nothing-held",
                Outcome::Refused => "job-refused",
                Outcome::Withdrawn => "job-withdrawn",
                Outcome::Unverified => "job-unverified",
                Outcome::Disowned => "job-disowned",
                Outcome::Referred => "job-referred",
            },
            Self::JobDelayed { .. } => "job-delayed",
            Self::DueDateChanged { .. } => "due-date-changed",
            Self::OnFileCode { .. } => "on-file-code",
            Self::AddressKept => "address-kept",
            Self::Lapsed { .. } => "lapsed",
        }
    }
}
