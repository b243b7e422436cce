//! Reading columns back into domain types: a bad row says table, column and row.

use std::{fmt::Display, str::FromStr};

use crate::LedgerError;

/// A row that this release cannot read: it was damaged, or a later release wrote it. Whatever stands around it is shown without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The table.
    pub table: &'static str,
    /// The column that cannot be read.
    pub column: &'static str,
    /// The row's id.
    pub row: String,
}

/// What a list without pages holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// The items.
    pub items: Vec<T>,
    /// What of the list cannot be read.
    pub unreadable: Vec<Unreadable>,
}

impl<T> Listed<T> {
    pub(crate) fn read<R>(
        rows: impl IntoIterator<Item = R>,
        read: impl FnMut(R) -> Result<T, LedgerError>,
    ) -> Result<Self, LedgerError> {
        let mut unreadable = Vec::new();
        let items = readable(rows, read, &mut unreadable)?;
        Ok(Self { items, unreadable })
    }

    /// The one item of a list of one, which has to be readable.
    pub(crate) fn only(self, what: &'static str) -> Result<T, LedgerError> {
        match self.unreadable.into_iter().next() {
            Some(Unreadable { table, column, row }) => Err(LedgerError::Corrupt { table, column, row }),
            None => self.items.into_iter().next().ok_or(LedgerError::NotFound(what)),
        }
    }
}

/// Reads as many rows as can be read, and names the others in `passed_over`. Any other failure is one.
pub(crate) fn readable<R, T>(
    rows: impl IntoIterator<Item = R>,
    mut read: impl FnMut(R) -> Result<T, LedgerError>,
    passed_over: &mut Vec<Unreadable>,
) -> Result<Vec<T>, LedgerError> {
    let mut all = Vec::new();
    for row in rows {
        all.extend(or_passed_over(read(row), passed_over)?);
    }
    Ok(all)
}

/// What was read of a row, or nothing where it cannot be read; then it is named in `passed_over`.
pub(crate) fn or_passed_over<T>(
    read: Result<T, LedgerError>,
    passed_over: &mut Vec<Unreadable>,
) -> Result<Option<T>, LedgerError> {
    match read {
        Ok(one) => Ok(Some(one)),
        Err(LedgerError::Corrupt { table, column, row }) => {
            passed_over.push(Unreadable { table, column, row });
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Parses a text column.
pub(crate) fn parse<T: FromStr>(
    text: &str,
    table: &'static str,
    column: &'static str,
    row: impl Display + Copy,
) -> Result<T, LedgerError> {
    text.parse().map_err(|_| LedgerError::Corrupt { table, column, row: row.to_string() })
}

/// Parses an optional text column.
pub(crate) fn parse_opt<T: FromStr>(
    text: Option<&str>,
    table: &'static str,
    column: &'static str,
    row: impl Display + Copy,
) -> Result<Option<T>, LedgerError> {
    text.map(|text| parse(text, table, column, row)).transpose()
}

/// JSON that is not what this release writes.
pub(crate) fn corrupt_json(table: &'static str, column: &'static str, row: impl Display) -> LedgerError {
    LedgerError::Corrupt { table, column, row: row.to_string() }
}
