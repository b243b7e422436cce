//! What can be said of a letter by its kind: whom it goes to, what it waits for, what it may say.

use super::{JobReport, Letter};
use crate::Outcome;

/// The kind of [`Letter::DeletionNotice`].
pub const DELETION_NOTICE: &str = "deletion-notice";

/// The kind of [`Letter::RestDeleted`].
pub const REST_DELETED: &str = "rest-deleted";

/// The kinds of the letters that ask the person, at the address that the request names, to show who they are.
pub const ASKS_THE_PERSON: [&str; 3] = [VERIFY, VERIFY_FOR_AGENT, VERIFY_CHILD];

/// The kinds of the letters without which nobody can show who the person is.
pub const ASKS_FOR_PROOF: [&str; 4] = [VERIFY, VERIFY_FOR_AGENT, VERIFY_CHILD, VERIFY_GUARDIAN];

/// The kinds of the letters that confirm to the person that the request arrived, and say what happens next.
pub const CONFIRMS_RECEIPT: [&str; 4] = [RECEIVED, VERIFY, VERIFY_FOR_AGENT, VERIFY_CHILD];

const RECEIVED: &str = "received";
const VERIFY: &str = "verify";
const VERIFY_FOR_AGENT: &str = "verify-for-agent";
const VERIFY_CHILD: &str = "verify-child";
const VERIFY_GUARDIAN: &str = "verify-guardian";

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
        let may =
            |report: &JobReport| report.outcome == Outcome::NothingHeld && report.right.can_be_asked_anew();
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

    /// Every word that [`Letter::kind`] gives.
    pub const KINDS: [&str; 29] = [
        RECEIVED,
        VERIFY,
        VERIFY_FOR_AGENT,
        VERIFY_CHILD,
        VERIFY_GUARDIAN,
        "verify-agent",
        "confirm-new-address",
        DELETION_NOTICE,
        "controller-notice",
        "paper-wanted",
        "download-code",
        "agent-result",
        "agent-download-code",
        "agent-lapsed",
        "package-renewed",
        "job-done",
        "job-partly-done",
        "job-nothing-held",
        "job-refused",
        "job-withdrawn",
        "job-unverified",
        "job-disowned",
        "job-referred",
        "job-delayed",
        REST_DELETED,
        "due-date-changed",
        "on-file-code",
        "address-kept",
        "lapsed",
    ];

    /// A short stable word for logs, columns and the demo's report.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Received { .. } => RECEIVED,
            Self::Verify { .. } => VERIFY,
            Self::VerifyForAgent { .. } => VERIFY_FOR_AGENT,
            Self::VerifyChild { .. } => VERIFY_CHILD,
            Self::VerifyGuardian { .. } => VERIFY_GUARDIAN,
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
            Self::RestDeleted { .. } => REST_DELETED,
            Self::DueDateChanged { .. } => "due-date-changed",
            Self::OnFileCode { .. } => "on-file-code",
            Self::AddressKept => "address-kept",
            Self::Lapsed { .. } => "lapsed",
        }
    }
}
