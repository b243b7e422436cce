//! Warnings: challenge work that is about a job tells every address on file what will be done, and how to stop it.

use std::collections::HashMap;

use chrono::TimeDelta;
use habeas_domain::{JobId, RequestId, Right, grace::grace_end};
use habeas_ledger::{Claimed, JobToRun, Lease, LedgerError, Notice, Noticed, OpenRequest};
use habeas_runtime::Failure;

use crate::ChallengeWorker;

impl ChallengeWorker {
    /// Warns of the jobs of this group. Work that is not about a job is left alone.
    pub(crate) async fn warn(
        &self,
        group: &[Claimed],
        open: &HashMap<RequestId, OpenRequest>,
    ) -> Vec<Failure> {
        let about: Vec<(&Claimed, JobId)> =
            group.iter().filter_map(|claimed| Some((claimed, claimed.job?))).collect();
        if about.is_empty() {
            return Vec::new();
        }
        let ids: Vec<JobId> = about.iter().map(|(_, job)| *job).collect();
        let jobs = match self.ledger.jobs_to_run(&ids).await {
            Ok(jobs) => jobs,
            Err(error) => return all(&about, error),
        };
        let (mut made, mut failures) = (Vec::new(), Vec::new());
        for (claimed, job) in &about {
            match self.notices(claimed.lease, open.get(&claimed.request), jobs.get(job)) {
                Some(noticed) => made.push(noticed),
                None => failures.push(Failure::new(claimed, LedgerError::Erased)),
            }
        }
        if let Err(error) = self.ledger.noticed(made).await {
            return all(&about, error);
        }
        failures
    }

    /// Nothing if the request is erased.
    fn notices(&self, lease: Lease, of: Option<&OpenRequest>, job: Option<&JobToRun>) -> Option<Noticed> {
        let (of, job) = of.zip(job)?;
        // A plan that was withdrawn since warns nobody; its work ends.
        let notice = job.plan.as_ref().and_then(|plan| plan.notice.as_ref());
        let notices = notice.map(|notice| self.warnings(of, job.right, notice)).unwrap_or_default();
        Some(Noticed { lease, request: of.id, job: job.id, notices })
    }

    fn warnings(&self, of: &OpenRequest, right: Right, notice: &Notice) -> Vec<habeas_ledger::NewChallenge> {
        let seconds = i64::try_from(notice.grace_seconds).unwrap_or(i64::MAX);
        let grace = TimeDelta::try_seconds(seconds).unwrap_or(TimeDelta::MAX);
        let not_before = grace_end(self.challenges.now(), grace, of.due_at);
        notice.untold().map(|address| self.challenges.warning(of, right, address, not_before)).collect()
    }
}

fn all(about: &[(&Claimed, JobId)], error: LedgerError) -> Vec<Failure> {
    let fault = habeas_domain::Fault::from(error);
    about.iter().map(|(claimed, _)| Failure::new(claimed, fault.clone())).collect()
}
