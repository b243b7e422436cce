use std::collections::BTreeSet;

use chrono::NaiveDate;
use habeas_domain::{Actor, HeldKey, HoldId, JobId, Personal, RequestId, TypedId, audit::AuditEvent};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use super::{chain, row, whole};
use crate::{
    Ledger, LedgerError,
    among::among,
    clock,
    entity::{hold, hold_key, request, request_key},
    job_step,
    race::again_after_race,
    unit::{Unit, chunks},
};

/// A legal hold to be placed.
#[derive(Debug, Clone)]
pub struct NewHold {
    /// The keys of the person: any one of them is enough.
    pub keys: Vec<HeldKey>,
    /// Requests that are stopped whatever keys are found for them.
    pub requests: Vec<RequestId>,
    /// The matter, or another reason: kept sealed, and shown to staff alone.
    pub reason: Personal<String>,
    /// The day on which somebody is to look whether it is still needed. It does not end by itself.
    pub review_on: Option<NaiveDate>,
}

/// What a hold reached at the moment when it was placed. Plans that are made later meet it by themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldPlaced {
    /// The hold.
    pub id: HoldId,
    /// The jobs of which nothing more is begun.
    pub stopped: Vec<JobId>,
    /// The jobs of which a part was being done at that moment, or all of it, or done again in a store that was restored: what
    /// is gone cannot be brought back. What had not begun is stopped.
    pub too_late: Vec<JobId>,
}

impl HoldPlaced {
    /// With what was reached when the hold was completed. A job that both found counts once.
    #[must_use]
    pub fn and(mut self, more: Self) -> Self {
        for job in more.too_late {
            self.came_too_late(job);
        }
        let (stopped, too_late) = (&mut self.stopped, &self.too_late);
        let new = more.stopped.into_iter().filter(|job| !too_late.contains(job));
        for job in new {
            if !stopped.contains(&job) {
                stopped.push(job);
            }
        }
        self
    }

    fn came_too_late(&mut self, job: JobId) {
        self.stopped.retain(|one| *one != job);
        if !self.too_late.contains(&job) {
            self.too_late.push(job);
        }
    }
}

impl Ledger {
    /// Places a hold: no deletion of whom it is about begins from now on. Recorded before anything else can begin, so
    /// that it wins over every later retry. Fails with [`LedgerError::NotFound`] if a request is not there.
    pub async fn place_hold(&self, new: &NewHold, by: Actor) -> Result<HoldPlaced, LedgerError> {
        // Tasks that enter their store at this moment lock their rows in an order of their own.
        let placed = again_after_race(|| self.place_hold_once(new, by)).await?;
        metrics::counter!("habeas_legal_holds_placed_total").increment(1);
        Ok(placed)
    }

    async fn place_hold_once(&self, new: &NewHold, by: Actor) -> Result<HoldPlaced, LedgerError> {
        let mut unit = self.begin().await?;
        unit.alone_among_holds().await?;
        unit.check_requests(&new.requests).await?;
        let id: HoldId = self.ids().fresh();
        let lookups = unit.store_hold(id, new, by).await?;
        let placed = unit.stop_concerned(id, new, lookups, by).await?;
        let detail = json!({
            "keys": new.keys.iter().map(|key| &key.key).collect::<Vec<_>>(), "requests": new.requests,
            "review_on": new.review_on, "stopped": placed.stopped, "too_late": placed.too_late,
        });
        unit.audit(chain(id), AuditEvent::new("hold-placed", by).with(detail));
        unit.commit().await?;
        Ok(placed)
    }
}

