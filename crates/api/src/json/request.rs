use chrono::{DateTime, NaiveDate, Utc};
use habeas_domain::{
    AgentId, BatchId, Channel, Language, Outcome, RequestId, RequestState, Right,
    received_mail::SenderAuthentication, verification::Level,
};
use habeas_ledger::{GuardianStanding, RequestView, Sign, Unreadable, WaitsFor};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    finding::FindingJson, job::JobJson, mail::MailJson, package::PackageJson, paper::PaperJson,
    received_mail::ReceivedMailJson, work::WorkJson,
};
use crate::schemas;

/// A request with its jobs, tasks, mails and packages.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Request)]
#[expect(clippy::struct_excessive_bools, reason = "each says something of its own that staff read")]
pub(crate) struct RequestJson {
    /// Its id.
    #[schema(schema_with = schemas::id)]
    id: RequestId,
    /// Its short form for people. Not certain to be the only one of its kind.
    #[schema(example = "HB-7K3M-9QTX")]
    reference: String,
    /// Where it stands.
    #[schema(schema_with = schemas::request_state)]
    state: RequestState,
    /// How it ended, once it has.
    #[schema(schema_with = schemas::maybe_outcome)]
    outcome: Option<Outcome>,
    /// Whom or what it waits for, most urgent first; empty when it waits for nothing.
    #[schema(schema_with = schemas::waits_for)]
    waits_for: Vec<WaitsFor>,
    /// The law it is under.
    #[schema(example = "eu_gdpr")]
    regime: String,
    /// The language the person is written to in.
    #[schema(schema_with = schemas::language)]
    language: Language,
    /// How it reached the company.
    #[schema(schema_with = schemas::channel)]
    channel: Channel,
    /// Who handed it in.
    #[schema(schema_with = schemas::actor)]
    submitted_by: String,
    /// What was asked.
    #[schema(schema_with = schemas::rights)]
    rights: Vec<Right>,
    /// When it arrived.
    received_at: DateTime<Utc>,
    /// How sure the company has to be of who the person is.
    #[schema(schema_with = schemas::level)]
    level: Level,
    /// Whether something was shown of who the person is, and more is needed; see `show_identity`.
    more_proof: bool,
    /// When the person proved who they are.
    verified_at: Option<DateTime<Utc>>,
    /// The last day for an answer.
    due_on: NaiveDate,
    /// The end of that day.
    due_at: DateTime<Utc>,
    /// The day to be done by if the law is read at its strictest, where that is an earlier one. The alarm goes by it.
    alert_on: Option<NaiveDate>,
    /// The last day to confirm the receipt, where the law sets one.
    acknowledge_by: Option<NaiveDate>,
    /// When it was confirmed, by mail or as staff marked it.
    acknowledged_at: Option<DateTime<Utc>>,
    /// When it lapses if nobody proves who they are.
    lapse_at: DateTime<Utc>,
    /// How often the last day was moved.
    extensions: u32,
    /// An earlier open request of the same person for one of the same rights.
    #[schema(schema_with = schemas::maybe_id)]
    duplicate_of: Option<RequestId>,
    /// Why it stopped for staff to look at, if it did.
    review_reason: Option<String>,
    /// What it stopped at for staff to look, and what they decided; see `show_review` for the values.
    findings: Vec<FindingJson>,
    /// Who asked on the person's behalf; see `list_agents`.
    #[schema(schema_with = schemas::maybe_id)]
    agent: Option<AgentId>,
    /// How far the parent or guardian is, if it is about a child.
    #[schema(schema_with = schemas::maybe_guardian)]
    guardian: Option<GuardianStanding>,
    /// Whether the agent's mandate was used for somebody else before.
    mandate_reused: bool,
    /// Signs of an attack, oldest first: to be looked at before anything is decided.
    signs: Vec<SignJson>,
    /// Whether it waits for the agent to show that the address they gave is theirs; nobody else is written to before.
    agent_waits: bool,
    /// When it was stopped for staff because its agent was barred; see `drop_agent`.
    agent_stopped_at: Option<DateTime<Utc>>,
    /// When the agent's part in it ended, because the person or staff said so.
    agent_ended_at: Option<DateTime<Utc>>,
    /// When the person said that the agent may have the results, too.
    agent_receives_at: Option<DateTime<Utc>>,
    /// The batch in which the agent handed it in; see `show_batch`.
    #[schema(schema_with = schemas::maybe_id)]
    batch: Option<BatchId>,
    /// When somebody at an address on file said that it was not them, unless staff found otherwise.
    disputed_at: Option<DateTime<Utc>>,
    /// When staff agreed.
    dispute_settled_at: Option<DateTime<Utc>>,
    /// When it was closed.
    closed_at: Option<DateTime<Utc>>,
    /// Whether its personal data were destroyed at the end of their retention.
    erased: bool,
    /// One job per right.
    jobs: Vec<JobJson>,
    /// Its mails, oldest first.
    mails: Vec<MailJson>,
    /// The papers that it was asked for or given.
    papers: Vec<PaperJson>,
    /// Whether the domain of the sender stands behind the mail that asked; nothing if it came in no mail. A badge to show,
    /// never a verification.
    #[schema(schema_with = schemas::maybe_authentication)]
    sender: Option<SenderAuthentication>,
    /// The mails that came in about it, oldest first: the one that asked, replies, reports, copies, and proposals that speak of it.
    received_mails: Vec<ReceivedMailJson>,
    /// The packages that are still kept.
    packages: Vec<PackageJson>,
    /// Its work other than tasks that has not ended.
    work: Vec<WorkJson>,
    /// What belongs to it and cannot be read, work or other: damaged, or of a later release. For ops to look at.
    unreadable: Vec<UnreadableJson>,
    /// What the person handed in, when it was asked for with `reveal=personal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schemas::anything, required = false)]
    person: Option<serde_json::Value>,
}

