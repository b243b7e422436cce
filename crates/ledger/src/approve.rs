use habeas_domain::{
    Actor, JobId, JobState, RequestId, TypedId,
    approval::{self, Approval, ApprovalPolicy, PlanHash},
    audit::AuditEvent,
    job::JobEvent,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use crate::{
    Ledger, LedgerError,
    corrupt::parse,
    entity::{approval as approval_row, job},
    job_step,
    unit::Unit,
};

/// What an approval led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApproveOutcome {
    /// The job goes on.
    Approved,
    /// It counts, and so many more people have to agree.
    Counted {
        /// How many more.
        missing: usize,
    },
    /// Enough people agreed; the person has yet to confirm a new address.
    AwaitingConfirmation,
}

impl Ledger {
    /// Counts one person's agreement to the plan with this hash, and starts the job once enough agree.
    pub async fn approve(
        &self,
        job: JobId,
        by: Actor,
        plan: PlanHash,
    ) -> Result<ApproveOutcome, LedgerError> {
        let request = self.request_of(job).await?;
        let mut unit = self.begin().await?;
        let requests = unit.lock([request]).await?;
        let row = requests.get(&request).ok_or(LedgerError::NotFound("request"))?;
        let jobs = unit.jobs_of([request]).await?;
        let mut wanted =
            jobs.iter().find(|one| one.id == job.uuid()).cloned().ok_or(LedgerError::NotFound("job"))?;
        if job_step::state(&wanted)? != JobState::AwaitingApproval {
            job_step::state(&wanted)?.after(JobEvent::Approved { copy_first: false, grace: false })?;
        }
        let (mut approvals, current) = unit.approvals_of(&wanted).await?;
        let next = Approval { by, plan };
        let submitted_by = parse(&row.submitted_by, "request", "submitted_by", row.id)?;
        approval::check(&next, &approvals, current, submitted_by)?;
        unit.add_approval(&wanted, next).await?;
        approvals.push(next);
        let policy: ApprovalPolicy = parse(&wanted.policy, "job", "policy", wanted.id)?;
        let outcome = if !approval::is_enough(policy, &approvals, current) {
            ApproveOutcome::Counted { missing: policy.needed().saturating_sub(approvals.len()) }
        } else if wanted.unconfirmed > 0 {
            ApproveOutcome::AwaitingConfirmation
        } else {
            let siblings: Vec<_> = jobs.into_iter().filter(|one| one.id != wanted.id).collect();
            unit.approved(row, &mut wanted, &siblings, by).await?;
            ApproveOutcome::Approved
        };
        unit.commit().await?;
        Ok(outcome)
    }

    /// The request that a job belongs to.
    pub async fn request_of(&self, job: JobId) -> Result<RequestId, LedgerError> {
        let row = job::Entity::find_by_id(job.uuid()).one(self.db()).await?;
        Ok(RequestId::from_uuid(row.ok_or(LedgerError::NotFound("job"))?.request_id))
    }
}

impl Unit<'_> {
    /// The approvals of a job, of any plan it ever had, and the hash of its plan now.
    pub(crate) async fn approvals_of(
        &self,
        job: &job::Model,
    ) -> Result<(Vec<Approval>, PlanHash), LedgerError> {
        let plan_hash = |bytes: &[u8]| -> Result<PlanHash, LedgerError> {
            bytes.try_into().map(PlanHash).map_err(|_| LedgerError::Corrupt {
                table: "job",
                column: "plan_hash",
                row: job.id.to_string(),
            })
        };
        let current = plan_hash(job.plan_hash.as_deref().ok_or(LedgerError::NotFound("plan"))?)?;
        let rows =
            approval_row::Entity::find().filter(approval_row::Column::JobId.eq(job.id)).all(&self.tx).await?;
        let mut approvals = Vec::with_capacity(rows.len());
        for row in rows {
            let approval = Approval {
                by: parse(&row.approved_by, "approval", "approved_by", row.id)?,
                plan: plan_hash(&row.plan_hash)?,
            };
            if approval.plan == current {
                approvals.push(approval);
            }
        }
        Ok((approvals, current))
    }

    async fn add_approval(&mut self, job: &job::Model, approval: Approval) -> Result<(), LedgerError> {
        let row = approval_row::ActiveModel {
            id: Set(self.ledger.ids().fresh::<habeas_domain::MessageId>().uuid()),
            job_id: Set(job.id),
            approved_by: Set(approval.by.to_string()),
            plan_hash: Set(approval.plan.0.to_vec()),
            approved_at: Set(self.stored_now()),
        };
        approval_row::Entity::insert(row).exec_without_returning(&self.tx).await?;
        let detail = json!({ "job": job.id, "plan": approval.plan.to_string() });
        self.audit(
            RequestId::from_uuid(job.request_id),
            AuditEvent::new("approved", approval.by).with(detail),
        );
        Ok(())
    }
}
