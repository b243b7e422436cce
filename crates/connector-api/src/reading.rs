//! How a connector turns a selection into rows with owners.

use habeas_domain::{FieldName, Value};

use crate::{Attribution, OwnedRow, Selection};

/// The reading side of a connector: which fields to fetch, and what to give back for each fetched row.
#[derive(Debug)]
pub struct Reading<'a> {
    attribution: Attribution<'a>,
    fields: Vec<&'a FieldName>,
    keys: Vec<usize>,
    given: usize,
}

impl<'a> Reading<'a> {
    /// For one selection.
    pub fn new(selection: &'a Selection) -> Self {
        let mut fields: Vec<&FieldName> = selection.fields.iter().collect();
        let told = selection.matches.iter().chain(&selection.except);
        let keys = told.map(|one| place(&mut fields, &one.field)).collect();
        Self {
            attribution: Attribution::new(&selection.matches).except(&selection.except),
            fields,
            keys,
            given: selection.fields.len(),
        }
    }

    /// The fields to fetch: those asked for, then those that tell the owners.
    pub fn fields(&self) -> &[&'a FieldName] {
        &self.fields
    }

    /// Whether a row is one of these at all, for a store that looks at every row it has.
    pub(crate) fn finds(&mut self, values: &[Value]) -> bool {
        !self.attribution.look_up(self.keys.iter().filter_map(|at| values.get(*at))).is_empty()
    }

    /// The row as it goes to its owners; nothing if it belongs to nobody. `values` are in the order of [`Self::fields`].
    pub fn take(&mut self, mut values: Vec<Value>) -> Option<OwnedRow> {
        let owners = self.attribution.owners_of(self.keys.iter().filter_map(|at| values.get(*at)));
        values.truncate(self.given);
        (!owners.is_empty()).then_some(OwnedRow { owners, values })
    }
}

/// Where the field stands in the list, added at its end if it is not yet there.
pub(crate) fn place<'a>(fields: &mut Vec<&'a FieldName>, field: &'a FieldName) -> usize {
    fields.iter().position(|one| *one == field).unwrap_or_else(|| {
        fields.push(field);
        fields.len() - 1
    })
}
