//! Rows of two people, one of whom is on legal hold: such a row is evidence about the held person, and stays as it is although
//! another deletes their own side of it.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use habeas_connector_api::{Owner, Selection, keys::canonical};
use habeas_domain::{HeldKey, HoldId, SideName, Value};
use habeas_ledger::{SharedWithHeld, StandingHolds};
use habeas_registry::{Collection, Lookup};

use crate::{
    FulfilmentError, KeyBook, group,
    sides::Sides,
    task_worker::{Task, TaskWorker, owners},
};

/// The others on hold with whom a person shares rows.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    /// The keys by which the holds were met.
    pub(crate) keys: Vec<HeldKey>,
    holds: BTreeSet<HoldId>,
}

impl TaskWorker {
    /// Of tasks that have entered the store those that may change it now. One of whose rows is also about somebody on hold waits for
    /// the lift, and the store stays as it is for its person.
    pub(crate) async fn beside_no_hold<'a>(
        &self,
        entered: Vec<&'a Task>,
    ) -> Result<Vec<&'a Task>, FulfilmentError> {
        let mut met = self.held_beside(&owners(entered.iter().copied())).await?;
        let (mut free, mut held) = (Vec::with_capacity(entered.len()), Vec::new());
        for (owner, task) in (0..).zip(entered) {
            let Some(Beside { holds, .. }) = met.remove(&owner) else {
                free.push(task);
                continue;
            };
            let (request, store) = (task.request.id, &self.store);
            tracing::warn!(%request, %store, "a deletion waits: rows of it are also about somebody on legal hold");
            let entered_before = task.claimed.entered_before;
            held.push(SharedWithHeld { lease: task.claimed.lease, request, entered_before, holds });
        }
        self.fulfilment.ledger.hold_beside(&held).await?;
        Ok(free)
    }

    /// Which of these people share a row of this store with somebody on hold. Reads the rows of two people only while holds are
    /// placed at all.
    pub(crate) async fn held_beside(
        &self,
        people: &[(Owner, &KeyBook)],
    ) -> Result<BTreeMap<Owner, Beside>, FulfilmentError> {
        let mut met = BTreeMap::new();
        let manifest = self.fulfilment.registry.manifest(&self.store);
        let sided: Vec<&Collection> = manifest
            .iter()
            .flat_map(|manifest| &manifest.collections)
            .filter(|collection| collection.has_sides() && collection.deletes())
            .collect();
        if sided.is_empty() {
            return Ok(met);
        }
        let holds = self.fulfilment.ledger.standing_holds().await?;
        if !holds.is_empty() {
            for collection in sided {
                self.look_beside(collection, people, &holds, &mut met).await?;
            }
        }
        Ok(met)
    }

    async fn look_beside(
        &self,
        collection: &Collection,
        people: &[(Owner, &KeyBook)],
        holds: &StandingHolds,
        met: &mut BTreeMap<Owner, Beside>,
    ) -> Result<(), FulfilmentError> {
        let lookups = self.fulfilment.registry.lookups_in(collection);
        let matches = group::matches(&lookups, people);
        let mut fields = lookups.iter().map(|lookup| lookup.field.clone()).collect();
        let Some(mut sides) = Sides::of(&lookups, people, &mut fields).filter(|_| !matches.is_empty()) else {
            return Ok(());
        };
        let fail = FulfilmentError::of_store(&self.store);
        let selection =
            Selection { collection: collection.name.clone(), matches, except: Vec::new(), fields };
        let mut rows = self.handle()?.store.select(&selection).await.map_err(&fail)?;
        while let Some(row) = rows.next().await {
            let values = row.map_err(&fail)?.values;
            let whose = sides.whose(&values);
            for owner in whose.iter().map(|(owner, _)| *owner).collect::<BTreeSet<_>>() {
                for key in others_keys(&lookups, &values, owner, &whose) {
                    note(met, owner, &key, holds);
                }
            }
        }
        Ok(())
    }
}

/// The keys that a row holds on the sides that are not the owner's.
fn others_keys<'r>(
    lookups: &'r [Lookup],
    values: &'r [Value],
    owner: Owner,
    whose: &'r [(Owner, &SideName)],
) -> impl Iterator<Item = HeldKey> + 'r {
    lookups.iter().zip(values).filter_map(move |(lookup, value)| {
        let side = lookup.side.as_ref()?;
        let value = canonical(value).filter(|_| !whose.contains(&(owner, side)))?;
        Some(HeldKey::new(lookup.key.clone(), lookup.compare.canonical(&value).as_str().to_owned()))
    })
}

fn note(met: &mut BTreeMap<Owner, Beside>, owner: Owner, key: &HeldKey, holds: &StandingHolds) {
    let mut on_key = holds.on(key).peekable();
    if on_key.peek().is_none() {
        return;
    }
    let beside = met.entry(owner).or_default();
    beside.holds.extend(on_key);
    if !beside.keys.contains(key) {
        beside.keys.push(key.clone());
    }
}
