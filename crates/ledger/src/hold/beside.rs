//! Rows that are about somebody on hold as well as about whose deletion it is. They are evidence about the one as about the
//! other: the task that would change its part of them waits for the lift, and the other tasks of its job go on.

use std::collections::{BTreeSet, HashMap};

use habeas_domain::{Actor, HeldKey, HoldId, RequestId, TypedId, WorkState};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use crate::{
    Ledger, LedgerError,
    among::among,
    claim::Lease,
    entity::{hold, hold_key, job, work},
    fence,
    race::again_after_race,
    unit::Unit,
};

/// The holds that are placed, by the keyed hashes of whom they are about.
#[derive(Clone)]
pub struct StandingHolds {
    ledger: Ledger,
    by_key: HashMap<Vec<u8>, BTreeSet<HoldId>>,
}

impl std::fmt::Debug for StandingHolds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StandingHolds").field("keys", &self.by_key.len()).finish_non_exhaustive()
    }
}

impl StandingHolds {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// The holds on whom this key names.
    pub fn on(&self, key: &HeldKey) -> impl Iterator<Item = HoldId> {
        self.by_key.get(&self.ledger.held_key_lookup(key)).into_iter().flatten().copied()
    }
}

/// A task that has entered its store and changed nothing there yet, of whose rows some are about somebody on hold as well.
#[derive(Debug, Clone)]
pub struct SharedWithHeld {
    /// The lease under which it runs.
    pub lease: Lease,
    /// For which request.
    pub request: RequestId,
    /// Whether an attempt before this one had entered the store.
    pub entered_before: bool,
    /// The holds on the other people of these rows.
    pub holds: BTreeSet<HoldId>,
}

impl Ledger {
    /// The holds that are placed at this moment, to compare keys with.
    pub async fn standing_holds(&self) -> Result<StandingHolds, LedgerError> {
        let mut by_key: HashMap<Vec<u8>, BTreeSet<HoldId>> = HashMap::new();
        for row in hold_key::Entity::find().all(self.db()).await? {
            by_key.entry(row.lookup).or_default().insert(HoldId::from_uuid(row.hold_id));
        }
        Ok(StandingHolds { ledger: self.clone(), by_key })
    }

    /// Has these tasks wait until the holds are lifted. The other tasks of their jobs go on. Where all of the holds were lifted
    /// meanwhile the task is tried again, and no attempt is used up.
    pub async fn hold_beside(&self, tasks: &[SharedWithHeld]) -> Result<(), LedgerError> {
        if tasks.is_empty() {
            return Ok(());
        }
        again_after_race(|| self.hold_beside_once(tasks)).await
    }

    async fn hold_beside_once(&self, tasks: &[SharedWithHeld]) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        unit.meet_holds().await?;
        unit.hold(tasks.iter().map(|one| one.request)).await?;
        let standing = unit.still_placed(tasks.iter().flat_map(|one| &one.holds)).await?;
        let mut waiting = BTreeSet::new();
        for one in tasks {
            let holds: BTreeSet<HoldId> = one.holds.intersection(&standing).copied().collect();
            waiting.extend(unit.leave_store(one, holds).await?);
        }
        unit.stop_taken_back(&waiting).await?;
        unit.commit().await
    }
}

impl Unit<'_> {
    async fn still_placed(
        &self,
        holds: impl Iterator<Item = &HoldId>,
    ) -> Result<BTreeSet<HoldId>, LedgerError> {
        let ids: BTreeSet<Uuid> = holds.map(|hold| hold.uuid()).collect();
        let found: Vec<Uuid> = hold::Entity::find()
            .select_only()
            .column(hold::Column::Id)
            .filter(among(hold::Column::Id, ids))
            .filter(hold::Column::LiftedAt.is_null())
            .into_tuple()
            .all(&self.tx)
            .await?;
        Ok(found.into_iter().map(HoldId::from_uuid).collect())
    }

    /// Takes a task out of its store, which it has not changed, to wait for the lift of these holds, or to be tried again. Returns the job of
    /// one that waits to be tried again, or that was taken back meanwhile.
    async fn leave_store(
        &mut self,
        one: &SharedWithHeld,
        holds: BTreeSet<HoldId>,
    ) -> Result<Option<Uuid>, LedgerError> {
        let found = work::Entity::find().filter(fence::held(&[one.lease])).one(&self.tx).await?;
        let Some(row) = found else { return Ok(None) };
        let Some(mut job) = self.job_of(&row).await? else { return Ok(None) };
        let waits = holds.is_empty() || job.taken_back_at.is_some();
        let state = if waits { WorkState::Waiting } else { WorkState::Held };
        work::Entity::update_many()
            .col_expr(work::Column::State, Expr::value(state.as_str()))
            .col_expr(work::Column::LeaseUntil, Expr::value(Option::<i64>::None))
            .col_expr(work::Column::Entered, Expr::value(one.entered_before))
            .col_expr(work::Column::Attempts, Expr::value(row.attempts - 1))
            .filter(fence::held(&[one.lease]))
            .exec(&self.tx)
            .await?;
        if waits {
            return Ok(Some(job.id));
        }
        for hold in holds {
            self.note_hold(hold, &mut job, Some(&row.store), Actor::System).await?;
        }
        self.count_held(&mut job).await?;
        self.wait_for_lift(&mut job, Actor::System).await?;
        Ok(None)
    }

    async fn job_of(&self, row: &work::Model) -> Result<Option<job::Model>, LedgerError> {
        match row.job_id {
            Some(id) => Ok(job::Entity::find_by_id(id).one(&self.tx).await?),
            None => Ok(None),
        }
    }
}
