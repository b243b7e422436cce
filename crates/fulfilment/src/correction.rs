//! Correction: each planned change only where the store still holds the value that was shown at approval.

use std::collections::BTreeMap;

use futures::StreamExt;
use habeas_connector_api::{
    Action, ChangeSet, Counts, Owner, Replacement, Selection, Step, keys::canonical, rewriting::same,
};
use habeas_domain::{
    Bilingual, CollectionName, FieldName, HeldKey, KeyName, Personal, RequestId, SideName, Value,
};
use habeas_ledger::{KeysMoved, TaskDone};
use habeas_registry::{Lookup, Meaning};
use habeas_runtime::Failure;

use crate::{
    CollectionReport, FulfilmentError, KeyBook, PlannedChange, TaskDetail, Terms, group,
    new_address::Moved,
    task_worker::{Done, Task, TaskWorker, done},
};

/// One field with everything that is planned for it, whosever rows it is in: the store is asked for all of them at once.
struct Place<'a> {
    collection: &'a CollectionName,
    field: &'a FieldName,
    title: Bilingual,
    lookups: Vec<Lookup>,
    /// The side of its rows that it is about, where they have sides.
    side: Option<SideName>,
    /// The key by which the field finds rows, if it does.
    key: Option<KeyName>,
    people: BTreeMap<Owner, Planned<'a>>,
}

/// What is planned for one field of one person's rows.
struct Planned<'a> {
    book: &'a KeyBook,
    changes: Vec<&'a PlannedChange>,
    others: Vec<&'a Value>,
}

/// What a proof finds in the rows of one person.
#[derive(Default, Clone, Copy)]
struct Found {
    /// Rows that still hold a value that was to be replaced.
    left: u64,
    /// Rows that hold a value which nobody had seen at the approval.
    conflicts: u64,
}

impl TaskWorker {
    /// Corrects for these tasks together. A person of whom an old value is left fails alone.
    pub(crate) async fn correct(&self, tasks: &[Task]) -> Result<Done, FulfilmentError> {
        let mut ended = Done::default();
        let theirs = self.without_strangers(tasks, &mut ended.failures).await?;
        let entered = self.enter(theirs).await?;
        if entered.is_empty() {
            return Ok(ended);
        }
        let mut places = self.places(&entered);
        // Fields that find rows are changed last, so that the others still find theirs.
        places.sort_by_key(|place| place.key.is_some());
        self.have_holds_follow(&places).await?;
        let steps: Vec<Step> = places.iter().map(Place::step).collect();
        let did = self.apply(&ChangeSet { salt: self.salt(), steps }).await?;
        let mut reports: Vec<Result<Vec<CollectionReport>, FulfilmentError>> =
            entered.iter().map(|_| Ok(Vec::new())).collect();
        for (place, did) in places.iter().zip(&did.steps) {
            let found = self.look_again(place).await?;
            for owner in place.people.keys() {
                let Some(slot) = reports.get_mut(*owner as usize) else { continue };
                let Ok(told) = slot else { continue };
                let found = found.get(owner).copied().unwrap_or_default();
                match self.prove(place, found, did.owners.get(owner)) {
                    Ok(report) => told.push(report),
                    Err(left) => *slot = Err(left),
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

    /// Those who are not to be known by an address that somebody else is known by already. Asked before anything is changed.
    async fn without_strangers<'a>(
        &self,
        tasks: &'a [Task],
        failures: &mut Vec<Failure>,
    ) -> Result<Vec<&'a Task>, FulfilmentError> {
        let reviewed: Vec<RequestId> =
            tasks.iter().filter(|task| task.request.was_reviewed).map(|task| task.request.id).collect();
        let decided = self.fulfilment.ledger.decided_findings(&reviewed).await?;
        let terms = |task: &Task| decided.get(&task.request.id).map(Vec::as_slice).unwrap_or_default();
        let terms: Vec<Terms> =
            tasks.iter().map(|task| Terms::of(terms(task), &self.fulfilment.registry)).collect();
        let moved = tasks.iter().zip(&terms);
        let moved: Vec<Moved<'_>> = moved
            .map(|(task, terms)| Moved { request: &task.request, known: &task.detail.keys, terms })
            .collect();
        let strangers = self.fulfilment.strangers(&moved).await?;
        let mut theirs = Vec::with_capacity(tasks.len());
        for (task, stranger) in tasks.iter().zip(strangers) {
            match stranger {
                Some(review) => failures.push(Failure::new(&task.claimed, FulfilmentError::Review(review))),
                None => theirs.push(task),
            }
        }
        Ok(theirs)
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
        let finding =
            places.iter().filter_map(|place| Some((place, place.key.as_ref().filter(|key| !shared(key))?)));
        let moved: Vec<KeysMoved> = finding
            .flat_map(|(place, key)| place.people.values().map(move |planned| (key, planned)))
            .map(|(key, planned)| KeysMoved { known: planned.book.held(), new: planned.new_keys(key) })
            .collect();
        Ok(self.fulfilment.ledger.holds_follow(&moved).await?)
    }

    fn places<'a>(&self, tasks: &[&'a Task]) -> Vec<Place<'a>> {
        let mut places: Vec<Place<'a>> = Vec::new();
        for (owner, task) in (0..).zip(tasks) {
            for change in task.detail.changes.iter().filter(|change| change.store == self.store) {
                let known = places.iter_mut().find(|place| place.is_at(&change.collection, &change.field));
                match known {
                    Some(place) => place.add(owner, task, change),
                    None => places.extend(self.place(change).map(|mut place| {
                        place.add(owner, task, change);
                        place
                    })),
                }
            }
        }
        places
    }

    fn place<'a>(&self, change: &'a PlannedChange) -> Option<Place<'a>> {
        let collection = self.fulfilment.registry.manifest(&self.store)?.collection(&change.collection)?;
        let field = collection.field(&change.field)?;
        Some(Place {
            collection: &change.collection,
            field: &change.field,
            title: collection.title.clone(),
            lookups: self.fulfilment.registry.lookups_of(collection, field),
            side: field.side.clone(),
            key: field.key.clone(),
            people: BTreeMap::new(),
        })
    }

    /// Re-reads a field for all whom a step is about.
    async fn look_again(&self, place: &Place<'_>) -> Result<BTreeMap<Owner, Found>, FulfilmentError> {
        let fail = FulfilmentError::of_store(&self.store);
        let people = place.books();
        let selection = Selection {
            collection: place.collection.clone(),
            matches: group::matches(&place.lookups, &people),
            except: group::except(&place.lookups, &people),
            fields: vec![place.field.clone()],
        };
        let mut all: BTreeMap<Owner, Found> = BTreeMap::new();
        let mut rows = self.handle()?.store.select(&selection).await.map_err(&fail)?;
        while let Some(row) = rows.next().await {
            let row = row.map_err(&fail)?;
            let Some(value) = row.values.first() else { continue };
            for owner in &row.owners {
                let Some(planned) = place.people.get(owner) else { continue };
                let found = all.entry(*owner).or_default();
                found.left += u64::from(planned.is_old(value));
                found.conflicts += u64::from(planned.is_unseen(value));
            }
        }
        Ok(all)
    }

    /// The old values must be gone: what is left of them is this person's failure alone. Rows that hold a value which nobody
    /// had seen at the approval are left alone and counted.
    fn prove(
        &self,
        place: &Place<'_>,
        found: Found,
        did: Option<&Counts>,
    ) -> Result<CollectionReport, FulfilmentError> {
        if found.left > 0 {
            let (store, collection) = (self.store.clone(), place.collection.clone());
            return Err(FulfilmentError::NotProven { store, collection, left: found.left });
        }
        let counts = did.copied().unwrap_or_default();
        Ok(CollectionReport {
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
            conflicts: found.conflicts,
            proven_at: self.fulfilment.ledger.ids().now(),
        })
    }
}

