//! The erased people on a page of rows.

use std::collections::{BTreeMap, HashSet};

use habeas_domain::{KeyName, KeyValue, Value};
use habeas_ledger::Erasure;
use habeas_registry::HeldKey;

use super::Running;
use crate::{FulfilmentError, KeyBook, spelling};

/// How many keys are remembered as looked into. Beyond that some people are looked into again, which changes nothing.
const MOST_SEEN: usize = 100_000;

/// The keys that were looked into, so that a person with many rows is looked into once for each key.
#[derive(Default)]
pub(super) struct Seen(HashSet<(Erasure, KeyName, KeyValue)>);

impl Seen {
    fn is_new(&mut self, erasure: Erasure, key: &KeyName, value: &KeyValue) -> bool {
        if self.0.len() >= MOST_SEEN {
            self.0.clear();
        }
        self.0.insert((erasure, key.clone(), value.clone()))
    }
}

impl Running<'_> {
    /// Who of the erased is on a page, each with the keys by which they were found.
    pub(super) async fn people_on(
        &mut self,
        keys: &[HeldKey],
        rows: &[Vec<Value>],
    ) -> Result<BTreeMap<Erasure, KeyBook>, FulfilmentError> {
        let registry = &self.worker.fulfilment.registry;
        let mut held: Vec<(KeyName, KeyValue)> = Vec::new();
        for row in rows {
            for (key, value) in keys.iter().zip(row) {
                let found = spelling::of_row(registry, &key.rules.name, value);
                held.extend(found.map(|found| (key.rules.name.clone(), found)));
            }
        }
        held.sort_unstable();
        held.dedup();
        let found = self.worker.fulfilment.ledger.erasures_of(&self.run, &held).await?;
        let mut people: BTreeMap<Erasure, KeyBook> = BTreeMap::new();
        for (erasure, places) in found {
            for (key, value) in places.iter().filter_map(|place| held.get(*place)) {
                if self.seen.is_new(erasure, key, value) {
                    people.entry(erasure).or_default().add(key, value.clone());
                }
            }
        }
        Ok(people)
    }
}
