//! What a copy of a person's data holds.

use habeas_domain::{Bilingual, Category, CollectionName, FieldName, SideName, StoreName};
use serde::Serialize;

use super::Lookup;
use crate::{Collection, Field, Registry};

/// What a package holds of one store.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CopyPlan {
    /// The store.
    pub store: StoreName,
    /// The product that it belongs to.
    pub product: String,
    /// What people call the store.
    pub title: Bilingual,
    /// The collections, in the manifest's order; none without a field.
    pub collections: Vec<CopyCollection>,
}

/// What a package holds of one collection.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CopyCollection {
    /// The collection.
    pub collection: CollectionName,
    /// What people call it.
    pub title: Bilingual,
    /// What finds the person's rows.
    pub lookups: Vec<Lookup>,
    /// The fields, in the manifest's order.
    pub fields: Vec<CopyField>,
}

/// One field of a copy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CopyField {
    /// The field.
    pub field: FieldName,
    /// What people call it.
    pub title: Bilingual,
    /// Its category.
    pub category: Category,
    /// Whether the person provided it.
    pub provided: bool,
    /// Whose of the people of a row it is, where rows have sides: nobody else's copy holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<SideName>,
}

impl Registry {
    /// Every categorised field of a store (GDPR art. 15). Nothing if there is no such store.
    pub fn access_plan(&self, store: &StoreName) -> Option<CopyPlan> {
        self.copy_plan(store, |_| true)
    }

    /// Every categorised field that the person provided (GDPR art. 20). Nothing if there is no such store.
    pub fn portability_plan(&self, store: &StoreName) -> Option<CopyPlan> {
        self.copy_plan(store, |field| field.provided)
    }

    fn copy_plan(&self, store: &StoreName, wanted: impl Fn(&Field) -> bool) -> Option<CopyPlan> {
        let manifest = self.manifest(store)?;
        let copy = |collection: &Collection| CopyCollection {
            collection: collection.name.clone(),
            title: collection.title.clone(),
            lookups: self.lookups_in(collection),
            fields: collection.fields.iter().filter(|field| wanted(field)).filter_map(copy_field).collect(),
        };
        let collections =
            manifest.collections.iter().map(copy).filter(|copy| !copy.fields.is_empty()).collect();
        let (product, title) = (manifest.product.clone(), manifest.title.clone());
        Some(CopyPlan { store: store.clone(), product, title, collections })
    }
}

fn copy_field(field: &Field) -> Option<CopyField> {
    let category = field.category.clone()?;
    Some(CopyField {
        field: field.name.clone(),
        title: field.title(),
        category,
        provided: field.provided,
        side: field.side.clone(),
    })
}
