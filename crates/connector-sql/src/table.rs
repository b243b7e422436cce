//! The catalog of a database, as statements need it.

use std::{collections::BTreeMap, sync::Arc};

use habeas_connector_api::{
    StoreError,
    changing::{unknown_collection, unknown_field},
};
use habeas_domain::{
    CollectionName, FieldName,
    schema::{CollectionSchema, FieldSchema},
};

/// One column, with what its dialect must know to read and bind it.
#[derive(Debug, Clone)]
pub(crate) struct Column<N> {
    pub(crate) field: FieldSchema,
    pub(crate) native: N,
}

/// One table.
#[derive(Debug, Clone)]
pub(crate) struct Table<N> {
    pub(crate) schema: CollectionSchema,
    /// Its quoted name, with its schema.
    pub(crate) path: String,
    /// Its columns in the order of the schema's fields.
    pub(crate) columns: Vec<Column<N>>,
    /// What finds a row again within a transaction: the identity, or a row number of the database's own. Empty if
    /// rows cannot be told apart.
    pub(crate) locator: Vec<Column<N>>,
}

impl<N> Table<N> {
    /// A table whose columns are still to be read.
    pub(crate) const fn new(path: String, name: CollectionName) -> Self {
        Self { schema: CollectionSchema::new(name), path, columns: Vec::new(), locator: Vec::new() }
    }

    pub(crate) fn column(&self, name: &FieldName) -> Result<&Column<N>, StoreError> {
        let column = self.columns.iter().find(|column| &column.field.name == name);
        column.ok_or_else(|| unknown_field(&self.schema, name))
    }

    /// Whether deleting a row may take others of the same table with it.
    pub(crate) fn takes_its_own(&self) -> bool {
        self.self_references().any(|reference| reference.follows)
    }

    pub(crate) fn self_references(&self) -> impl Iterator<Item = &habeas_domain::schema::Reference> {
        self.schema.references.iter().filter(|reference| reference.to == self.schema.name)
    }
}

/// All tables by name.
#[derive(Debug)]
pub(crate) struct Catalog<N> {
    tables: BTreeMap<CollectionName, Arc<Table<N>>>,
}

impl<N> Catalog<N> {
    pub(crate) fn new(tables: Vec<Table<N>>) -> Self {
        let named = |table: Table<N>| (table.schema.name.clone(), Arc::new(table));
        Self { tables: tables.into_iter().map(named).collect() }
    }

    pub(crate) fn table(&self, name: &CollectionName) -> Result<Arc<Table<N>>, StoreError> {
        self.tables.get(name).cloned().ok_or_else(|| unknown_collection(name))
    }

    pub(crate) fn schemas(&self) -> Vec<CollectionSchema> {
        self.tables.values().map(|table| table.schema.clone()).collect()
    }
}
