//! The warning before a deletion and the grace after it. A job waits in its row: what begins the grace is the last of
//! its warnings being out, and what ends it is the clock, read by the housekeeper.

use chrono::TimeDelta;
use habeas_domain::{
    Actor, JobId, JobState, RequestId, TypedId, WorkId, WorkKind, audit::AuditEvent, grace::grace_end,
    letter::DELETION_NOTICE,
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Query, SelectStatement},
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Ledger, LedgerError,
    challenge::NewChallenge,
    claim::Lease,
    clock,
    each::together_or_each,
    entity::{job, mail, request},
    job_step,
    literal::job_is,
    mail::MailState,
    near_due::alarm_at,
    unit::{NewWork, Unit},
};

/// The warnings of one job, made by challenge work.
#[derive(Debug, Clone)]
pub struct Noticed {
    /// The lease of that work.
    pub lease: Lease,
    /// For which request.
    pub request: RequestId,
    /// About which job.
    pub job: JobId,
    /// One per address.
    pub notices: Vec<NewChallenge>,
}

impl Ledger {
    /// Stores warnings and orders their mails, for jobs that still wait for them. One transaction for the group.
    pub async fn noticed(&self, group: Vec<Noticed>) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        let requests = unit.lock(group.iter().map(|one| one.request)).await?;
        let leases: Vec<Lease> = group.iter().map(|one| one.lease).collect();
        let held = crate::fence::leases(&unit.finish(&leases).await?);
        let mut jobs = unit.jobs_of(group.iter().map(|one| one.request)).await?;
        for one in group.into_iter().filter(|one| held.contains(&one.lease)) {
            let job = jobs.iter_mut().find(|job| job.id == one.job.uuid());
            if let (Some(row), Some(job)) = (requests.get(&one.request), job) {
                unit.notice(row, job, one.notices)?;
            }
        }
        unit.commit().await
    }

    /// Begins up to `limit` jobs whose grace is over and to which nobody objected. Returns how many. One that cannot begin is
    /// told as an error and keeps no other back.
    pub async fn start_after_grace(&self, limit: u64) -> Result<u64, LedgerError> {
        let now = clock::stored(self.ids().now());
        let due: Vec<Uuid> = job::Entity::find()
            .select_only()
            .column(job::Column::RequestId)
            .filter(job_is(JobState::AwaitingGrace))
            .filter(job::Column::GraceUntil.lte(now))
            // A host whose clock is ahead of the others' begins nothing early.
            .filter(
                Expr::col(job::Column::GraceUntil)
                    .lte(Expr::cust(clock::now_sql(self.db().get_database_backend()))),
            )
            .filter(Expr::not_exists(halted()))
            .order_by_asc(job::Column::GraceUntil)
            .limit(limit)
            .into_tuple()
            .all(self.db())
            .await?;
        let due: Vec<RequestId> = due.into_iter().map(RequestId::from_uuid).collect();
        together_or_each("begin a deletion whose grace is over", due, |due| self.start_those(due)).await
    }

    async fn start_those(&self, requests: Vec<RequestId>) -> Result<u64, LedgerError> {
        let mut unit = self.begin().await?;
        let rows = unit.lock(requests).await?;
        let mut jobs = unit.jobs_of(rows.keys().copied()).await?;
        let mut started = 0;
        for row in rows.values() {
            let mut own: Vec<job::Model> = jobs.extract_if(.., |job| job.request_id == row.id).collect();
            started += unit.start_if_grace_is_over(row, &mut own).await?;
        }
        unit.commit().await?;
        Ok(started)
    }
}

/// The request of a job, if a reply that staff have yet to read halts it.
fn halted() -> SelectStatement {
    Query::select()
        .expr(Expr::value(1))
        .from(request::Entity)
        .and_where(
            Expr::col((request::Entity, request::Column::Id))
                .eq(Expr::col((job::Entity, job::Column::RequestId))),
        )
        .and_where(request::Column::HaltedAt.is_not_null())
        .to_owned()
}

