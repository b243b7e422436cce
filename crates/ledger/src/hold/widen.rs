//! A hold follows the person: under whatever address they ask, it is the same hold.

use std::collections::BTreeSet;

use habeas_domain::{Actor, HeldKey, HoldId, TypedId, audit::AuditEvent};
use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use super::{HoldPlaced, NewHold, chain, row};
use crate::{
    Ledger, LedgerError,
    among::among,
    entity::{hold, hold_key},
    race::again_after_race,
    unit::Unit,
};

/// Rows of a person that come to be found by other keys than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeysMoved {
    /// What they were found by, or other keys of the same person.
    pub known: Vec<HeldKey>,
    /// What they will be found by.
    pub new: Vec<HeldKey>,
}

impl Ledger {
    /// Adds further keys of the same person to a hold, sealed and hashed like its own, and stops what they lead to. One that was
    /// lifted stays as it is. Fails with [`LedgerError::NotFound`] if there is no such hold.
    pub async fn widen_hold(
        &self,
        hold: HoldId,
        keys: &[HeldKey],
        by: Actor,
    ) -> Result<HoldPlaced, LedgerError> {
        again_after_race(|| self.widen_hold_once(hold, keys, by, false)).await
    }

    /// The same with all further keys that the stores hold: the hold is whole from now on.
    pub async fn complete_hold(
        &self,
        hold: HoldId,
        keys: &[HeldKey],
        by: Actor,
    ) -> Result<HoldPlaced, LedgerError> {
        again_after_race(|| self.widen_hold_once(hold, keys, by, true)).await
    }

    /// Has the holds on these people hold them under their new keys as well. To be called before any row is changed.
    pub async fn holds_follow(&self, moved: &[KeysMoved]) -> Result<(), LedgerError> {
        for one in moved.iter().filter(|one| !one.new.is_empty()) {
            let lookups = one.known.iter().map(|key| self.held_key_lookup(key));
            let holds: Vec<Uuid> = hold_key::Entity::find()
                .select_only()
                .column(hold_key::Column::HoldId)
                .filter(among(hold_key::Column::Lookup, lookups))
                .into_tuple()
                .all(self.db())
                .await?;
            for hold in holds.into_iter().collect::<BTreeSet<Uuid>>() {
                self.widen_hold(HoldId::from_uuid(hold), &one.new, Actor::System).await?;
            }
        }
        Ok(())
    }

    async fn widen_hold_once(
        &self,
        id: HoldId,
        keys: &[HeldKey],
        by: Actor,
        whole: bool,
    ) -> Result<HoldPlaced, LedgerError> {
        let mut unit = self.begin().await?;
        unit.alone_among_holds().await?;
        let new = unit.add_keys(id, keys).await?;
        if whole {
            unit.is_whole(id).await?;
        }
        let Some(new) = new else {
            unit.commit().await?;
            return Ok(HoldPlaced { id, stopped: Vec::new(), too_late: Vec::new() });
        };
        let lookups = new.keys.iter().map(|key| self.held_key_lookup(key)).collect();
        let placed = unit.stop_concerned(id, &new, lookups, by).await?;
        let names: Vec<_> = new.keys.iter().map(|key| &key.key).collect();
        let detail = json!({ "keys": names, "stopped": placed.stopped, "too_late": placed.too_late });
        unit.audit(chain(id), AuditEvent::new("hold-widened", by).with(detail));
        unit.commit().await?;
        Ok(placed)
    }
}

impl Unit<'_> {
    /// The stores were asked.
    async fn is_whole(&self, id: HoldId) -> Result<(), LedgerError> {
        let change = hold::ActiveModel { id: Set(id.uuid()), ask_stores_at: Set(None), ..Default::default() };
        hold::Entity::update(change).exec(&self.tx).await?;
        Ok(())
    }

    /// Returns what is new of these keys as a hold of its own; nothing if it was lifted, or knows them all.
    async fn add_keys(&self, id: HoldId, keys: &[HeldKey]) -> Result<Option<NewHold>, LedgerError> {
        let found = hold::Entity::find_by_id(id.uuid()).lock_exclusive().one(&self.tx).await?;
        let found = found.ok_or(LedgerError::NotFound("hold"))?;
        if found.lifted_at.is_some() {
            return Ok(None);
        }
        let vault = self.ledger.vault();
        let mut matter = row::open(vault, &found)?;
        let mut known: BTreeSet<Vec<u8>> =
            matter.keys.iter().map(|key| self.ledger.held_key_lookup(key)).collect();
        let mut new = keys.to_vec();
        new.retain(|key| known.insert(self.ledger.held_key_lookup(key)));
        if new.is_empty() {
            return Ok(None);
        }
        matter.keys.extend(new.iter().cloned());
        let key = row::key(vault, &found)?;
        let change = hold::ActiveModel {
            id: Set(found.id),
            matter: Set(vault.seal_json(&key, &row::matter(id), &matter)?),
            ..Default::default()
        };
        hold::Entity::update(change).exec(&self.tx).await?;
        self.write_hold_keys(id, new.iter().map(|key| self.ledger.held_key_lookup(key))).await?;
        Ok(Some(NewHold { keys: new, requests: Vec::new(), reason: matter.reason, review_on: None }))
    }
}
