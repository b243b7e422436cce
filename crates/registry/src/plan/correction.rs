//! Where a correction goes.

use habeas_domain::{Bilingual, Category, CollectionName, FieldName, StoreName};
use serde::Serialize;

use super::Lookup;
use crate::{Meaning, Registry};

/// What a correction changes in one store.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CorrectionPlan {
    /// The store.
    pub store: StoreName,
    /// The fields, in the manifest's order; none if the store holds nothing of that meaning.
    pub steps: Vec<CorrectionStep>,
}

/// One field that a correction changes, in each of the person's rows that still holds the old value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CorrectionStep {
    /// The collection.
    pub collection: CollectionName,
    /// What people call the collection.
    pub title: Bilingual,
    /// What finds the rows in which the field is the person's.
    pub lookups: Vec<Lookup>,
    /// The field.
    pub field: FieldName,
    /// What people call the field.
    pub field_title: Bilingual,
}

impl Registry {
    /// Every field of a store that declares this category and this meaning. Nothing if there is no such store.
    pub fn correction_plan(
        &self,
        store: &StoreName,
        category: &Category,
        meaning: Meaning,
    ) -> Option<CorrectionPlan> {
        let mut steps = Vec::new();
        for collection in &self.manifest(store)?.collections {
            let meant = collection.fields.iter().filter(|field| field.correct == Some(meaning));
            for field in meant.filter(|field| field.category.as_ref() == Some(category)) {
                steps.push(CorrectionStep {
                    collection: collection.name.clone(),
                    title: collection.title.clone(),
                    lookups: self.lookups_of(collection, field),
                    field: field.name.clone(),
                    field_title: field.title(),
                });
            }
        }
        Some(CorrectionPlan { store: store.clone(), steps })
    }
}
