//! Correction: each planned change only where the store still holds the value that was shown at approval.

use futures::StreamExt;
use habeas_connector_api::{Action, ChangeSet, Owner, Selection, Step, rewriting::same};
use habeas_domain::{Bilingual, Rewrite, Value};
use habeas_ledger::TaskDone;
use habeas_registry::Lookup;

use crate::{
    CollectionReport, FulfilmentError, KeyBook, PlannedChange, TaskDetail, group,
    task_worker::{Task, TaskWorker, done},
};

/// One change of one person.
struct One<'a> {
    owner: Owner,
    book: &'a KeyBook,
    change: &'a PlannedChange,
    lookups: Vec<Lookup>,
    title: Bilingual,
}

impl TaskWorker {
    pub(crate) async fn correct(&self, tasks: &[Task]) -> Result<Vec<TaskDone>, FulfilmentError> {
        let entered = self.enter(tasks).await?;
        if entered.is_empty() {
            return Ok(Vec::new());
        }
        let ones: Vec<One<'_>> =
            (0..).zip(&entered).flat_map(|(owner, task)| self.ones(owner, task)).collect();
        let steps = ones.iter().map(|one| Step {
            collection: one.change.collection.clone(),
            matches: group::matches(&one.lookups, &[(one.owner, one.book)]),
            only: None,
            action: Action::Rewrite(vec![(
                one.change.field.clone(),
                Rewrite::Replace { from: one.change.from.clone(), to: one.change.to.clone() },
            )]),
        });
        let change = ChangeSet { salt: self.salt(), steps: steps.collect() };
        let report = self.apply(&change).await?;
        let mut reports: Vec<Vec<CollectionReport>> = entered.iter().map(|_| Vec::new()).collect();
        for (one, did) in ones.iter().zip(&report.steps) {
            let counts = did.owners.get(&one.owner).copied().unwrap_or_default();
            let conflicts = self.prove_correction(one).await?;
            if let Some(reports) = reports.get_mut(one.owner as usize) {
                reports.push(CollectionReport {
                    collection: one.change.collection.clone(),
                    title: one.title.clone(),
                    action: "corrected".to_owned(),
                    matched: counts.matched,
                    changed: counts.changed,
                    kept: 0,
                    reason: None,
                    until: None,
                    conflicts,
                    proven_at: self.fulfilment.ledger.ids().now(),
                });
            }
        }
        entered
            .iter()
            .zip(reports)
            .map(|(task, collections)| {
                let rows = collections.iter().map(|one| one.changed).sum();
                done(task, rows, &TaskDetail::Changed { collections })
            })
            .collect()
    }

    fn ones<'a>(&self, owner: Owner, task: &'a Task) -> Vec<One<'a>> {
        let of_store = task.detail.changes.iter().filter(|change| change.store == self.store);
        of_store
            .filter_map(|change| {
                let manifest = self.fulfilment.registry.manifest(&self.store)?;
                let collection = manifest.collection(&change.collection)?;
                let lookups = self.fulfilment.registry.lookups_in(collection);
                Some(One { owner, book: &task.book, change, lookups, title: collection.title.clone() })
            })
            .collect()
    }

    /// Re-reads the field: the old value must be gone. Rows that hold a third value, written since the approval, are
    /// left alone and counted.
    async fn prove_correction(&self, one: &One<'_>) -> Result<u64, FulfilmentError> {
        let fail = FulfilmentError::of_store(&self.store);
        let selection = Selection {
            collection: one.change.collection.clone(),
            matches: group::matches(&one.lookups, &[(one.owner, one.book)]),
            fields: vec![one.change.field.clone()],
        };
        let planned: Vec<&Value> = vec![&one.change.from, &one.change.to];
        let (mut left, mut conflicts) = (0, 0);
        let mut rows = self.handle()?.store.select(&selection).await.map_err(&fail)?;
        while let Some(row) = rows.next().await {
            let row = row.map_err(&fail)?;
            let Some(value) = row.values.first() else { continue };
            if same(value, &one.change.from) {
                left += 1;
            } else if !planned.iter().any(|known| same(value, known)) {
                conflicts += 1;
            }
        }
        if left > 0 {
            let (store, collection) = (self.store.clone(), one.change.collection.clone());
            return Err(FulfilmentError::NotProven { store, collection, left });
        }
        Ok(conflicts)
    }
}
