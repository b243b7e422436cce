use habeas_domain::{JobId, RequestId, TypedId, approval::PlanHash};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::assemble::plan_hash;
use crate::{
    JobPlan, Ledger, LedgerError, Page, RequestView, Unreadable,
    entity::{job, request},
    job_step, sealed,
};

/// How many requests of one reference are shown; 40 bits make a second one a curiosity.
const NAMESAKES: u64 = 20;

impl Ledger {
    /// One request.
    pub async fn request_view(&self, id: RequestId) -> Result<RequestView, LedgerError> {
        let row = request::Entity::find_by_id(id.uuid()).all(self.db()).await?;
        self.all_views(row).await?.pop().ok_or(LedgerError::NotFound("request"))
    }

    /// The requests that people call by this reference, newest first: one or none, but a reference is short and so not
    /// certain to be the only one of its kind. Case and surrounding blanks do not matter.
    pub async fn find_by_reference(&self, reference: &str) -> Result<Vec<RequestView>, LedgerError> {
        let rows = request::Entity::find()
            .filter(request::Column::Reference.eq(written(reference)))
            .order_by_desc(request::Column::ReceivedAt)
            .limit(NAMESAKES)
            .all(self.db())
            .await?;
        self.all_views(rows).await
    }

    /// Views of these rows, every one of which has to be readable.
    async fn all_views(&self, rows: Vec<request::Model>) -> Result<Vec<RequestView>, LedgerError> {
        let page = Box::pin(self.views(Page { items: rows, next: None, unreadable: Vec::new() })).await?;
        match page.unreadable.into_iter().next() {
            Some(Unreadable { table, column, row }) => Err(LedgerError::Corrupt { table, column, row }),
            None => Ok(page.items),
        }
    }

    /// The plan of a job and what an approval of it is bound to, for showing to staff. Holds personal data.
    pub async fn job_plan(&self, job: JobId) -> Result<(JobPlan, PlanHash), LedgerError> {
        let row = job::Entity::find_by_id(job.uuid()).one(self.db()).await?;
        let row = row.ok_or(LedgerError::NotFound("job"))?;
        let of = request::Entity::find_by_id(row.request_id).one(self.db()).await?;
        let of = of.ok_or(LedgerError::NotFound("request"))?;
        let key = sealed::key(self.vault(), &of)?;
        let hash = plan_hash(&row)?.ok_or(LedgerError::NotFound("plan"))?;
        let plan = row.plan.as_deref().ok_or(LedgerError::NotFound("plan"))?;
        let plan = self.vault().open_json::<JobPlan>(&key, &sealed::plan(job_step::id(&row)), plan)?;
        Ok((plan.into_inner(), hash))
    }
}

/// A reference as it is stored.
pub(super) fn written(reference: &str) -> String {
    reference.trim().to_ascii_uppercase()
}
