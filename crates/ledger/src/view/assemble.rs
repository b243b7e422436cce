//! Rows into views.

use std::collections::HashMap;

use chrono::NaiveDate;
use habeas_domain::{
    AgentId, BatchId, HoldId, JobId, JobState, RequestId, RequestState, Right, TypedId, WorkId, WorkKind,
    approval::PlanHash, letter::CONFIRMS_RECEIPT,
};
use uuid::Uuid;

use super::{parts::Parts, waits_for::name_staff_for_copies};
use crate::{
    ApprovalView, FaultView, JobView, Ledger, LedgerError, MailView, PackageRecord, Page, ReceivedMailView,
    RequestView, TaskView, Unreadable, WaitsFor, WorkView, clock,
    corrupt::{or_passed_over, parse, parse_opt, readable},
    entity::{job, mail, request, work},
    finding::{of_requests, still_needed},
    job_step,
    near_due::alarm_at,
};

impl Ledger {
    /// Views of these rows, in their order, in a number of statements that does not depend on how many they are.
    pub(super) async fn views(&self, page: Page<request::Model>) -> Result<Page<RequestView>, LedgerError> {
        let rows = &page.items;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let mut parts = self.parts(&ids).await?;
        parts.papers = self.papers_of(rows.iter().filter(|row| row.papers > 0).map(|row| row.id)).await?;
        let stopped: Vec<Uuid> = rows.iter().filter(|row| row.findings > 0).map(|row| row.id).collect();
        parts.findings = of_requests(self.db(), &stopped).await?;
        page.read(|row| request_view(row, &mut parts))
    }
}

fn request_view(row: request::Model, parts: &mut Parts) -> Result<RequestView, LedgerError> {
    let id = RequestId::from_uuid(row.id);
    let work = of(&mut parts.work, id);
    let (tasks, other): (Vec<_>, Vec<_>) = work.into_iter().partition(is_task);
    let mut unreadable = Vec::new();
    let mut jobs = job_views(row.id, &tasks, parts, &mut unreadable)?;
    let mails = of(&mut parts.mails, id);
    name_staff_for_copies(&mut jobs, &mails);
    let findings = of(&mut parts.findings, id);
    let mut findings = readable(findings, std::convert::identity, &mut unreadable)?;
    still_needed(&mut findings, &jobs);
    let mut view = RequestView {
        id,
        findings,
        state: parse(&row.state, "request", "state", id)?,
        outcome: parse_opt(row.outcome.as_deref(), "request", "outcome", id)?,
        language: parse(&row.language, "request", "language", id)?,
        channel: parse(&row.channel, "request", "channel", id)?,
        submitted_by: parse(&row.submitted_by, "request", "submitted_by", id)?,
        due_on: parse(&row.due_on, "request", "due_on", id)?,
        rights: jobs.iter().map(|job| job.right).collect(),
        received_at: clock::moment(row.received_at),
        level: crate::evidence::policy(&row)?.level,
        more_proof: row.state == RequestState::AwaitingVerification.as_str() && row.evidence.is_some(),
        verified_at: row.verified_at.map(clock::moment),
        due_at: clock::moment(row.due_at),
        alert_on: alert_on(&row)?,
        acknowledge_by: parse_opt(row.acknowledge_by.as_deref(), "request", "acknowledge_by", id)?,
        acknowledged_at: acknowledged(&row, &mails).map(clock::moment),
        lapse_at: clock::moment(row.lapse_at),
        extensions: u32::try_from(row.extensions).unwrap_or(0),
        duplicate_of: row.duplicate_of.map(RequestId::from_uuid),
        agent: row.agent_id.map(AgentId::from_uuid),
        guardian: parse_opt(row.guardian.as_deref(), "request", "guardian", id)?,
        mandate_reused: row.mandate_reused,
        signs: of(&mut parts.signs, id),
        agent_waits: row.agent_waits,
        agent_stopped_at: row.agent_stopped_at.map(clock::moment),
        agent_ended_at: row.agent_ended_at.map(clock::moment),
        agent_receives_at: row.agent_receives_at.map(clock::moment),
        batch: row.batch_id.map(BatchId::from_uuid),
        disputed_at: row.disputed_at.map(clock::moment),
        dispute_settled_at: row.dispute_settled_at.map(clock::moment),
        closed_at: row.closed_at.map(clock::moment),
        erased: row.wrapped_key.is_none(),
        waits_for: Vec::new(),
        jobs,
        mails: readable(mails, MailView::read, &mut unreadable)?,
        papers: readable(of(&mut parts.papers, id), std::convert::identity, &mut unreadable)?,
        received: readable(&of(&mut parts.received, id), ReceivedMailView::read, &mut unreadable)?,
        packages: readable(of(&mut parts.packages, id), PackageRecord::read, &mut unreadable)?,
        work: readable(&other, WorkView::read, &mut unreadable)?,
        unreadable,
        reference: row.reference,
        regime: row.regime,
        review_reason: row.review_reason,
    };
    view.waits_for = WaitsFor::of_request(&view, &parts.closed);
    Ok(view)
}

