//! The JSON that the command line prints about requests and work. The names are stable.

use chrono::{DateTime, NaiveDate, Utc};
use habeas_ledger::{FindingView, JobView, PaperView, ReceivedMailView, RequestView, TaskView, WorkView};
use serde::Serialize;

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

/// A row of the state database that this release cannot read: damaged, or of a later release.
#[derive(Debug, Serialize)]
pub(crate) struct Unreadable {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
    pub(crate) row: String,
}

impl From<&habeas_ledger::Unreadable> for Unreadable {
    fn from(view: &habeas_ledger::Unreadable) -> Self {
        Self { table: view.table, column: view.column, row: view.row.clone() }
    }
}

/// What a request stopped at, without its values and without what staff wrote.
#[derive(Debug, Serialize)]
pub(crate) struct Finding {
    #[serde(rename = "finding")]
    pub(crate) hash: String,
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) key: Option<String>,
    pub(crate) store: Option<String>,
    pub(crate) collection: Option<String>,
    pub(crate) allowed: u32,
    pub(crate) found_at: DateTime<Utc>,
    pub(crate) takes: &'static [&'static str],
    pub(crate) needed: usize,
    pub(crate) decisions: Vec<FindingDecision>,
}

/// What a member of staff decided about a finding.
#[derive(Debug, Serialize)]
pub(crate) struct FindingDecision {
    pub(crate) by: String,
    pub(crate) decision: &'static str,
    pub(crate) up_to: Option<u32>,
    pub(crate) at: DateTime<Utc>,
}

impl From<&FindingView> for Finding {
    fn from(view: &FindingView) -> Self {
        let decisions = view.decisions.iter().map(|one| FindingDecision {
            by: one.by.to_string(),
            decision: one.decision.as_str(),
            up_to: one.decision.up_to(),
            at: one.at,
        });
        Self {
            hash: view.finding.to_string(),
            kind: view.kind.to_string(),
            status: view.state.to_string(),
            key: view.key.as_ref().map(ToString::to_string),
            store: view.store.as_ref().map(ToString::to_string),
            collection: view.collection.as_ref().map(ToString::to_string),
            allowed: view.allowed,
            found_at: view.found_at,
            takes: view.kind.takes(),
            needed: view.needed,
            decisions: decisions.collect(),
        }
    }
}

/// A document given as evidence, without its content and without what staff wrote.
#[derive(Debug, Serialize)]
pub(crate) struct Paper {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) asked_by: Option<String>,
    pub(crate) asked_at: Option<DateTime<Utc>>,
    pub(crate) given_by: Option<String>,
    pub(crate) given_at: Option<DateTime<Utc>>,
    pub(crate) media_type: Option<String>,
    pub(crate) bytes: Option<u64>,
    pub(crate) sha256: Option<String>,
    pub(crate) reused: bool,
    pub(crate) ends_at: DateTime<Utc>,
    pub(crate) decided_at: Option<DateTime<Utc>>,
    pub(crate) destroyed_at: Option<DateTime<Utc>>,
    pub(crate) judgements: Vec<PaperJudgement>,
}

/// What a member of staff made of a paper.
#[derive(Debug, Serialize)]
pub(crate) struct PaperJudgement {
    pub(crate) by: String,
    pub(crate) decision: String,
    pub(crate) at: DateTime<Utc>,
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

/// A job.
#[derive(Debug, Serialize)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) right: String,
    /// How it ended, once it has; else where it stands.
    pub(crate) status: String,
    pub(crate) policy: String,
    /// What an approval is bound to.
    pub(crate) plan: Option<String>,
    pub(crate) approvals: Vec<Approval>,
    /// Until when the person can still stop it, once the warnings are out.
    pub(crate) grace_until: Option<DateTime<Utc>>,
    /// The legal holds that stand in its way.
    pub(crate) holds: Vec<String>,
    pub(crate) waits_for: Vec<String>,
    pub(crate) tasks: Vec<Task>,
}

/// One person's agreement.
#[derive(Debug, Serialize)]
pub(crate) struct Approval {
    pub(crate) by: String,
    pub(crate) at: DateTime<Utc>,
    pub(crate) counts: bool,
}

/// One job's work in one store.
#[derive(Debug, Serialize)]
pub(crate) struct Task {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) store: String,
    pub(crate) status: String,
    pub(crate) rows: u64,
    pub(crate) attempts: u32,
    pub(crate) due_at: Option<DateTime<Utc>>,
    pub(crate) fault: Option<Fault>,
}

/// Why it failed last.
#[derive(Debug, Serialize)]
pub(crate) struct Fault {
    pub(crate) code: String,
    pub(crate) detail: String,
}

/// A mail, without its content.
#[derive(Debug, Serialize)]
pub(crate) struct Mail {
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) ordered_at: DateTime<Utc>,
    pub(crate) sent_at: Option<DateTime<Utc>>,
    pub(crate) undelivered: Option<Undelivered>,
}

