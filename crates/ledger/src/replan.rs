use habeas_domain::{Actor, JobId, TypedId, audit::AuditEvent, job::JobEvent};
use serde_json::json;

use crate::{Ledger, LedgerError};

impl Ledger {
    /// Takes back the plan of a job that has not begun, because the manifests or the keys changed since, and orders a new
    /// resolve. Approvals of the plan before no longer count, unless the new one turns out the same.
    pub async fn replan(&self, job: JobId, by: Actor) -> Result<(), LedgerError> {
        let request = self.request_of(job).await?;
        let mut unit = self.begin().await?;
        unit.lock([request]).await?;
        let mut jobs = unit.jobs_of([request]).await?;
        let wanted = jobs.iter_mut().find(|one| one.id == job.uuid()).ok_or(LedgerError::NotFound("job"))?;
        wanted.grace_until = None;
        unit.step(wanted, JobEvent::PlanChanged, by)?;
        unit.audit(request, AuditEvent::new("plan-withdrawn", by).with(json!({ "job": job })));
        unit.resolve(request);
        unit.commit().await
    }
}