/// What belongs to a request, taken out of the page's.
fn of<T>(parts: &mut HashMap<Uuid, Vec<T>>, request: RequestId) -> Vec<T> {
    parts.remove(&request.uuid()).unwrap_or_default()
}

/// The day to be done by if the law is read against us, where that is sooner than the last day.
fn alert_on(row: &request::Model) -> Result<Option<NaiveDate>, LedgerError> {
    let day = parse_opt(row.alert_on.as_deref(), "request", "alert_on", row.id)?;
    Ok(day.filter(|_| alarm_at(row) < clock::moment(row.due_at)))
}

/// The jobs of a request, in the order in which people read their rights.
fn job_views(
    request: Uuid,
    tasks: &[work::Model],
    parts: &mut Parts,
    unreadable: &mut Vec<Unreadable>,
) -> Result<Vec<JobView>, LedgerError> {
    let rows = parts.jobs.remove(&request).unwrap_or_default();
    let mut jobs = Vec::with_capacity(rows.len());
    for row in rows {
        let view = job_view(&row, tasks, parts, unreadable);
        jobs.extend(or_passed_over(view, unreadable)?);
    }
    jobs.sort_by_key(|job| Right::ALL.iter().position(|right| *right == job.right));
    Ok(jobs)
}

/// When the receipt was confirmed, where the law sets a day for that: as staff marked it, or by the first mail that does.
fn acknowledged(row: &request::Model, mails: &[mail::Model]) -> Option<i64> {
    row.acknowledge_at?;
    let confirming = mails.iter().filter(|mail| CONFIRMS_RECEIPT.contains(&mail.kind.as_str()));
    row.acknowledged_at.or_else(|| confirming.filter_map(|mail| mail.sent_at).min())
}

fn is_task(row: &work::Model) -> bool {
    [WorkKind::Task, WorkKind::Deferred].iter().any(|kind| row.kind == kind.as_str())
}

fn job_view(
    row: &job::Model,
    tasks: &[work::Model],
    parts: &mut Parts,
    unreadable: &mut Vec<Unreadable>,
) -> Result<JobView, LedgerError> {
    let plan_hash = plan_hash(row)?;
    let holds = parts.holds.remove(&row.id).unwrap_or_default();
    let approvals = parts.approvals.remove(&row.id).unwrap_or_default();
    let approvals = approvals.into_iter().map(|approval| {
        Ok(ApprovalView {
            by: parse(&approval.approved_by, "approval", "approved_by", approval.id)?,
            at: clock::moment(approval.approved_at),
            counts: plan_hash.is_some_and(|now| now.0.as_slice() == approval.plan_hash),
        })
    });
    let mut view = JobView {
        id: JobId::from_uuid(row.id),
        right: job_step::right(row)?,
        state: job_step::state(row)?,
        outcome: parse_opt(row.outcome.as_deref(), "job", "outcome", row.id)?,
        policy: parse(&row.policy, "job", "policy", row.id)?,
        plan_hash,
        approvals: readable(approvals, std::convert::identity, unreadable)?,
        unconfirmed: u32::try_from(row.unconfirmed).unwrap_or(0),
        noticed_at: row.noticed_at.map(clock::moment),
        grace_until: row.grace_until.map(clock::moment),
        started_at: row.started_at.map(clock::moment),
        ended_at: row.ended_at.map(clock::moment),
        holds: holds.iter().map(|row| HoldId::from_uuid(row.hold_id)).collect(),
        held_at: row.held_at.map(clock::moment),
        waits_for: Vec::new(),
        tasks: readable(
            tasks.iter().filter(|task| task.job_id == Some(row.id)),
            |task| task_view(task, parts),
            unreadable,
        )?,
    };
    view.waits_for = WaitsFor::of_job(&view, &parts.closed);
    if view.state == JobState::Ended && !view.waits_for.contains(&WaitsFor::LegalHold) {
        view.holds.clear();
    }
    Ok(view)
}

/// The hash of a job's plan, once there is one.
pub(super) fn plan_hash(row: &job::Model) -> Result<Option<PlanHash>, LedgerError> {
    let Some(bytes) = row.plan_hash.as_deref() else { return Ok(None) };
    let unreadable = |_| LedgerError::Corrupt { table: "job", column: "plan_hash", row: row.id.to_string() };
    bytes.try_into().map(|hash| Some(PlanHash(hash))).map_err(unreadable)
}

fn task_view(row: &work::Model, parts: &Parts) -> Result<TaskView, LedgerError> {
    Ok(TaskView {
        id: WorkId::from_uuid(row.id),
        kind: parse(&row.kind, "work", "kind", row.id)?,
        store: parse(&row.store, "work", "store", row.id)?,
        state: parse(&row.state, "work", "state", row.id)?,
        rows: parts.rows.get(&row.id).map(|rows| u64::try_from(*rows).unwrap_or(0)),
        attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
        fault: FaultView::read(row),
        due_at: (row.next_attempt_at > 0).then(|| clock::moment(row.next_attempt_at)),
        finished_at: row.finished_at.map(clock::moment),
    })
}
