use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use habeas_domain::{
    Actor, HeldKey, HoldId, JobId, JobState, Personal, RequestId, Retry, Right, TypedId,
    audit::{AuditEntry, AuditEvent},
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{chain, row};
use crate::{
    Ledger, LedgerError, Unreadable, clock,
    corrupt::{Listed, parse, parse_opt, readable},
    entity::{hold, job, job_hold},
    job_step,
};

/// The most holds that are listed.
const MOST: u64 = 500;

/// A hold, opened for staff.
#[derive(Debug, Clone, PartialEq)]
pub struct HoldView {
    /// Its id.
    pub id: HoldId,
    /// Who placed it.
    pub placed_by: Actor,
    /// When.
    pub placed_at: DateTime<Utc>,
    /// The day on which somebody is to look whether it is still needed.
    pub review_on: Option<NaiveDate>,
    /// The matter, or another reason.
    pub reason: Personal<String>,
    /// The keys of the person.
    pub keys: Vec<HeldKey>,
    /// Whether the stores were asked for the further keys of the person. Until they have answered it is about the typed keys
    /// alone, and they are asked again.
    pub whole: bool,
    /// The requests that it names.
    pub requests: Vec<RequestId>,
    /// Who lifted it, once somebody has.
    pub lifted: Option<HoldEnd>,
    /// The jobs in whose way it stands now.
    pub jobs: Vec<HeldJobView>,
}

/// The end of a hold.
#[derive(Debug, Clone, PartialEq)]
pub struct HoldEnd {
    /// Who lifted it.
    pub by: Actor,
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub note: Personal<String>,
}

/// A job in whose way a hold stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldJobView {
    /// The job.
    pub job: JobId,
    /// Its request.
    pub request: RequestId,
    /// The right that it fulfils.
    pub right: Right,
    /// Where it stands.
    pub state: JobState,
}

impl Ledger {
    /// Holds, latest first: at most 500. Those that were lifted only if `lifted` is set.
    pub async fn list_holds(&self, lifted: bool) -> Result<Listed<HoldView>, LedgerError> {
        let mut holds = hold::Entity::find();
        if !lifted {
            holds = holds.filter(hold::Column::LiftedAt.is_null());
        }
        let rows = holds
            .order_by_desc(hold::Column::PlacedAt)
            .order_by_desc(hold::Column::Id)
            .limit(MOST)
            .all(self.db())
            .await?;
        self.hold_views(rows).await
    }

    /// One hold.
    pub async fn hold(&self, id: HoldId) -> Result<HoldView, LedgerError> {
        let rows = hold::Entity::find_by_id(id.uuid()).all(self.db()).await?;
        self.hold_views(rows).await?.only("hold")
    }

    /// Who placed and lifted a hold, and what that reached, oldest first.
    pub async fn hold_trail(&self, id: HoldId) -> Result<Vec<AuditEntry>, LedgerError> {
        self.audit_entries(chain(id)).await
    }

