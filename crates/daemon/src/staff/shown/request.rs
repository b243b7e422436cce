//! What is shown of a request: no personal data.

use chrono::{DateTime, NaiveDate, Utc};
use habeas_ledger::RequestView;
use serde::Serialize;

use super::{
    finding::Finding,
    job::Job,
    mail::{Mail, ReceivedMail},
    paper::Paper,
};

/// A request without personal data.
#[derive(Debug, Serialize)]
pub(crate) struct Request {
    pub(crate) id: String,
    pub(crate) reference: String,
    pub(crate) status: String,
    pub(crate) outcome: Option<String>,
    pub(crate) regime: String,
    pub(crate) language: String,
    pub(crate) channel: String,
    pub(crate) rights: Vec<String>,
    pub(crate) received_at: DateTime<Utc>,
    pub(crate) level: String,
    pub(crate) more_proof: bool,
    pub(crate) verified_at: Option<DateTime<Utc>>,
    pub(crate) due: NaiveDate,
    pub(crate) alert_on: Option<NaiveDate>,
    pub(crate) acknowledge_by: Option<NaiveDate>,
    pub(crate) acknowledged_at: Option<DateTime<Utc>>,
    pub(crate) extensions: u32,
    pub(crate) duplicate_of: Option<String>,
    pub(crate) review_reason: Option<String>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) agent: Option<String>,
    pub(crate) mandate_reused: bool,
    pub(crate) signs: Vec<Sign>,
    pub(crate) guardian: Option<String>,
    pub(crate) agent_waits: bool,
    pub(crate) agent_stopped_at: Option<DateTime<Utc>>,
    pub(crate) agent_ended_at: Option<DateTime<Utc>>,
    pub(crate) agent_receives_at: Option<DateTime<Utc>>,
    pub(crate) batch: Option<String>,
    pub(crate) disputed_at: Option<DateTime<Utc>>,
    pub(crate) dispute_settled_at: Option<DateTime<Utc>>,
    pub(crate) closed_at: Option<DateTime<Utc>>,
    pub(crate) waits_for: Vec<String>,
    pub(crate) jobs: Vec<Job>,
    pub(crate) papers: Vec<Paper>,
    pub(crate) mails: Vec<Mail>,
    /// Whether the domain of the sender stands behind the mail that asked: `aligned`, `unaligned`, `none`.
    pub(crate) sender: Option<String>,
    pub(crate) received_mails: Vec<ReceivedMail>,
    pub(crate) unreadable: Vec<Unreadable>,
}

impl From<&RequestView> for Request {
    fn from(view: &RequestView) -> Self {
        Self {
            id: view.id.to_string(),
            reference: view.reference.clone(),
            status: view.state.as_str().to_owned(),
            outcome: view.outcome.map(|outcome| outcome.as_str().to_owned()),
            regime: view.regime.clone(),
            language: view.language.to_string(),
            channel: view.channel.as_str().to_owned(),
            rights: view.rights.iter().map(ToString::to_string).collect(),
            received_at: view.received_at,
            level: view.level.as_str().to_owned(),
            more_proof: view.more_proof,
            verified_at: view.verified_at,
            due: view.due_on,
            alert_on: view.alert_on,
            acknowledge_by: view.acknowledge_by,
            acknowledged_at: view.acknowledged_at,
            extensions: view.extensions,
            duplicate_of: view.duplicate_of.map(|id| id.to_string()),
            review_reason: view.review_reason.clone(),
            findings: view.findings.iter().map(Finding::from).collect(),
            agent: view.agent.map(|agent| agent.to_string()),
            mandate_reused: view.mandate_reused,
            signs: view.signs.iter().map(Sign::from).collect(),
            guardian: view.guardian.map(|guardian| guardian.as_str().to_owned()),
            agent_waits: view.agent_waits,
            agent_stopped_at: view.agent_stopped_at,
            agent_ended_at: view.agent_ended_at,
            agent_receives_at: view.agent_receives_at,
            batch: view.batch.map(|batch| batch.to_string()),
            disputed_at: view.disputed_at,
            dispute_settled_at: view.dispute_settled_at,
            closed_at: view.closed_at,
            waits_for: view.waits_for.iter().map(ToString::to_string).collect(),
            jobs: view.jobs.iter().map(Job::from).collect(),
            papers: view.papers.iter().map(Paper::from).collect(),
            mails: view.mails.iter().map(Mail::from).collect(),
            sender: view.sender().map(|found| found.to_string()),
            received_mails: view.received.iter().map(ReceivedMail::from).collect(),
            unreadable: view.unreadable.iter().map(Unreadable::from).collect(),
        }
    }
}

/// A row of the state database that this release cannot read: damaged, or of a later release.
#[derive(Debug, Serialize)]
pub(crate) struct Unreadable {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
    pub(crate) row: String,
}

/// What a list cannot show: a line for each below the table, and the JSON of them.
pub(crate) fn unreadable(all: &[habeas_ledger::Unreadable]) -> (String, Vec<Unreadable>) {
    let line = |one: &habeas_ledger::Unreadable| {
        format!("not readable: table {}, row {}, column {}\n", one.table, one.row, one.column)
    };
    (all.iter().map(line).collect(), all.iter().map(Unreadable::from).collect())
}

impl From<&habeas_ledger::Unreadable> for Unreadable {
    fn from(view: &habeas_ledger::Unreadable) -> Self {
        Self { table: view.table, column: view.column, row: view.row.clone() }
    }
}

/// A sign of an attack: somebody guessed until no try was left.
#[derive(Debug, Serialize)]
pub(crate) struct Sign {
    pub(crate) kind: &'static str,
    pub(crate) of: &'static str,
    pub(crate) at: DateTime<Utc>,
}

impl From<&habeas_ledger::Sign> for Sign {
    fn from(sign: &habeas_ledger::Sign) -> Self {
        Self { kind: "guessing", of: sign.guessed.as_str(), at: sign.at }
    }
}