/// A sign of an attack on a request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Sign)]
pub(crate) struct SignJson {
    /// What kind of sign: somebody guessed until no try was left.
    #[schema(schema_with = schemas::sign_kind)]
    kind: &'static str,
    /// What was guessed at.
    #[schema(schema_with = schemas::guessed)]
    of: &'static str,
    /// When.
    at: DateTime<Utc>,
}

impl From<Sign> for SignJson {
    fn from(sign: Sign) -> Self {
        Self { kind: "guessing", of: sign.guessed.as_str(), at: sign.at }
    }
}

/// A row of the state database that this release cannot read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Unreadable)]
pub(crate) struct UnreadableJson {
    /// The table.
    #[schema(value_type = String, example = "work")]
    table: &'static str,
    /// The column that cannot be read.
    #[schema(value_type = String, example = "state")]
    column: &'static str,
    /// The row's id.
    #[schema(example = "0198c5f2-7c1e-7a3b-9d58-2f6f1f0e4b11")]
    row: String,
}

impl From<Unreadable> for UnreadableJson {
    fn from(view: Unreadable) -> Self {
        Self { table: view.table, column: view.column, row: view.row }
    }
}

impl RequestJson {
    /// Adds what the person handed in. The caller has the scope for it, and the look was recorded.
    pub(crate) fn revealing(self, person: serde_json::Value) -> Self {
        Self { person: Some(person), ..self }
    }
}

impl From<RequestView> for RequestJson {
    fn from(view: RequestView) -> Self {
        let sender = view.sender();
        Self {
            id: view.id,
            reference: view.reference,
            state: view.state,
            outcome: view.outcome,
            waits_for: view.waits_for,
            regime: view.regime,
            language: view.language,
            channel: view.channel,
            submitted_by: view.submitted_by.to_string(),
            rights: view.rights,
            received_at: view.received_at,
            level: view.level,
            more_proof: view.more_proof,
            verified_at: view.verified_at,
            due_on: view.due_on,
            due_at: view.due_at,
            alert_on: view.alert_on,
            acknowledge_by: view.acknowledge_by,
            acknowledged_at: view.acknowledged_at,
            lapse_at: view.lapse_at,
            extensions: view.extensions,
            duplicate_of: view.duplicate_of,
            review_reason: view.review_reason,
            findings: view.findings.into_iter().map(Into::into).collect(),
            agent: view.agent,
            guardian: view.guardian,
            mandate_reused: view.mandate_reused,
            signs: view.signs.into_iter().map(Into::into).collect(),
            agent_waits: view.agent_waits,
            agent_stopped_at: view.agent_stopped_at,
            agent_ended_at: view.agent_ended_at,
            agent_receives_at: view.agent_receives_at,
            batch: view.batch,
            disputed_at: view.disputed_at,
            dispute_settled_at: view.dispute_settled_at,
            closed_at: view.closed_at,
            erased: view.erased,
            jobs: view.jobs.into_iter().map(Into::into).collect(),
            mails: view.mails.into_iter().map(Into::into).collect(),
            papers: view.papers.into_iter().map(Into::into).collect(),
            sender,
            received_mails: view.received.into_iter().map(Into::into).collect(),
            packages: view.packages.into_iter().map(Into::into).collect(),
            work: view.work.into_iter().map(Into::into).collect(),
            unreadable: view.unreadable.into_iter().map(Into::into).collect(),
            person: None,
        }
    }
}