impl<'a> Place<'a> {
    fn is_at(&self, collection: &CollectionName, field: &FieldName) -> bool {
        (self.collection, self.field) == (collection, field)
    }

    fn add(&mut self, owner: Owner, task: &'a Task, change: &'a PlannedChange) {
        let others = task.detail.others.iter().filter(|other| {
            (&other.store, &other.collection, &other.field)
                == (&change.store, &change.collection, &change.field)
        });
        let planned = self.people.entry(owner).or_insert_with(|| Planned {
            book: &task.detail.keys,
            changes: Vec::new(),
            others: others.map(|other| &other.value).collect(),
        });
        planned.changes.push(change);
    }

    fn books(&self) -> Vec<(Owner, &'a KeyBook)> {
        self.people.iter().map(|(owner, planned)| (*owner, planned.book)).collect()
    }

    fn step(&self) -> Step {
        let people = self.books();
        let replacements = self.people.iter().flat_map(|(owner, planned)| {
            planned.changes.iter().map(|change| Replacement {
                owner: *owner,
                field: self.field.clone(),
                from: change.from.clone(),
                to: change.to.clone(),
            })
        });
        Step {
            collection: self.collection.clone(),
            matches: group::matches(&self.lookups, &people),
            except: group::except(&self.lookups, &people),
            only: None,
            action: Action::Replace(replacements.collect()),
        }
    }
}

impl Planned<'_> {
    fn new_keys(&self, key: &KeyName) -> Vec<HeldKey> {
        let values = self.changes.iter().filter_map(|change| canonical(&change.to));
        values.map(|value| HeldKey::new(key.clone(), value.as_str().to_owned())).collect()
    }

    fn is_old(&self, value: &Value) -> bool {
        self.changes.iter().any(|change| same(value, &change.from))
    }

    fn is_unseen(&self, value: &Value) -> bool {
        let planned = self.changes.iter().flat_map(|change| [&change.from, &change.to]);
        !planned.chain(self.others.iter().copied()).any(|known| same(value, known))
    }
}