impl Unit<'_> {
    async fn check_requests(&self, requests: &[RequestId]) -> Result<(), LedgerError> {
        let wanted: BTreeSet<Uuid> = requests.iter().map(|id| id.uuid()).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let found: Vec<Uuid> = request::Entity::find()
            .select_only()
            .column(request::Column::Id)
            .filter(among(request::Column::Id, wanted.iter().copied()))
            .into_tuple()
            .all(&self.tx)
            .await?;
        if found.len() == wanted.len() { Ok(()) } else { Err(LedgerError::NotFound("request")) }
    }

    /// Returns the pseudonyms by which plans meet it.
    async fn store_hold(
        &self,
        id: HoldId,
        new: &NewHold,
        by: Actor,
    ) -> Result<BTreeSet<Vec<u8>>, LedgerError> {
        let vault = self.ledger.vault();
        let (key, wrapped) = vault.new_request_key(&row::owner(id))?;
        let matter = row::Matter {
            reason: new.reason.clone(),
            keys: new.keys.clone(),
            requests: new.requests.clone(),
        };
        let hold = hold::ActiveModel {
            id: Set(id.uuid()),
            placed_by: Set(by.to_string()),
            placed_at: Set(self.stored_now()),
            review_on: Set(new.review_on.map(|day| day.to_string())),
            wrapped_key: Set(wrapped.to_bytes()),
            matter: Set(vault.seal_json(&key, &row::matter(id), &matter)?),
            lifted_at: Set(None),
            lifted_by: Set(None),
            lift_note: Set(None),
            ask_stores_at: Set((!new.keys.is_empty()).then(|| clock::stored(self.now + whole::PAUSE))),
        };
        hold::Entity::insert(hold).exec_without_returning(&self.tx).await?;
        let keys = new.keys.iter().map(|key| self.ledger.held_key_lookup(key));
        let requests = new.requests.iter().map(|request| self.ledger.held_request_lookup(*request));
        let lookups: BTreeSet<Vec<u8>> = keys.chain(requests).collect();
        self.write_hold_keys(id, lookups.iter().cloned()).await?;
        Ok(lookups)
    }

    /// Stops the deletions that a hold is about by these keys and requests.
    pub(super) async fn stop_concerned(
        &mut self,
        id: HoldId,
        new: &NewHold,
        lookups: BTreeSet<Vec<u8>>,
        by: Actor,
    ) -> Result<HoldPlaced, LedgerError> {
        let concerned = self.concerned(new, lookups).await?;
        let requests = self.lock(concerned).await?;
        let mut placed = HoldPlaced { id, stopped: Vec::new(), too_late: Vec::new() };
        let erased_again = self.being_erased_again(requests.keys().copied()).await?;
        for mut job in self.jobs_of(requests.keys().copied()).await? {
            if job_step::right(&job)?.removes_data() {
                self.stop_for(id, &mut job, by, &mut placed).await?;
                if erased_again.contains(&RequestId::from_uuid(job.request_id)) {
                    placed.came_too_late(job_step::id(&job));
                }
            }
        }
        Ok(placed)
    }

    pub(super) async fn write_hold_keys(
        &self,
        id: HoldId,
        lookups: impl Iterator<Item = Vec<u8>>,
    ) -> Result<(), LedgerError> {
        let row = |lookup| hold_key::ActiveModel { lookup: Set(lookup), hold_id: Set(id.uuid()) };
        for rows in chunks(lookups.map(row).collect()) {
            hold_key::Entity::insert_many(rows).exec_without_returning(&self.tx).await?;
        }
        Ok(())
    }

    /// The requests that a new hold is about: those that it names, those whose planned keys it names, and the open ones of
    /// an address that it names.
    async fn concerned(
        &self,
        new: &NewHold,
        lookups: BTreeSet<Vec<u8>>,
    ) -> Result<BTreeSet<RequestId>, LedgerError> {
        let mut concerned: BTreeSet<RequestId> = new.requests.iter().copied().collect();
        let mut planned: Vec<Uuid> = Vec::new();
        for lookups in chunks(lookups.into_iter().collect()) {
            let found = request_key::Entity::find()
                .select_only()
                .column(request_key::Column::RequestId)
                .filter(among(request_key::Column::Lookup, lookups))
                .into_tuple::<Uuid>();
            planned.extend(found.all(&self.tx).await?);
        }
        let addresses: Vec<Vec<u8>> = new
            .keys
            .iter()
            .filter(|key| key.key.as_str() == "email")
            .map(|key| self.ledger.vault().lookup("email", key.compared().expose()).as_bytes().to_vec())
            .collect();
        let asked: Vec<Uuid> = request::Entity::find()
            .select_only()
            .column(request::Column::Id)
            .filter(among(request::Column::SubjectLookup, addresses))
            .filter(request::Column::ClosedAt.is_null())
            .into_tuple()
            .all(&self.tx)
            .await?;
        concerned.extend(planned.into_iter().chain(asked).map(RequestId::from_uuid));
        Ok(concerned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_was_reached_twice_counts_once() {
        let [first, second, third] = [1, 2, 3].map(|n| JobId::from_uuid(Uuid::from_u128(n)));
        let id = HoldId::from_uuid(Uuid::from_u128(9));
        let placed = |stopped: &[JobId], too_late: &[JobId]| HoldPlaced {
            id,
            stopped: stopped.to_vec(),
            too_late: too_late.to_vec(),
        };
        let both = placed(&[first, second], &[]).and(placed(&[first, third], &[second]));
        assert_eq!(both, placed(&[first, third], &[second]));
        assert_eq!(placed(&[], &[first]).and(placed(&[first], &[])), placed(&[], &[first]));
    }
}
