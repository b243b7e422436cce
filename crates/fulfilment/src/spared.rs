//! Rows that were left to somebody else, and what a store would do to them by itself.

use futures::StreamExt;
use habeas_connector_api::{Owner, Selection};
use habeas_domain::schema::CollectionSchema;
use habeas_registry::{DeletionAction, DeletionPlan, followers};

use crate::{FulfilmentError, KeyBook, group, task_worker::TaskWorker};

impl TaskWorker {
    /// Refuses a deletion by which the store itself would delete or empty a row that was left to somebody else, because it
    /// refers to one that goes; and one by which it would do so to rows that are other people's as well.
    ///
    /// # Errors
    /// [`FulfilmentError::TakesOthers`], for good until the store is put right.
    pub(crate) async fn spares_others(
        &self,
        plan: &DeletionPlan,
        people: &[(Owner, &KeyBook)],
        schema: &[CollectionSchema],
    ) -> Result<(), FulfilmentError> {
        let people: Vec<(Owner, &KeyBook)> =
            people.iter().filter(|(_, book)| book.leaves_any()).copied().collect();
        let goes = plan.steps.iter().filter(|step| step.action == DeletionAction::Rows);
        let followers = followers(goes.map(|step| &step.collection), schema);
        let manifest = self.fulfilment.registry.manifest(&self.store);
        let all = manifest.iter().flat_map(|manifest| &manifest.collections);
        for collection in all.filter(|one| followers.contains(&one.name)) {
            if collection.has_sides() || self.leaves_rows(collection, &people).await? {
                let (store, collection) = (self.store.clone(), collection.name.clone());
                return Err(FulfilmentError::TakesOthers { store, collection });
            }
        }
        Ok(())
    }

    /// Whether a row that these people's keys find was left to somebody else.
    async fn leaves_rows(
        &self,
        collection: &habeas_registry::Collection,
        people: &[(Owner, &KeyBook)],
    ) -> Result<bool, FulfilmentError> {
        let lookups = self.fulfilment.registry.lookups_in(collection);
        let except = group::except(&lookups, people);
        let Some(field) = except.first().map(|one| one.field.clone()) else { return Ok(false) };
        let all = Selection {
            collection: collection.name.clone(),
            matches: group::matches(&lookups, people),
            except: Vec::new(),
            fields: vec![field],
        };
        let without = Selection { except, ..all.clone() };
        Ok(self.belongings(&all).await? != self.belongings(&without).await?)
    }

    /// How many rows belong to the people of a selection, one that belongs to two of them counted twice.
    async fn belongings(&self, selection: &Selection) -> Result<usize, FulfilmentError> {
        let fail = FulfilmentError::of_store(&self.store);
        let mut rows = self.handle()?.store.select(selection).await.map_err(&fail)?;
        let mut count = 0;
        while let Some(row) = rows.next().await {
            count += row.map_err(&fail)?.owners.len();
        }
        Ok(count)
    }
}
