use std::{fmt, str::FromStr};

use sea_orm::{
    ExprTrait, IntoSimpleExpr,
    sea_query::{Expr, SimpleExpr},
};
use uuid::Uuid;

use crate::{LedgerError, Unreadable, corrupt::readable};

/// The most items of one page, whatever was asked for.
pub(crate) const MOST: u64 = 500;

/// Some items of a list, and where it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// What to ask for next; nothing at the end of the list.
    pub next: Option<Cursor>,
    /// What of this part of the list cannot be read: it keeps none of the others from being shown.
    pub unreadable: Vec<Unreadable>,
}

impl<R> Page<R> {
    /// The rows as what they say, without those that cannot be read.
    pub(crate) fn read<T>(
        self,
        read: impl FnMut(R) -> Result<T, LedgerError>,
    ) -> Result<Page<T>, LedgerError> {
        let Self { items, next, mut unreadable } = self;
        let items = readable(items, read, &mut unreadable)?;
        Ok(Page { items, next, unreadable })
    }
}

/// A place in a list that is ordered from new to old. It names the last item seen, so that what arrives meanwhile
/// neither repeats nor hides anything. Its text form is opaque to callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) at: i64,
    pub(crate) id: Uuid,
}

/// A text that is no cursor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this list; leave it out to begin at the newest")]
pub struct MalformedCursor;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", hex::encode(self.at.to_be_bytes()), self.id.simple())
    }
}

impl FromStr for Cursor {
    type Err = MalformedCursor;
    fn from_str(text: &str) -> Result<Self, MalformedCursor> {
        let mut bytes = [0; 24];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| MalformedCursor)?;
        let (at, id) = bytes.split_first_chunk::<8>().ok_or(MalformedCursor)?;
        let id = Uuid::from_slice(id).map_err(|_| MalformedCursor)?;
        Ok(Self { at: i64::from_be_bytes(*at), id })
    }
}

impl Cursor {
    /// What comes after this place in a list ordered by these two columns, both descending.
    pub(crate) fn rest(self, at: impl IntoSimpleExpr, id: impl IntoSimpleExpr) -> SimpleExpr {
        let columns = [at.into_simple_expr(), id.into_simple_expr()];
        Expr::tuple(columns).lt(Expr::tuple([Expr::value(self.at), Expr::value(self.id)]))
    }
}

/// Cuts rows, of which one more than `limit` was read, to a page.
pub(crate) fn cut<T>(mut rows: Vec<T>, limit: u64, place: impl Fn(&T) -> Cursor) -> Page<T> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = if more { rows.last().map(place) } else { None };
    Page { items: rows, next, unreadable: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_read_back_and_nothing_else_does() {
        let cursor = Cursor { at: -5, id: Uuid::from_u128(9) };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for wrong in ["", "zz", "00", &"0".repeat(47), &"0".repeat(50)] {
            assert_eq!(wrong.parse::<Cursor>(), Err(MalformedCursor));
        }
    }

    #[test]
    fn a_page_names_its_last_item_only_if_more_follow() {
        let place = |at: &i64| Cursor { at: *at, id: Uuid::nil() };
        assert_eq!(cut(vec![3, 2, 1], 2, place).next, Some(place(&2)));
        let whole = Page { items: vec![3, 2], next: None, unreadable: Vec::new() };
        assert_eq!(cut(vec![3, 2], 2, place), whole);
    }
}
