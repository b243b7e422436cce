use habeas_domain::{Actor, IllegalTransition, JobId, JobState, TypedId, audit::AuditEvent};
use serde_json::json;

use crate::{Ledger, LedgerError, job_step};

impl Ledger {
    /// Staff have seen to it that the person has their copy, or does without: a deletion that waits because the copy was made
    /// in part, or its mail came back for good, begins all the same. Copies that are still being made are waited for. Fails
    /// if the job does not wait for a copy.
    pub async fn confirm_copy(&self, deletion: JobId, by: Actor) -> Result<(), LedgerError> {
        let request = self.request_of(deletion).await?;
        let mut unit = self.begin().await?;
        let requests = unit.lock([request]).await?;
        let row = requests.get(&request).ok_or(LedgerError::NotFound("request"))?;
        let mut jobs = unit.jobs_of([request]).await?;
        let wanted = jobs.iter_mut().find(|one| one.id == deletion.uuid());
        let wanted = wanted.ok_or(LedgerError::NotFound("job"))?;
        let state = job_step::state(wanted)?;
        if state != JobState::AwaitingCopy || !job_step::right(wanted)?.removes_data() {
            let refused =
                IllegalTransition { machine: "job", state: state.as_str(), event: "confirming the copy" };
            return Err(refused.into());
        }
        wanted.copy_confirmed_at = Some(unit.stored_now());
        unit.save(wanted);
        unit.audit(request, AuditEvent::new("copy-confirmed", by).with(json!({ "job": deletion })));
        unit.start_after_others(row, &mut jobs).await?;
        unit.commit().await
    }
}
