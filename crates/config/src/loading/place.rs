//! Lines and columns.

use std::path::Path;

use toml::de::DeTable;

use crate::Origin;

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Place {
    pub(super) const START: Self = Self { line: 1, column: 1 };

    /// The place of a byte.
    pub(super) fn of(text: &str, byte: usize) -> Self {
        let before = text.get(..byte).unwrap_or(text);
        let last = before.rsplit('\n').next().unwrap_or(before);
        Self { line: before.matches('\n').count() + 1, column: last.chars().count() + 1 }
    }

    pub(super) fn in_file(self, file: &Path) -> Origin {
        Origin::File { file: file.to_owned(), line: self.line, column: self.column }
    }
}

/// Where the key at the end of `path` stands, or else the last key on the way to it, and how many keys that is.
pub(super) fn find(text: &str, table: &DeTable<'_>, path: &[String]) -> (Place, usize) {
    let mut table = Some(table);
    let mut place = Place::START;
    for (depth, key) in path.iter().enumerate() {
        let Some(found) = table.and_then(|table| table.iter().find(|(name, _)| name.get_ref() == key)) else {
            return (place, depth);
        };
        place = Place::of(text, found.0.span().start);
        table = found.1.get_ref().as_table();
    }
    (place, path.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_characters() {
        assert_eq!(Place::of("例 = 1\nx = 2\n", 8), Place { line: 2, column: 1 });
        assert_eq!(Place::of("", 99), Place::START);
    }
}
