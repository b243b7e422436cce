//! The other requests of a person who says that one is not theirs. Whoever made that one may have made them too: they stop
//! with it, and each is left to staff.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use habeas_domain::{Actor, EmailAddress, JobId, RequestId, TypedId, audit::AuditEvent};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Ledger, LedgerError,
    among::among,
    clock,
    entity::{job, request},
    review::ReviewCause,
    unit::Unit,
};

/// How long after its end a request stops with another: what it gave away may still be fetched, and staff have to know.
const LATELY: TimeDelta = TimeDelta::days(30);

/// What staff read on a request that was stopped with another.
const STOPPED: &str =
    "somebody at an address on file says that another request of this person is not theirs; settle both: ";

impl Ledger {
    /// The requests of whoever holds the addresses that were warned of this job, as far as they are open or ended lately.
    /// By the addresses that the stores hold, and not by what the request itself says: else anybody could stop the requests
    /// of others by naming them in one of their own.
    pub(super) async fn siblings_of(
        &self,
        of: RequestId,
        job: Option<JobId>,
    ) -> Result<BTreeSet<RequestId>, LedgerError> {
        let warned = match job {
            Some(job) => self.jobs_to_run(&[job]).await?.remove(&job),
            None => None,
        };
        let notice = warned.and_then(|job| job.plan).and_then(|plan| plan.notice);
        let addresses = notice.into_iter().flat_map(|notice| notice.addresses);
        let addresses = addresses.filter_map(|address| EmailAddress::parse(address.expose()).ok());
        let mut lookups: BTreeSet<Vec<u8>> = addresses.map(|one| self.subject_lookup(&one)).collect();
        let own = request::Entity::find_by_id(of.uuid()).one(self.db()).await?;
        lookups.extend(own.map(|row| row.subject_lookup));
        let since = clock::stored(self.ids().now() - LATELY);
        let found: Vec<Uuid> = request::Entity::find()
            .select_only()
            .column(request::Column::Id)
            .filter(among(request::Column::SubjectLookup, lookups))
            .filter(
                Condition::any()
                    .add(request::Column::ClosedAt.is_null())
                    .add(request::Column::ClosedAt.gt(since)),
            )
            .filter(request::Column::Id.ne(of.uuid()))
            .into_tuple()
            .all(self.db())
            .await?;
        Ok(found.into_iter().map(RequestId::from_uuid).collect())
    }
}

impl Unit<'_> {
    /// Stops a request because its sibling `of` was objected to. What staff are at, or have settled, stays as it is.
    pub(super) async fn dispute_sibling(
        &mut self,
        row: &mut request::Model,
        jobs: &mut [job::Model],
        of: RequestId,
    ) -> Result<(), LedgerError> {
        if row.disputed_at.is_some() {
            return Ok(());
        }
        for job in jobs.iter_mut().filter(|job| job.request_id == row.id && job.ended_at.is_none()) {
            self.dispute_job(job).await?;
        }
        self.stop_with_sibling(row, of);
        self.changes.request(row);
        Ok(())
    }

    /// Marks a request that stops with its sibling, or that comes while staff look into that.
    pub(crate) fn stop_with_sibling(&mut self, row: &mut request::Model, of: RequestId) {
        row.disputed_at = Some(self.stored_now());
        row.ask_review_too(ReviewCause::Sibling, || format!("{STOPPED}{}", of.reference()));
        let event = AuditEvent::new("disputed", Actor::System).with(json!({ "with": of }));
        self.audit(RequestId::from_uuid(row.id), event);
    }
}
