use chrono::{DateTime, NaiveDate, Utc};
use habeas_domain::{
    Actor, AgentId, BatchId, Channel, Language, Outcome, RequestId, RequestState, Right,
    received_mail::{ReceivedMailState, SenderAuthentication},
    verification::Level,
};

use crate::{
    FindingView, GuardianStanding, JobView, MailView, PackageRecord, PaperView, ReceivedMailView, Sign,
    Unreadable, WaitsFor, WorkView,
};

/// A request with its jobs, tasks, mails and packages.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each says something of its own that staff read")]
pub struct RequestView {
    /// Its id.
    pub id: RequestId,
    /// Its short form for people.
    pub reference: String,
    /// Where it stands.
    pub state: RequestState,
    /// How it ended, once it has.
    pub outcome: Option<Outcome>,
    /// The regime's id.
    pub regime: String,
    /// The language the person is written to in.
    pub language: Language,
    /// How it reached the company.
    pub channel: Channel,
    /// Who handed it in.
    pub submitted_by: Actor,
    /// What was asked, in the order in which people read rights.
    pub rights: Vec<Right>,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
    /// How sure the company has to be of who the person is.
    pub level: Level,
    /// Whether something was shown, and more is needed.
    pub more_proof: bool,
    /// When the person proved who they are.
    pub verified_at: Option<DateTime<Utc>>,
    /// The last day for an answer.
    pub due_on: NaiveDate,
    /// The end of that day.
    pub due_at: DateTime<Utc>,
    /// The day to be done by if the law is read at its strictest, where that is an earlier one.
    pub alert_on: Option<NaiveDate>,
    /// The last day to confirm receipt, where the law sets one.
    pub acknowledge_by: Option<NaiveDate>,
    /// When it was confirmed, by mail or as staff marked it.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// When it lapses if nobody proves who they are.
    pub lapse_at: DateTime<Utc>,
    /// How often the last day was moved.
    pub extensions: u32,
    /// An earlier open request of the same person for one of the same rights.
    pub duplicate_of: Option<RequestId>,
    /// Why it stopped for staff to look at, if it did.
    pub review_reason: Option<String>,
    /// What it stopped at for staff to look, and what they decided, oldest first. No values.
    pub findings: Vec<FindingView>,
    /// Who asked on the person's behalf.
    pub agent: Option<AgentId>,
    /// How far the guardian is, if it is about a child.
    pub guardian: Option<GuardianStanding>,
    /// Whether the agent's mandate was used for somebody else before.
    pub mandate_reused: bool,
    /// Signs of an attack, oldest first.
    pub signs: Vec<Sign>,
    /// Whether it waits for the agent to show that their address is theirs.
    pub agent_waits: bool,
    /// When it was stopped for staff because its agent was barred.
    pub agent_stopped_at: Option<DateTime<Utc>>,
    /// When the agent's part in it ended, because the person or staff said so.
    pub agent_ended_at: Option<DateTime<Utc>>,
    /// When the person said that the agent may have the results.
    pub agent_receives_at: Option<DateTime<Utc>>,
    /// With which others it was handed in.
    pub batch: Option<BatchId>,
    /// When somebody at an address on file said that it was not them, unless staff found otherwise.
    pub disputed_at: Option<DateTime<Utc>>,
    /// When staff agreed.
    pub dispute_settled_at: Option<DateTime<Utc>>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// Whether its personal data were destroyed at the end of their retention.
    pub erased: bool,
    /// Whom or what it waits for, most urgent first; empty when it waits for nothing.
    pub waits_for: Vec<WaitsFor>,
    /// One job per right, in the order of `rights`.
    pub jobs: Vec<JobView>,
    /// Its mails, oldest first.
    pub mails: Vec<MailView>,
    /// The papers that it was asked for or given, oldest first.
    pub papers: Vec<PaperView>,
    /// The mails that came in about it, oldest first: the one that asked, replies, reports, copies, and proposals that
    /// speak of it.
    pub received: Vec<ReceivedMailView>,
    /// The packages that it made and that are still kept.
    pub packages: Vec<PackageRecord>,
    /// Its work other than tasks that has not ended: challenges, resolves, conclusions, mails.
    pub work: Vec<WorkView>,
    /// Its work that cannot be read, tasks or not: for ops to look at.
    pub unreadable: Vec<Unreadable>,
}

impl RequestView {
    /// Whether the domain of the sender stands behind the mail that asked; nothing if it came in no mail. A badge to
    /// show, never a verification.
    pub fn sender(&self) -> Option<SenderAuthentication> {
        let asked = self.received.iter().find(|mail| mail.state == ReceivedMailState::Request);
        asked.map(|mail| mail.authentication.unwrap_or(SenderAuthentication::None))
    }
}
