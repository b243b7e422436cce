//! Reading columns back into domain types: a bad row says table, column and row.

use std::{fmt::Display, str::FromStr};

use crate::LedgerError;

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
