//! One collection of a store.

use habeas_domain::{Bilingual, CollectionName, FieldName};
use serde::Serialize;

use crate::{Field, Keep};

/// What a manifest says about one collection.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Collection {
    /// Its name in the store.
    pub name: CollectionName,
    /// What people call it.
    pub title: Bilingual,
    /// Its fields, in the manifest's order.
    pub fields: Vec<Field>,
    /// Whether a deletion deletes its rows (`delete = "rows"`). Otherwise each field's effect is carried out.
    pub deletes_rows: bool,
    /// What holds the deletion back, for fields that have no rule of their own.
    pub keep: Option<Keep>,
}

impl Collection {
    /// The field of that name, if the manifest mentions it.
    pub fn field(&self, name: &FieldName) -> Option<&Field> {
        self.fields.iter().find(|field| &field.name == name)
    }

    /// The fields that hold keys.
    pub fn key_fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.key.is_some())
    }

    /// The rule that holds back what a deletion does to a field.
    pub fn keep_of<'a>(&'a self, field: &'a Field) -> Option<&'a Keep> {
        field.keep.as_ref().or(self.keep.as_ref())
    }

    /// Whether a deletion does anything here.
    pub fn deletes(&self) -> bool {
        self.deletes_rows || self.fields.iter().any(|field| field.delete.is_some())
    }

    /// Whether any right has business here.
    pub fn is_personal(&self) -> bool {
        self.deletes() || self.fields.iter().any(|field| field.category.is_some())
    }
}
