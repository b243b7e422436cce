//! Rows, each with the person it belongs to.

use chrono::NaiveDate;

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::demo) enum Cell {
    /// Nothing.
    Null,
    /// A whole number.
    Int(i64),
    /// A text.
    Text(String),
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::demo) struct Row {
    /// In which table.
    pub(in crate::demo) table: &'static str,
    /// Whose it is: an index into the company's people.
    pub(in crate::demo) owner: usize,
    /// The columns by name.
    pub(in crate::demo) cells: Vec<(&'static str, Cell)>,
}

impl Row {
    pub(super) fn new<const N: usize>(
        table: &'static str,
        owner: usize,
        cells: [(&'static str, Cell); N],
    ) -> Self {
        Self { table, owner, cells: cells.into() }
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<NaiveDate> for Cell {
    fn from(day: NaiveDate) -> Self {
        Self::Text(day.to_string())
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