/// A mail that came in about the request, without its content.
#[derive(Debug, Serialize)]
pub(crate) struct ReceivedMail {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) verdict: Option<String>,
    /// Whether the domain of the sender stands behind it.
    pub(crate) sender: Option<String>,
    /// `subject`, or `other` for another address than that of the request.
    pub(crate) written_by: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) received_at: DateTime<Utc>,
}

impl From<&ReceivedMailView> for ReceivedMail {
    fn from(view: &ReceivedMailView) -> Self {
        Self {
            id: view.id.to_string(),
            status: view.state.to_string(),
            verdict: view.verdict.map(|verdict| verdict.to_string()),
            sender: view.authentication.map(|found| found.to_string()),
            written_by: view.written_by.map(|writer| writer.to_string()),
            reason: view.reason.clone(),
            received_at: view.received_at,
        }
    }
}

/// What a report said about a mail that came back.
#[derive(Debug, Serialize)]
pub(crate) struct Undelivered {
    pub(crate) at: DateTime<Utc>,
    pub(crate) status: Option<String>,
    pub(crate) for_good: bool,
}

/// A piece of work.
#[derive(Debug, Serialize)]
pub(crate) struct Work {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) request: String,
    pub(crate) store: Option<String>,
    pub(crate) status: String,
    pub(crate) attempts: u32,
    pub(crate) due_at: Option<DateTime<Utc>>,
    pub(crate) fault: Option<Fault>,
    pub(crate) created_at: DateTime<Utc>,
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
            mails: view
                .mails
                .iter()
                .map(|mail| Mail {
                    kind: mail.kind.clone(),
                    status: mail.state.as_str().to_owned(),
                    ordered_at: mail.created_at,
                    sent_at: mail.sent_at,
                    undelivered: mail.undelivered.as_ref().map(|report| Undelivered {
                        at: report.at,
                        status: report.status.clone(),
                        for_good: report.for_good,
                    }),
                })
                .collect(),
            sender: view.sender().map(|found| found.to_string()),
            received_mails: view.received.iter().map(ReceivedMail::from).collect(),
            unreadable: view.unreadable.iter().map(Unreadable::from).collect(),
        }
    }
}

impl From<&PaperView> for Paper {
    fn from(view: &PaperView) -> Self {
        Self {
            id: view.id.to_string(),
            kind: view.kind.to_string(),
            status: view.state.to_string(),
            asked_by: view.asked_by.map(|by| by.to_string()),
            asked_at: view.asked_at,
            given_by: view.given_by.map(|by| by.to_string()),
            given_at: view.given_at,
            media_type: view.media_type.clone(),
            bytes: view.bytes,
            sha256: view.sha256.clone(),
            reused: view.reused,
            ends_at: view.ends_at,
            decided_at: view.decided_at,
            destroyed_at: view.destroyed_at,
            judgements: view
                .judgements
                .iter()
                .map(|one| PaperJudgement {
                    by: one.by.to_string(),
                    decision: one.decision.to_string(),
                    at: one.at,
                })
                .collect(),
        }
    }
}

impl From<&JobView> for Job {
    fn from(view: &JobView) -> Self {
        let ended = view.outcome.map(habeas_domain::Outcome::as_str);
        Self {
            id: view.id.to_string(),
            right: view.right.to_string(),
            status: ended.unwrap_or_else(|| view.state.as_str()).to_owned(),
            policy: view.policy.as_str().to_owned(),
            plan: view.plan_hash.map(|hash| hash.to_string()),
            grace_until: view.grace_until,
            approvals: view
                .approvals
                .iter()
                .map(|one| Approval { by: one.by.to_string(), at: one.at, counts: one.counts })
                .collect(),
            holds: view.holds.iter().map(ToString::to_string).collect(),
            waits_for: view.waits_for.iter().map(ToString::to_string).collect(),
            tasks: view.tasks.iter().map(Task::from).collect(),
        }
    }
}

impl From<&TaskView> for Task {
    fn from(view: &TaskView) -> Self {
        Self {
            id: view.id.to_string(),
            kind: view.kind.to_string(),
            store: view.store.to_string(),
            status: view.state.as_str().to_owned(),
            rows: view.rows.unwrap_or(0),
            attempts: view.attempts,
            due_at: view.due_at,
            fault: view.fault.as_ref().map(Fault::from),
        }
    }
}

impl From<&WorkView> for Work {
    fn from(view: &WorkView) -> Self {
        Self {
            id: view.id.to_string(),
            kind: view.kind.to_string(),
            request: view.request.to_string(),
            store: view.store.as_ref().map(ToString::to_string),
            status: view.state.as_str().to_owned(),
            attempts: view.attempts,
            due_at: view.due_at,
            fault: view.fault.as_ref().map(Fault::from),
            created_at: view.created_at,
        }
    }
}

impl From<&habeas_ledger::FaultView> for Fault {
    fn from(view: &habeas_ledger::FaultView) -> Self {
        Self { code: view.code.clone(), detail: view.detail.clone() }
    }
}