    /// Records in the trail of a hold that `by` is about to see whom it is about, before anything is shown.
    pub async fn record_hold_seen(&self, id: HoldId, by: Actor) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        if hold::Entity::find_by_id(id.uuid()).lock_exclusive().one(&unit.tx).await?.is_none() {
            return Err(LedgerError::NotFound("hold"));
        }
        unit.audit(chain(id), AuditEvent::new("hold-seen", by));
        unit.commit().await
    }

    /// How many holds are placed, and of how many the day of review has come.
    pub(crate) async fn count_holds(&self) -> Result<(u64, u64), LedgerError> {
        let placed = || hold::Entity::find().filter(hold::Column::LiftedAt.is_null());
        let today = self.ids().now().date_naive().to_string();
        let due = placed().filter(hold::Column::ReviewOn.lte(today)).count(self.db()).await?;
        Ok((placed().count(self.db()).await?, due))
    }

    /// How many jobs wait for a hold to be lifted.
    pub(crate) async fn count_held_jobs(&self) -> Result<u64, LedgerError> {
        let held = sea_orm::sea_query::Expr::cust("state IN ('held', 'held-in-part')");
        Ok(job::Entity::find().filter(held).count(self.db()).await?)
    }

    async fn hold_views(&self, rows: Vec<hold::Model>) -> Result<Listed<HoldView>, LedgerError> {
        let mut unreadable = Vec::new();
        let mut jobs = self.jobs_by_hold(rows.iter().map(|row| row.id).collect(), &mut unreadable).await?;
        let items = readable(
            rows,
            |row| {
                let jobs = jobs.remove(&row.id).unwrap_or_default();
                self.hold_view(&row, jobs)
            },
            &mut unreadable,
        )?;
        Ok(Listed { items, unreadable })
    }

    fn hold_view(&self, row: &hold::Model, jobs: Vec<HeldJobView>) -> Result<HoldView, LedgerError> {
        let id = row::id(row);
        let matter = row::open(self.vault(), row).map_err(unless_later(row, "matter"))?;
        Ok(HoldView {
            id,
            placed_by: parse(&row.placed_by, "hold", "placed_by", row.id)?,
            placed_at: clock::moment(row.placed_at),
            review_on: parse_opt(row.review_on.as_deref(), "hold", "review_on", row.id)?,
            reason: matter.reason,
            keys: matter.keys,
            whole: row.ask_stores_at.is_none(),
            requests: matter.requests,
            lifted: self.hold_end(row)?,
            jobs,
        })
    }

    fn hold_end(&self, row: &hold::Model) -> Result<Option<HoldEnd>, LedgerError> {
        let (Some(at), Some(by), Some(note)) = (row.lifted_at, &row.lifted_by, &row.lift_note) else {
            return Ok(None);
        };
        let key = row::key(self.vault(), row)?;
        let note = self.vault().open(&key, &row::lift_note(row::id(row)), note);
        let note = note.map_err(|error| unless_later(row, "lift_note")(error.into()))?;
        let unreadable = |_| unreadable(row, "lift_note");
        Ok(Some(HoldEnd {
            by: parse(by, "hold", "lifted_by", row.id)?,
            at: clock::moment(at),
            note: Personal::new(String::from_utf8(note.into_inner()).map_err(unreadable)?),
        }))
    }

    /// The jobs in whose way these holds stand, without those that cannot be read.
    async fn jobs_by_hold(
        &self,
        holds: Vec<Uuid>,
        passed_over: &mut Vec<Unreadable>,
    ) -> Result<HashMap<Uuid, Vec<HeldJobView>>, LedgerError> {
        let links =
            job_hold::Entity::find().filter(job_hold::Column::HoldId.is_in(holds)).all(self.db()).await?;
        let jobs = job::Entity::find()
            .filter(job::Column::Id.is_in(links.iter().map(|link| link.job_id)))
            .order_by_asc(job::Column::Id)
            .all(self.db())
            .await?;
        let mut by_hold: HashMap<Uuid, Vec<HeldJobView>> = HashMap::new();
        for job in readable(&jobs, held_job, passed_over)? {
            for link in links.iter().filter(|link| link.job_id == job.job.uuid()) {
                by_hold.entry(link.hold_id).or_default().push(job.clone());
            }
        }
        Ok(by_hold)
    }
}

fn held_job(row: &job::Model) -> Result<HeldJobView, LedgerError> {
    Ok(HeldJobView {
        job: job_step::id(row),
        request: RequestId::from_uuid(row.request_id),
        right: job_step::right(row)?,
        state: job_step::state(row)?,
    })
}

fn unreadable(row: &hold::Model, column: &'static str) -> LedgerError {
    LedgerError::Corrupt { table: "hold", column, row: row.id.to_string() }
}

/// What does not open and never will cannot be read.
fn unless_later(row: &hold::Model, column: &'static str) -> impl FnOnce(LedgerError) -> LedgerError {
    move |error| match error.retry() {
        Retry::Never => unreadable(row, column),
        _ => error,
    }
}
