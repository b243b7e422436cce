//! What is wrong with a manifest in itself.

use std::{fmt, path::PathBuf};

use serde::Serialize;

use crate::Place;

/// One reason why a manifest cannot be used. Manifests hold no personal data, so a text may quote them; the
/// one exception is a store's URL, which is never quoted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ManifestProblem {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1, where known.
    pub line: Option<usize>,
    /// The character in that line, from 1, where known.
    pub column: Option<usize>,
    /// The path of the setting, such as `collection.orders.fields.total.delete`; empty for the whole file.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub fix: String,
}

impl ManifestProblem {
    pub(crate) fn new(
        file: PathBuf,
        place: Option<Place>,
        field: &str,
        message: String,
        fix: String,
    ) -> Self {
        let (line, column) = (place.map(|place| place.line), place.map(|place| place.column));
        Self { file, line, column, field: field.to_owned(), message, fix }
    }
}

impl fmt::Display for ManifestProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}:{}", self.column.unwrap_or(1))?;
        }
        if !self.field.is_empty() {
            write!(f, ": {}", self.field)?;
        }
        write!(f, ": {}. Fix: {}", self.message, self.fix)
    }
}
