//! Tables, copied on write.

use std::{collections::BTreeMap, sync::Arc};

use habeas_domain::{CollectionName, FieldName, Value, schema::CollectionSchema};

use super::{constraints, references};
use crate::{
    ChangeSet, Changing, Decision, Step, StepReport, StoreError,
    changing::{unknown_collection, unknown_field},
};

/// One row; shared between copies of its table until it is changed.
pub(super) type Row = Arc<[Value]>;

/// All tables by name. A clone is cheap, so a change set works on one and throws it away when it fails.
#[derive(Debug, Clone, Default)]
pub(super) struct Database {
    tables: BTreeMap<CollectionName, Table>,
}

/// One table.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) schema: Arc<CollectionSchema>,
    pub(super) rows: Arc<Vec<Row>>,
}

impl Table {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn copy(&self) -> Vec<Vec<Value>> {
        self.rows.iter().map(|row| row.to_vec()).collect()
    }

    /// Where these fields stand in a row.
    pub(super) fn places(&self, fields: &[&FieldName]) -> Result<Vec<usize>, StoreError> {
        let place = |name: &FieldName| self.schema.fields.iter().position(|field| &field.name == name);
        fields.iter().map(|name| place(name).ok_or_else(|| unknown_field(&self.schema, name))).collect()
    }

    /// Each row by what tells it from the others, in the order of that: of rows without identity, all that they hold.
    pub(super) fn in_order(&self) -> Vec<(String, usize)> {
        let identity: Vec<&FieldName> = self.schema.identity.iter().collect();
        let places = self.places(&identity).unwrap_or_default();
        let place = |row: &Row| {
            let told = if places.is_empty() { row.to_vec() } else { pick(row, &places) };
            told.iter().map(|value| value.to_text() + "\u{1}").collect::<String>()
        };
        let mut rows: Vec<(String, usize)> = self.rows.iter().map(place).zip(0..).collect();
        rows.sort_unstable();
        rows
    }

    pub(super) fn values(&self, row: usize, places: &[usize]) -> Vec<Value> {
        self.rows.get(row).map(|row| pick(row, places)).unwrap_or_default()
    }
}

pub(super) fn pick(row: &[Value], places: &[usize]) -> Vec<Value> {
    places.iter().filter_map(|at| row.get(*at).cloned()).collect()
}

impl Database {
    pub(super) fn create(&mut self, schema: CollectionSchema) {
        let table = Table { schema: Arc::new(schema), rows: Arc::default() };
        self.tables.insert(table.schema.name.clone(), table);
    }

    pub(super) fn table(&self, name: &CollectionName) -> Result<&Table, StoreError> {
        self.tables.get(name).ok_or_else(|| unknown_collection(name))
    }

    pub(super) fn tables(&self) -> impl Iterator<Item = &Table> {
        self.tables.values()
    }

    pub(super) fn schemas(&self) -> Vec<CollectionSchema> {
        self.tables.values().map(|table| (*table.schema).clone()).collect()
    }

    pub(super) fn insert(&mut self, name: &CollectionName, rows: Vec<Vec<Value>>) -> Result<(), StoreError> {
        let mut all = (*self.table(name)?.rows).clone();
        all.extend(rows.into_iter().map(Row::from));
        self.replace(name, all)?;
        references::check(self)
    }

    pub(super) fn apply(&mut self, change: &ChangeSet, step: &Step) -> Result<StepReport, StoreError> {
        let table = self.table(&step.collection)?.clone();
        let mut changing = Changing::new(change, step, &table.schema)?;
        let read = table.places(changing.fields())?;
        let identity = table.places(&table.schema.identity.iter().collect::<Vec<_>>())?;
        let written = table.places(&changing.rewritten().map(|field| &field.name).collect::<Vec<_>>())?;
        let (mut kept, mut gone) = (Vec::with_capacity(table.len()), Vec::new());
        for (number, row) in table.rows.iter().enumerate() {
            let values = pick(row, &read);
            let mut key = pick(row, &identity);
            if key.is_empty() {
                key.push(Value::Int(i64::try_from(number).unwrap_or(i64::MAX)));
            }
            match changing.finds(&values).then(|| changing.decide(&key, &values)).transpose()? {
                None | Some(Decision::Leave) => kept.push(Arc::clone(row)),
                Some(Decision::Delete) => gone.push(Arc::clone(row)),
                Some(Decision::Rewrite(new)) => kept.push(rewritten(row, &written, new)),
            }
        }
        let report = changing.report();
        if report.rows.changed > 0 {
            let followed = references::follow(self, &step.collection, kept, &gone)?;
            for (name, rows) in followed {
                self.replace(&name, rows)?;
            }
            references::check(self)?;
        }
        Ok(report)
    }

    /// Puts these rows in place of all rows of a table, if its own constraints allow.
    fn replace(&mut self, name: &CollectionName, rows: Vec<Row>) -> Result<(), StoreError> {
        let table = self.tables.get_mut(name).ok_or_else(|| unknown_collection(name))?;
        constraints::check(&table.schema, &rows)?;
        table.rows = Arc::new(rows);
        Ok(())
    }
}

fn rewritten(row: &Row, places: &[usize], new: Vec<Option<Value>>) -> Row {
    let mut values = row.to_vec();
    for (at, value) in places.iter().zip(new) {
        if let (Some(old), Some(value)) = (values.get_mut(*at), value) {
            *old = value;
        }
    }
    values.into()
}