impl Unit<'_> {
    /// Orders the work that warns of an approved job, if its plan says so. Returns whether it does. Whoever was warned and let
    /// the time to object pass is not warned of the same job again; a plan that grew meanwhile may know of others.
    pub(crate) fn order_notice(
        &mut self,
        of: &request::Model,
        job: &mut job::Model,
    ) -> Result<bool, LedgerError> {
        let notice = self.plan_of(of, job)?.notice;
        if Self::has_had_grace(job) && notice.as_ref().is_none_or(|notice| notice.untold().next().is_none()) {
            return Ok(false);
        }
        job.grace = notice.map(|notice| i64::try_from(notice.grace_seconds).unwrap_or(i64::MAX));
        job.noticed_at = None;
        job.grace_until = None;
        if job.grace.is_none() {
            return Ok(false);
        }
        self.work(&NewWork {
            kind: WorkKind::Challenge,
            request: RequestId::from_uuid(job.request_id),
            job: Some(job_step::id(job)),
            target: self.ledger.ids().fresh::<WorkId>().uuid(),
            store: None,
            not_before: None,
        });
        Ok(true)
    }

    fn notice(
        &mut self,
        of: &request::Model,
        job: &mut job::Model,
        notices: Vec<NewChallenge>,
    ) -> Result<(), LedgerError> {
        let waits = matches!(job_step::state(job)?, JobState::AwaitingCopy | JobState::AwaitingGrace);
        if !waits || job.grace.is_none() || job.noticed_at.is_some() {
            return Ok(());
        }
        let detail = json!({ "job": job_step::id(job), "notices": notices.len() });
        for new in notices {
            self.challenge(of, Some(job_step::id(job)), new)?;
        }
        job.noticed_at = Some(self.stored_now());
        self.save(job);
        self.audit(
            RequestId::from_uuid(of.id),
            AuditEvent::new("notices-ordered", Actor::System).with(detail),
        );
        Ok(())
    }

    /// Begins the grace of a job once none of its warnings waits for the mail server any more and at least one is out.
    /// Addresses that take no mail hold it up no further; while no address takes any, nothing begins.
    pub(crate) async fn begin_grace(
        &mut self,
        of: &request::Model,
        job: &mut job::Model,
    ) -> Result<(), LedgerError> {
        let (Some(grace), Some(noticed_at), None) = (job.grace, job.noticed_at, job.grace_until) else {
            return Ok(());
        };
        let waits = matches!(job_step::state(job)?, JobState::AwaitingCopy | JobState::AwaitingGrace);
        if !waits || !self.notices_are_out(of, job, noticed_at).await? {
            return Ok(());
        }
        let due_at = alarm_at(of);
        let until = grace_end(self.now, TimeDelta::try_seconds(grace).unwrap_or(TimeDelta::MAX), due_at);
        let id = RequestId::from_uuid(of.id);
        if until > due_at {
            tracing::warn!(request = %id, %until, %due_at, "the grace before a deletion ends after the due date");
        }
        job.grace_until = Some(clock::stored(until));
        self.save(job);
        let detail = json!({ "job": job_step::id(job), "until": until, "past_due_date": until > due_at });
        self.audit(id, AuditEvent::new("grace-began", Actor::System).with(detail));
        Ok(())
    }

    async fn notices_are_out(
        &self,
        of: &request::Model,
        job: &job::Model,
        since: i64,
    ) -> Result<bool, LedgerError> {
        let states: Vec<String> = mail::Entity::find()
            .select_only()
            .column(mail::Column::State)
            .filter(mail::Column::JobId.eq(job.id))
            .filter(mail::Column::Kind.eq(DELETION_NOTICE))
            .filter(mail::Column::CreatedAt.gte(since))
            .into_tuple()
            .all(&self.tx)
            .await?;
        let any = |wanted: MailState| states.iter().any(|state| state == wanted.as_str());
        if any(MailState::Waiting) {
            return Ok(false);
        }
        // Of those who are warned after others were, none has to take mail: somebody has been told, and let it pass.
        let told = || Ok(self.plan_of(of, job)?.notice.is_some_and(|notice| !notice.told.is_empty()));
        if any(MailState::Sent) { Ok(true) } else { told() }
    }

    /// Whether the person can still stop this approved job. It is over when both clocks say so, this host's and the
    /// database's. A grace of no length is over with its beginning: of two clocks one is always behind the other, and SQLite's
    /// counts whole milliseconds.
    pub(crate) async fn is_in_grace(&self, job: &job::Model) -> Result<bool, LedgerError> {
        let Some(until) = job.grace_until else { return Ok(job.grace.is_some()) };
        if job.grace == Some(0) {
            return Ok(false);
        }
        Ok(until > self.stored_now() || until > self.database_now().await?)
    }

    /// Whether whoever its plan warns let the time to stop this job pass. Whatever has all of them warned anew forgets the end of
    /// the grace.
    pub(crate) const fn has_had_grace(job: &job::Model) -> bool {
        job.grace_until.is_some()
    }
}
