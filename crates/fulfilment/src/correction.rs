//! Correction: each planned change only where the store still holds the value that was shown at approval.

use futures::StreamExt;
use habeas_connector_api::{
    Action, ChangeSet, Counts, Owner, Selection, Step, StepReport, keys::canonical, rewriting::same,
};
use habeas_domain::{
    Bilingual, CollectionName, FieldName, HeldKey, KeyName, Personal, Rewrite, SideName, Value,
};
use habeas_ledger::{KeysMoved, TaskDone};
use habeas_registry::{Lookup, Meaning};
use habeas_runtime::Failure;

use crate::{
    CollectionReport, FulfilmentError, KeyBook, PlannedChange, TaskDetail, group,
    task_worker::{Done, Task, TaskWorker, done},
};

/// One field of one person's rows with everything that is planned for it.
struct Place<'a> {
    owner: Owner,
    book: &'a KeyBook,
    collection: &'a CollectionName,
    field: &'a FieldName,
    title: Bilingual,
    lookups: Vec<Lookup>,
    /// The side of its rows that it is about, where they have sides.
    side: Option<SideName>,
    /// The key by which the field finds rows, if it does.
    key: Option<KeyName>,
    changes: Vec<&'a PlannedChange>,
    others: Vec<&'a Value>,
}

impl TaskWorker {
    /// Corrects for these tasks together. A person of whom an old value is left fails alone.
    pub(crate) async fn correct(&self, tasks: &[Task]) -> Result<Done, FulfilmentError> {
        let entered = self.enter(tasks).await?;
        let mut ended = Done::default();
        if entered.is_empty() {
            return Ok(ended);
        }
        let mut places: Vec<Place<'_>> =
            (0..).zip(&entered).flat_map(|(owner, task)| self.places(owner, task)).collect();
        // Fields that find rows are changed last, so that the others still find theirs.
        places.sort_by_key(|place| place.key.is_some());
        self.have_holds_follow(&places).await?;
        let steps: Vec<Step> = places.iter().flat_map(Place::steps).collect();
        let report = self.apply(&ChangeSet { salt: self.salt(), steps }).await?;
        let mut did = report.steps.iter();
        let mut reports: Vec<Result<Vec<CollectionReport>, FulfilmentError>> =
            entered.iter().map(|_| Ok(Vec::new())).collect();
        for place in &places {
            let counts = place.counts(did.by_ref().take(place.changes.len()));
            let proven = self.prove_correction(place).await?;
            if let Some(slot) = reports.get_mut(place.owner as usize) {
                match (proven, &mut *slot) {
                    (Err(left), Ok(_)) => *slot = Err(left),
                    (Ok(conflicts), Ok(told)) => told.push(self.report_of(place, counts, conflicts)),
                    (_, Err(_)) => {}
                }
            }
        }
        for (task, collections) in entered.iter().zip(reports) {
            match collections {
                Ok(collections) => {
                    let rows = collections.iter().map(|one| one.changed).sum();
                    let whole = done(task, rows, &TaskDetail::of_change(task, rows, collections))?;
                    ended.done.push(TaskDone { contacts: self.contacts(task), ..whole });
                }
                Err(error) => ended.failures.push(Failure::new(&task.claimed, error)),
            }
        }
        Ok(ended)
    }

    /// What a task writes into this store by which the person is reached. A repeat that finds it written says the same.
    fn contacts(&self, task: &Task) -> Vec<Personal<String>> {
        let manifest = self.fulfilment.registry.manifest(&self.store);
        let reaches = |change: &&PlannedChange| {
            let collection = manifest.and_then(|manifest| manifest.collection(&change.collection));
            let field = collection.and_then(|collection| collection.field(&change.field));
            field.is_some_and(|field| matches!(field.correct, Some(Meaning::Phone | Meaning::Email)))
        };
        let changes = task.detail.changes.iter().filter(|change| change.store == self.store);
        changes.filter(reaches).map(|change| Personal::new(change.to.to_text())).collect()
    }

