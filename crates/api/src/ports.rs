//! What the API asks of others. The daemon hands it in.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use habeas_domain::{
    Actor, BatchId, Deadline, Fault, FieldProblem, HeldKey, KeyName, MailChoice, PaperKind, Personal,
    PhoneNumber, ReceivedMailId, Regimes, RequestId, Right, StoreName,
    deadline::ExtensionRefused,
    submission::{NamedGuardian, Submitter},
    text::FreeText,
};
use habeas_ledger::{Accepted, Ledger, LedgerError, OpenRequest, PaperView, RequestView};

/// Everything that the API reaches.
#[derive(Clone)]
pub struct Ports {
    /// The state database.
    pub ledger: Ledger,
    /// The regimes as this deployment applies them.
    pub regimes: Arc<Regimes>,
    /// Those of them under which requests are taken.
    pub taken: Arc<Regimes>,
    /// Takes submissions.
    pub receive: Arc<dyn Receive>,
    /// Takes mails as requests.
    pub accept_mail: Arc<dyn AcceptMail>,
    /// Counts extended deadlines.
    pub extend: Arc<dyn ExtendRules>,
    /// Records who saw personal data.
    pub witness: Arc<dyn Witness>,
    /// What the stores hold of how a person can be reached.
    pub contacts: Arc<dyn Contacts>,
    /// Finds the further keys of people on legal hold.
    pub further_keys: Arc<dyn FurtherKeys>,
    /// Asks for papers and takes them.
    pub papers: Arc<dyn Papers>,
    /// Names guardians of children.
    pub guardians: Arc<dyn Guardians>,
    /// Mails people their links again.
    pub mail_again: Arc<dyn MailAgain>,
    /// The keys that the stores find people by.
    pub keys: Arc<[KeyName]>,
    /// Messages that were given up.
    pub dead_letters: Arc<dyn DeadLetters>,
    /// Erases again in restored stores.
    pub restored: Arc<dyn RestoredStores>,
}

/// The room behind every door for submissions.
#[async_trait]
pub trait Receive: Send + Sync + 'static {
    /// Screens a submission and takes it. The idempotency key is the caller's own; it must be kept apart from the
    /// keys of other callers and doors.
    async fn receive(
        &self,
        body: &serde_json::Value,
        by: Submitter,
        idempotency_key: Option<String>,
    ) -> Result<Accepted, ReceiveRefused>;

    /// Takes many requests of one agent, each on its own. Fails only if the batch as a whole is wrong. The laws that its lines
    /// name are the agent's word, whoever hands it in.
    async fn receive_batch(&self, batch: BatchBody<'_>, actor: Actor) -> Result<BatchAnswer, ReceiveRefused>;
}

/// Many requests of one agent, as they came.
#[derive(Debug)]
pub struct BatchBody<'a> {
    /// What the caller calls the batch.
    pub name: &'a str,
    /// Who asks.
    pub agent: &'a serde_json::Value,
    /// The lines.
    pub requests: Vec<serde_json::Value>,
}

/// What became of a batch: of each line, in its order.
#[derive(Debug)]
pub struct BatchAnswer {
    /// The batch.
    pub id: BatchId,
    /// The request that a line became, or what is wrong with the line.
    pub lines: Vec<Result<Accepted, Vec<FieldProblem>>>,
}

/// The way from a mail that came in to a request.
#[async_trait]
pub trait AcceptMail: Send + Sync + 'static {
    /// Takes a mail as a request because `by` says so. A repeat makes no second request.
    async fn accept(
        &self,
        mail: ReceivedMailId,
        choice: MailChoice,
        by: Actor,
    ) -> Result<Accepted, ReceiveRefused>;
}

/// Why a submission was not taken. Nothing was kept.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveRefused {
    /// It has problems, field by field.
    #[error("the submission has problems in {} of its fields", .0.len())]
    Problems(Vec<FieldProblem>),
    /// The idempotency key came with another submission before.
    #[error("this idempotency key was used for another submission; choose a new one")]
    KeyReused,
    /// It could not be stored.
    #[error("the request could not be stored")]
    Failed(#[source] Fault),
    /// The mail that it is made of does not allow it.
    #[error("the mail cannot be taken as a request")]
    Mail(#[source] LedgerError),
}

/// The law's rules for moving a due date.
pub trait ExtendRules: Send + Sync + 'static {
    /// The deadline of an open request with its regime's extension, decided now.
    fn extension(&self, request: &RequestView) -> Result<Deadline, ExtensionRefused>;
}

/// What somebody saw of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// What the person handed in.
    Submission,
    /// What a job would do to their data.
    Plan,
    /// What was shown of who they are.
    Evidence,
    /// What staff wrote about papers.
    Papers,
    /// The file of a paper.
    PaperContent,
    /// What the request stopped at.
    Findings,
}

impl Seen {
    /// The word for the audit trail.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submission => "submission",
            Self::Plan => "plan",
            Self::Evidence => "evidence",
            Self::Papers => "papers",
            Self::PaperContent => "paper-content",
            Self::Findings => "findings",
        }
    }
}

/// Looks up how a person can be reached, in the stores and nowhere else.
#[async_trait]
pub trait Contacts: Send + Sync + 'static {
    /// The telephone numbers on file for the person of a request, under every address that they have proven.
    async fn phones(&self, request: &OpenRequest) -> Result<Vec<PhoneNumber>, Fault>;
}

