//! The first rows of a collection, kept to be shown on the page. How much is kept has a ceiling, so that memory stays
//! flat and the page opens on a phone.

use habeas_domain::Value;
use serde::Serialize;

use crate::cell;

/// How many rows of a collection the page shows.
pub const PREVIEW_ROWS: usize = 50;
/// How many characters of a value the page shows.
pub const PREVIEW_CHARS: usize = 200;
/// How many bytes of values one page holds in all.
const BUDGET: usize = 4 * 1024 * 1024;
/// What a cell costs beside its text.
const CELL: usize = 64;

/// What is left for the collections still to come.
#[derive(Debug)]
pub(crate) struct Budget {
    left: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { left: BUDGET }
    }
}

/// One value as the page shows it.
#[derive(Debug, Serialize)]
pub(crate) struct Cell {
    text: String,
    /// Whether there is more of it in the files.
    cut: bool,
    kind: Kind,
}

/// How a value is set.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    /// Nothing.
    Empty,
    /// To the right.
    Number,
    /// Not broken over two lines.
    Time,
    Text,
}

/// The first rows.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Preview {
    rows: Vec<Vec<Cell>>,
}

impl Preview {
    /// Keeps the row if there is room.
    pub(crate) fn see(&mut self, budget: &mut Budget, values: &[Value]) {
        if self.rows.len() == PREVIEW_ROWS || budget.left == 0 {
            return;
        }
        let row: Vec<Cell> = values.iter().map(Cell::new).collect();
        let cost: usize = row.iter().map(|cell| cell.text.len() + CELL).sum();
        if cost > budget.left {
            // A smaller row may not take its place: what is shown are the first rows.
            budget.left = 0;
        } else {
            budget.left -= cost;
            self.rows.push(row);
        }
    }
}

impl Cell {
    fn new(value: &Value) -> Self {
        let text = cell::text(value);
        let end = text.char_indices().nth(PREVIEW_CHARS).map(|(at, _)| at);
        let shown = text.get(..end.unwrap_or(text.len())).unwrap_or_default();
        Self {
            text: cell::printable(shown.into()).into_owned(),
            cut: end.is_some(),
            kind: Kind::of(value, &text),
        }
    }
}

impl Kind {
    fn of(value: &Value, text: &str) -> Self {
        match value {
            _ if text.is_empty() => Self::Empty,
            Value::Date(_) | Value::Time(_) | Value::DateTime(_) | Value::Timestamp(_) => Self::Time,
            value if cell::is_number(value) => Self::Number,
            _ => Self::Text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_cut_between_characters() {
        let cell = Cell::new(&Value::Text("日".repeat(1 << 20)));
        assert_eq!(cell.text.chars().count(), PREVIEW_CHARS);
        assert!(cell.cut);
        assert!(!Cell::new(&Value::Text("日".repeat(PREVIEW_CHARS))).cut);
    }

    #[test]
    fn no_more_is_kept_than_is_shown() {
        let (mut budget, mut preview) = (Budget::default(), Preview::default());
        for number in 0..1000 {
            preview.see(&mut budget, &[Value::Int(number)]);
        }
        assert_eq!(preview.rows.len(), PREVIEW_ROWS);
    }

    #[test]
    fn many_wide_collections_share_one_budget() {
        let mut budget = Budget::default();
        let wide = vec![Value::Text("x".repeat(PREVIEW_CHARS)); 1000];
        let kept: usize = (0..100)
            .map(|_| {
                let mut preview = Preview::default();
                (0..PREVIEW_ROWS).for_each(|_| preview.see(&mut budget, &wide));
                preview.rows.len()
            })
            .sum();
        assert_eq!(kept, BUDGET / (1000 * (PREVIEW_CHARS + CELL)));
    }
}