    /// Nobody leaves a legal hold by a correction: it holds them under the new key too, before any row bears it.
    async fn have_holds_follow(&self, places: &[Place<'_>]) -> Result<(), FulfilmentError> {
        let shared = |key: &KeyName| self.fulfilment.registry.key(key).shared;
        let moved: Vec<KeysMoved> = places
            .iter()
            .filter_map(|place| Some((place, place.key.as_ref().filter(|key| !shared(key))?)))
            .map(|(place, key)| KeysMoved { known: place.book.held(), new: place.new_keys(key) })
            .collect();
        Ok(self.fulfilment.ledger.holds_follow(&moved).await?)
    }

    fn places<'a>(&self, owner: Owner, task: &'a Task) -> Vec<Place<'a>> {
        let mut places: Vec<Place<'a>> = Vec::new();
        for change in task.detail.changes.iter().filter(|change| change.store == self.store) {
            let known = places.iter_mut().find(|place| place.is_at(&change.collection, &change.field));
            match known {
                Some(place) => place.changes.push(change),
                None => places.extend(self.place(owner, task, change)),
            }
        }
        places
    }

    fn place<'a>(&self, owner: Owner, task: &'a Task, change: &'a PlannedChange) -> Option<Place<'a>> {
        let collection = self.fulfilment.registry.manifest(&self.store)?.collection(&change.collection)?;
        let field = collection.field(&change.field)?;
        let others = task.detail.others.iter().filter(|other| {
            (&other.store, &other.collection, &other.field)
                == (&self.store, &change.collection, &change.field)
        });
        Some(Place {
            owner,
            book: &task.detail.keys,
            collection: &change.collection,
            field: &change.field,
            title: collection.title.clone(),
            lookups: self.fulfilment.registry.lookups_of(collection, field),
            side: field.side.clone(),
            key: field.key.clone(),
            changes: vec![change],
            others: others.map(|other| &other.value).collect(),
        })
    }

    /// Re-reads a field: the old values must be gone. Rows that hold a value which nobody had seen at the approval are
    /// left alone and counted. What is left of the old values is this person's failure alone.
    async fn prove_correction(
        &self,
        place: &Place<'_>,
    ) -> Result<Result<u64, FulfilmentError>, FulfilmentError> {
        let fail = FulfilmentError::of_store(&self.store);
        let selection = Selection {
            collection: place.collection.clone(),
            matches: group::matches(&place.lookups, &[(place.owner, place.book)]),
            except: group::except(&place.lookups, &[(place.owner, place.book)]),
            fields: vec![place.field.clone()],
        };
        let (mut left, mut conflicts) = (0, 0);
        let mut rows = self.handle()?.store.select(&selection).await.map_err(&fail)?;
        while let Some(row) = rows.next().await {
            let row = row.map_err(&fail)?;
            let Some(value) = row.values.first() else { continue };
            left += u64::from(place.is_old(value));
            conflicts += u64::from(place.is_unseen(value));
        }
        if left > 0 {
            let (store, collection) = (self.store.clone(), place.collection.clone());
            return Ok(Err(FulfilmentError::NotProven { store, collection, left }));
        }
        Ok(Ok(conflicts))
    }

    fn report_of(&self, place: &Place<'_>, counts: Counts, conflicts: u64) -> CollectionReport {
        CollectionReport {
            collection: place.collection.clone(),
            title: place.title.clone(),
            side: place.side.clone(),
            action: "corrected".to_owned(),
            matched: counts.matched,
            changed: counts.changed,
            kept: 0,
            reason: None,
            until: None,
            owed: None,
            conflicts,
            proven_at: self.fulfilment.ledger.ids().now(),
        }
    }
}

impl Place<'_> {
    fn is_at(&self, collection: &CollectionName, field: &FieldName) -> bool {
        (self.collection, self.field) == (collection, field)
    }

    fn steps(&self) -> impl Iterator<Item = Step> {
        self.changes.iter().map(|change| {
            let replace = Rewrite::Replace { from: change.from.clone(), to: change.to.clone() };
            Step {
                collection: self.collection.clone(),
                matches: group::matches(&self.lookups, &[(self.owner, self.book)]),
                except: group::except(&self.lookups, &[(self.owner, self.book)]),
                only: None,
                action: Action::Rewrite(vec![(self.field.clone(), replace)]),
            }
        })
    }

    fn new_keys(&self, key: &KeyName) -> Vec<HeldKey> {
        let values = self.changes.iter().filter_map(|change| canonical(&change.to));
        values.map(|value| HeldKey::new(key.clone(), value.as_str().to_owned())).collect()
    }

    /// Every change looks at the same rows.
    fn counts<'r>(&self, did: impl Iterator<Item = &'r StepReport>) -> Counts {
        did.filter_map(|step| step.owners.get(&self.owner)).fold(Counts::default(), |all, step| Counts {
            matched: all.matched.max(step.matched),
            changed: all.changed + step.changed,
            kept: 0,
        })
    }

    fn is_old(&self, value: &Value) -> bool {
        self.changes.iter().any(|change| same(value, &change.from))
    }

    fn is_unseen(&self, value: &Value) -> bool {
        let planned = self.changes.iter().flat_map(|change| [&change.from, &change.to]);
        !planned.chain(self.others.iter().copied()).any(|known| same(value, known))
    }
}
