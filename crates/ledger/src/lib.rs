//! The state database: the one durable truth. It holds every request, job, task, key, deadline and mail;
//! the queue only carries ids and can be wiped without losing or doubling work.
//!
//! Every change is one transaction that also writes its audit entries and, for work that is now due, outbox rows.
//! Personal columns are sealed under a key per request (`habeas-vault`). What a worker writes about a piece of
//! work is fenced: it carries the number of the lease, and counts only while that lease is the latest.

mod accept;
mod acknowledge;
mod address_kept;
mod agent;
mod among;
mod announce;
mod another;
mod any_of;
mod api_token;
mod approve;
mod attempts;
mod audit;
mod begin;
mod bounded;
mod challenge;
mod changed_contact;
mod changes;
mod claim;
mod clock;
mod closing;
mod conclude;
mod confirm_copy;
mod connect;
mod contacts;
mod corrupt;
mod dispute;
mod due;
mod each;
mod entity;
mod erasure;
mod error;
mod evidence;
mod fail;
mod fence;
mod finding;
mod gauges;
mod grace;
mod guardian;
mod handed_out;
mod hold;
mod inbox;
mod job_step;
mod kept_before;
mod lapse;
mod literal;
mod look_up;
mod lookup;
mod mail;
mod near_due;
mod new_address;
mod on_file;
mod package;
mod page;
mod paper;
mod plan;
mod prove;
mod prune;
mod purge;
mod purpose;
mod race;
mod receipt;
mod received;
mod replan;
mod requeue;
mod review;
mod rewrap;
mod scope;
mod sealed;
mod seen;
mod signs;
mod staff;
mod standing;
mod take_back;
mod task;
mod thread;
mod to_run;
mod unasked;
mod undelivered;
mod unit;
mod verification_step;
mod view;
mod work_counts;
mod work_list;
mod work_view;

pub use accept::{AcceptRefused, Accepted, NewRequest};
pub use acknowledge::Unacknowledged;
pub use agent::{AgentEnded, AgentRecord, BatchSummary};
pub use announce::Outgoing;
pub use api_token::{NewToken, TokenRecord};
pub use approve::ApproveOutcome;
pub use attempts::{Attempt, AttemptLimit, KnownBy, Tried};
pub use audit::{AuditBreak, AuditProgress, AuditReport, Checkpoint};
pub use challenge::{ChallengeRecord, CodeTry, NewChallenge, PhoneCode};
pub use claim::{Claimed, Lease};
pub use closing::{
    ClosingRefused, ClosingView, PastClosing, RUN_LEASE, ReErased, ReErasing, Reopened, RunState, RunView,
    StoreClosed,
};
pub use conclude::{AgentCopy, Conclusion, NewPackage, NewReceipt};
pub use connect::LedgerOptions;
pub use corrupt::{Listed, Unreadable};
pub use dispute::{Dispute, DisputeDecision, StopStanding};
pub use due::Abandoned;
pub use erasure::{Back, Erased, Erasure, HoldsOnErased, PersonBack};
pub use error::LedgerError;
pub use evidence::IdentityView;
pub use fail::{Failed, Next};
pub use finding::{
    DecidedFinding, FindingDetail, FindingOutcome, FindingState, FindingView, NewFinding, OpinionView,
};
pub use gauges::{Gauges, OpenByDue, OutboxBacklog};
pub use grace::Noticed;
pub use guardian::GuardianStanding;
pub use hold::{
    HeldJobView, HoldEnd, HoldLifted, HoldPlaced, HoldToWiden, HoldView, KeysMoved, NewHold, RewrappedHolds,
    SharedWithHeld, StandingHolds,
};
pub use inbox::QueueSubmission;
pub use mail::{MailState, MailToSend};
pub use near_due::NearDue;
pub use package::PackageRecord;
pub use page::{Cursor, MalformedCursor, Page};
pub use paper::{PaperAsk, PaperDetail, PaperView, judged_papers_leave_nothing};
pub use plan::{JobPlan, NewReferral, Notice, Planned, PlannedJob};
pub use prove::{Presented, Proof, Proven};
pub use prune::Pruned;
pub use purge::PurgeBefore;
pub use purpose::Purpose;
pub use receipt::{RECEIPT, ReceiptRecord};
pub use received::{
    ClaimedMail, ForStaff, FormAnswer, FormEnd, FormLease, FormOrder, MOST_MAILS_AT_ONCE, MailContent,
    MailDecision, MailDelivery, MailLease, MailNearDue, MailPlace, MailReading, MailVerdict, MailboxPlace,
    MailboxPosition, MailboxStanding, ManyMails, NewReceivedMail, OpenMailbox, PutBack, ReadReceivedMail,
    ReceivedMailFilter, ReceivedMailView, RewrappedMails, StoredMail, WaitingMails, WaitingState, WholeMail,
    mailbox_standings,
};
pub use requeue::MOST_REQUEUED;
pub use rewrap::Rewrapped;
pub use scope::{Scope, UnknownScope};
pub use sealed::{ActingAgent, OpenRequest};
pub use signs::{Guessed, Sign};
pub use staff::Withdrawn;
pub use standing::Standing;
pub use task::{TaskDone, TaskReport};
pub use thread::Threaded;
pub use to_run::JobToRun;
pub use undelivered::{MailCameBack, Undelivered};
pub use view::{ApprovalView, JobView, MailView, RequestFilter, RequestView, TaskView, WaitsFor};
pub use work_counts::{ParkedFault, WorkCount};
pub use work_list::WorkFilter;
pub use work_view::{FaultView, WorkView};

use std::sync::Arc;

use habeas_domain::Ids;
use habeas_vault::Vault;
use sea_orm::DatabaseConnection;

/// A handle on the state database. Cheap to clone.
#[derive(Clone)]
pub struct Ledger(Arc<Inner>);

struct Inner {
    db: bounded::Bounded<DatabaseConnection>,
    vault: Vault,
    ids: Ids,
    announcer: announce::Announcer,
}

impl Ledger {
    /// The vault that seals this ledger's personal columns.
    pub fn vault(&self) -> &Vault {
        &self.0.vault
    }

    /// Where this ledger's ids and moments come from.
    pub fn ids(&self) -> &Ids {
        &self.0.ids
    }

    fn db(&self) -> &bounded::Bounded<DatabaseConnection> {
        &self.0.db
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ledger")
    }
}
