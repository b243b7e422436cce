use habeas_domain::{
    Actor, JobState, RequestId, RequestState, TypedId, WorkKind,
    approval::{Approval, ApprovalPolicy, PlanHash},
    audit::AuditEvent,
    job::JobEvent,
    request::RequestEvent,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Ledger, LedgerError, Purpose,
    corrupt::parse,
    entity::{challenge, request},
    job_step,
    unit::{NewWork, Unit},
};

impl Ledger {
    /// Uses a challenge that was met, once. What it proves takes effect in the same transaction: for an identity
    /// the request goes on to its resolve. Returns whether it was
    /// still unused and had not ended.
    pub async fn prove(&self, challenge: Uuid) -> Result<bool, LedgerError> {
        let request = challenge::Entity::find_by_id(challenge)
            .one(self.db())
            .await?
            .map(|row| RequestId::from_uuid(row.request_id))
            .ok_or(LedgerError::NotFound("challenge"))?;
        let mut unit = self.begin().await?;
        let mut requests = unit.lock([request]).await?;
        let row = requests.get_mut(&request).ok_or(LedgerError::NotFound("request"))?;
        let now = unit.stored_now();
        let unended = Condition::any()
            .add(challenge::Column::LinkExpiresAt.gt(now))
            .add(challenge::Column::CodeExpiresAt.gt(now));
        let used = challenge::Entity::update_many()
            .col_expr(challenge::Column::UsedAt, Expr::value(now))
            .filter(challenge::Column::Id.eq(challenge))
            .filter(challenge::Column::UsedAt.is_null())
            .filter(unended)
            .exec_with_returning(&unit.tx)
            .await?;
        let Some(met) = used.into_iter().next() else { return Ok(false) };
        match parse(&met.purpose, "challenge", "purpose", met.id)? {
            Purpose::Identity => unit.identity_proven(row, &met).await?,
            Purpose::NewAddress => unit.address_confirmed(row, &met).await?,
            Purpose::Download => unit.audit(request, AuditEvent::new("download-allowed", Actor::Subject)),
            // An objection proves nothing: see `Ledger::dispute`.
            Purpose::Stop => return Ok(false),
        }
        unit.commit().await?;
        Ok(true)
    }
}

impl Unit<'_> {
    async fn identity_proven(
        &mut self,
        row: &mut request::Model,
        met: &challenge::Model,
    ) -> Result<(), LedgerError> {
        let id = RequestId::from_uuid(row.id);
        let state: RequestState = parse(&row.state, "request", "state", row.id)?;
        if state != RequestState::AwaitingVerification {
            return Ok(());
        }
        state.after(RequestEvent::IdentityProven)?.as_str().clone_into(&mut row.state);
        row.verified_at = Some(self.stored_now());
        self.changes.request(row);
        self.audit(
            id,
            AuditEvent::new("identity-proven", Actor::Subject).with(json!({ "challenge": met.id })),
        );
        let waiting = JobState::AwaitingVerification.as_str();
        for mut job in self.jobs_of([id]).await?.into_iter().filter(|job| job.state == waiting) {
            self.step(&mut job, JobEvent::IdentityProven, Actor::Subject)?;
        }
        self.resolve(id);
        Ok(())
    }

    /// Orders a resolve; each one is a new piece of work.
    pub(crate) fn resolve(&mut self, request: RequestId) {
        let target = self.ledger.ids().fresh::<habeas_domain::WorkId>().uuid();
        self.work(&NewWork {
            kind: WorkKind::Resolve,
            request,
            job: None,
            target,
            store: None,
            not_before: None,
        });
    }

    async fn address_confirmed(
        &mut self,
        row: &request::Model,
        met: &challenge::Model,
    ) -> Result<(), LedgerError> {
        let id = RequestId::from_uuid(row.id);
        self.audit(
            id,
            AuditEvent::new("address-confirmed", Actor::Subject).with(json!({ "job": met.job_id })),
        );
        let jobs = self.jobs_of([id]).await?;
        let Some(mut job) = jobs.iter().find(|job| Some(job.id) == met.job_id).cloned() else {
            return Ok(());
        };
        job.unconfirmed = Ord::max(job.unconfirmed - 1, 0);
        self.save(&job);
        if job.unconfirmed > 0 || job_step::state(&job)? != JobState::AwaitingApproval {
            return Ok(());
        }
        let policy: ApprovalPolicy = parse(&job.policy, "job", "policy", job.id)?;
        let (approvals, plan): (Vec<Approval>, PlanHash) = self.approvals_of(&job).await?;
        if habeas_domain::approval::is_enough(policy, &approvals, plan) {
            let siblings: Vec<_> = jobs.iter().filter(|other| other.id != job.id).cloned().collect();
            self.approved(row, &mut job, &siblings, Actor::Subject).await?;
        }
        Ok(())
    }
}
