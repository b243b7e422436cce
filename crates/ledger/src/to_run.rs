use std::collections::HashMap;

use habeas_domain::{JobId, JobState, RequestId, Right, TypedId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    JobPlan, Ledger, LedgerError,
    among::among,
    corrupt::parse,
    entity::{job, request},
    sealed,
};

/// A job as fulfilment needs it to run one of its tasks or to conclude it.
#[derive(Debug, Clone)]
pub struct JobToRun {
    /// Its id.
    pub id: JobId,
    /// Its request.
    pub request: RequestId,
    /// Which right.
    pub right: Right,
    /// Where it stands.
    pub state: JobState,
    /// Its plan, if it has one yet.
    pub plan: Option<JobPlan>,
}

impl Ledger {
    /// Opens these jobs with their plans. Jobs of erased requests are left out.
    pub async fn jobs_to_run(&self, ids: &[JobId]) -> Result<HashMap<JobId, JobToRun>, LedgerError> {
        let jobs = job::Entity::find()
            .filter(among(job::Column::Id, ids.iter().map(|id| id.uuid())))
            .all(self.db())
            .await?;
        self.open_jobs(jobs).await
    }

    /// Opens the jobs of these requests that wait for a plan, without the plans that were withdrawn.
    pub async fn jobs_to_plan(
        &self,
        requests: &[RequestId],
    ) -> Result<HashMap<JobId, JobToRun>, LedgerError> {
        let jobs = job::Entity::find()
            .filter(among(job::Column::RequestId, requests.iter().map(|id| id.uuid())))
            .filter(job::Column::State.eq(JobState::AwaitingPlan.as_str()))
            .all(self.db())
            .await?;
        let known =
            jobs.into_iter().map(|job| job::Model { plan: job.plan.filter(|_| !job.plan_withdrawn), ..job });
        self.open_jobs(known.collect()).await
    }

    async fn open_jobs(&self, jobs: Vec<job::Model>) -> Result<HashMap<JobId, JobToRun>, LedgerError> {
        let requests = request::Entity::find()
            .filter(among(request::Column::Id, jobs.iter().map(|row| row.request_id)))
            .all(self.db())
            .await?;
        let mut opened = HashMap::new();
        for row in jobs {
            let Some(of) = requests.iter().find(|of| of.id == row.request_id && of.wrapped_key.is_some())
            else {
                continue;
            };
            let id = JobId::from_uuid(row.id);
            let plan = match row.plan.as_deref() {
                None => None,
                Some(sealed_plan) => {
                    let key = sealed::key(self.vault(), of)?;
                    Some(
                        self.vault().open_json::<JobPlan>(&key, &sealed::plan(id), sealed_plan)?.into_inner(),
                    )
                }
            };
            let job = JobToRun {
                id,
                request: RequestId::from_uuid(row.request_id),
                right: parse(&row.right, "job", "right", row.id)?,
                state: parse(&row.state, "job", "state", row.id)?,
                plan,
            };
            opened.insert(id, job);
        }
        Ok(opened)
    }
}