/// Finds the further keys of a person, in the stores and nowhere else.
#[async_trait]
pub trait FurtherKeys: Send + Sync + 'static {
    /// Those that the stores hold of the person whom these keys find, but for shared ones.
    async fn of(&self, keys: &[HeldKey]) -> Result<Vec<HeldKey>, Fault>;
}

/// Asks for papers and takes them, as the configuration allows.
#[async_trait]
pub trait Papers: Send + Sync + 'static {
    /// Asks for a paper: mails whoever can give it a link.
    async fn ask(
        &self,
        request: RequestId,
        kind: PaperKind,
        reason: FreeText,
        by: Actor,
    ) -> Result<PaperView, LedgerError>;

    /// Takes a paper that reached staff.
    async fn add(
        &self,
        request: RequestId,
        kind: PaperKind,
        content: Personal<Vec<u8>>,
        by: Actor,
    ) -> Result<PaperView, LedgerError>;
}

/// Names the guardian of a child.
#[async_trait]
pub trait Guardians: Send + Sync + 'static {
    /// Takes a request for one about a child, and mails this guardian their link.
    async fn name(&self, request: RequestId, named: NamedGuardian, by: Actor) -> Result<(), LedgerError>;
}

/// Mails people again what they say never came.
#[async_trait]
pub trait MailAgain: Send + Sync + 'static {
    /// Mails the person of a request their link again: to prove who they are while the request waits for that, else to
    /// confirm the new address that a correction waits for, and to each package that is kept for them.
    async fn mail_again(&self, request: RequestId, by: Actor) -> Result<Vec<MailedAgain>, MailAgainRefused>;
}

/// A link that was mailed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailedAgain {
    /// With which a person, and a child's guardian, proves who they are.
    Verification,
    /// With which somebody confirms the new address that a correction names.
    NewAddress,
    /// To the package of the job with this right.
    Package(Right),
}

impl MailedAgain {
    /// The word for what the link leads to, and the right that it is about.
    pub const fn parts(self) -> (&'static str, Option<Right>) {
        match self {
            Self::Verification => ("verification", None),
            Self::NewAddress => ("new-address", Some(Right::Correction)),
            Self::Package(right) => ("package", Some(right)),
        }
    }
}

/// Why nothing was mailed again.
#[derive(Debug, thiserror::Error)]
pub enum MailAgainRefused {
    /// It waits for no link, and no package is kept.
    #[error(
        "it waits for no link of the person, and no package is kept for them: there is nothing to mail again"
    )]
    Nothing,
    /// As many as may be sent in a day were.
    #[error(
        "the person was mailed as many links as may be sent in 24 hours; ask them to look where spam goes, or try tomorrow"
    )]
    TooMany,
    /// Somebody at an address on file says, or was found right in saying, that it is not theirs.
    #[error(
        "somebody at an address on file says that this request is not theirs: nothing is mailed about it"
    )]
    Disputed,
    /// Its agent has not shown who they are, or was barred.
    #[error(
        "it waits for its agent, and nobody else is written to before: mail the agent again, or drop them"
    )]
    WaitsForAgent,
    /// The request could not be read or changed.
    #[error("the request cannot be mailed about")]
    Ledger(#[from] LedgerError),
    /// It could not be done now.
    #[error("the mail could not be ordered")]
    Failed(#[from] Fault),
}

/// Keeps the audit trail of looking at personal data.
#[async_trait]
pub trait Witness: Send + Sync + 'static {
    /// Records, before anything is shown, that `by` sees this of the request's person.
    async fn saw(&self, request: RequestId, by: Actor, what: Seen) -> Result<(), LedgerError>;
}

/// A message that no worker could read, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its id, as its publisher chose it; may be empty.
    pub id: String,
    /// On which queue it arrived.
    pub queue: String,
    /// Why it was given up, without the content.
    pub reason: String,
    /// Size of its content in bytes.
    pub bytes: u64,
}

/// Messages that were given up.
#[async_trait]
pub trait DeadLetters: Send + Sync + 'static {
    /// The names of all queues of the deployment.
    fn queues(&self) -> Vec<String>;

    /// The oldest of them, of one queue or of all.
    async fn list(&self, queue: Option<&str>, limit: usize) -> Result<Vec<DeadLetter>, Fault>;

    /// Puts those of one queue back. Returns how many.
    async fn revive(&self, queue: &str, limit: usize) -> Result<u64, Fault>;
}

/// An order to erase again in a restored store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReErasure {
    /// The store.
    pub store: StoreName,
    /// The moment that the backup shows.
    pub restored_to: DateTime<Utc>,
    /// Requests of which a person has seen that the rows found are theirs.
    pub confirmed: Vec<RequestId>,
    /// Who orders it.
    pub by: Actor,
}

/// Erasing again in stores that were restored from a backup.
#[async_trait]
pub trait RestoredStores: Send + Sync + 'static {
    /// Every registered store, by name.
    fn stores(&self) -> Vec<StoreName>;

    /// Begins in the background. Refused as [`Ledger::begin_re_erasing`] is.
    async fn begin(&self, order: ReErasure) -> Result<(), LedgerError>;
}

/// Something that has to answer before the process is ready.
#[async_trait]
pub trait Part: Send + Sync + 'static {
    /// A short word, such as `queue`.
    fn name(&self) -> &'static str;

    /// Something to know about it that keeps nobody from working, such as how many stores are closed.
    async fn note(&self) -> Option<String> {
        None
    }

    /// Asks it for a sign of life.
    async fn ping(&self) -> Result<(), Fault>;
}
