//! Lines and columns.

use std::path::Path;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

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

/// Where the key at the end of `path` stands, or else the last key on the way to it, and how many keys that is. A place in
/// a list is its number, from 0.
pub(super) fn find(text: &str, table: &DeTable<'_>, path: &[String]) -> (Place, usize) {
    let Some((key, rest)) = path.split_first() else { return (Place::START, 0) };
    let Some((name, value)) = table.iter().find(|(name, _)| name.get_ref() == key) else {
        return (Place::START, 0);
    };
    let (below, depth) = find_below(text, value, rest);
    (below.unwrap_or_else(|| Place::of(text, name.span().start)), depth + 1)
}

/// The same below a value; no place if not even the first key is there.
fn find_below(text: &str, value: &Spanned<DeValue<'_>>, path: &[String]) -> (Option<Place>, usize) {
    let Some((key, rest)) = path.split_first() else { return (None, 0) };
    match value.get_ref() {
        DeValue::Table(table) => match find(text, table, path) {
            (_, 0) => (None, 0),
            (place, depth) => (Some(place), depth),
        },
        DeValue::Array(items) => {
            let Some(item) = key.parse::<usize>().ok().and_then(|number| items.get(number)) else {
                return (None, 0);
            };
            let (below, depth) = find_below(text, item, rest);
            (Some(below.unwrap_or_else(|| Place::of(text, item.span().start))), depth + 1)
        }
        _ => (None, 0),
    }
}

/// The keys on the way to the value at a byte.
pub(super) fn path_at(table: &DeTable<'_>, byte: usize) -> Vec<String> {
    let found =
        table.iter().find_map(|(name, value)| Some((name.get_ref().to_string(), below(value, byte)?)));
    found.map_or_else(Vec::new, |(key, below)| std::iter::once(key).chain(below).collect())
}

/// The same below a value; nothing if the byte is not in it.
fn below(value: &Spanned<DeValue<'_>>, byte: usize) -> Option<Vec<String>> {
    match value.get_ref() {
        // The span of a table is that of its header.
        DeValue::Table(table) => Some(path_at(table, byte)).filter(|path| !path.is_empty()),
        DeValue::Array(items) => items.iter().enumerate().find_map(|(number, item)| {
            Some(std::iter::once(number.to_string()).chain(below(item, byte)?).collect())
        }),
        _ => value.span().contains(&byte).then(Vec::new),
    }
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
