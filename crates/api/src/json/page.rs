use habeas_ledger::{Page, Unreadable};
use serde::Serialize;
use utoipa::ToSchema;

use super::request::UnreadableJson;

/// Some items of a list, newest first, and where it goes on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PageJson<T> {
    /// The items.
    pub(crate) items: Vec<T>,
    /// The `cursor` of the next page; `null` at the end.
    pub(crate) next: Option<String>,
    /// What of this page cannot be read: damaged, or of a later release. The others are shown without it; ops look at it.
    pub(crate) unreadable: Vec<UnreadableJson>,
}

impl<V, T: From<V>> From<Page<V>> for PageJson<T> {
    fn from(page: Page<V>) -> Self {
        Self {
            items: page.items.into_iter().map(Into::into).collect(),
            next: page.next.map(|next| next.to_string()),
            unreadable: page.unreadable.into_iter().map(Into::into).collect(),
        }
    }
}

/// For a list that has no place to name what cannot be read.
pub(crate) fn tell_unreadable(all: &[Unreadable]) {
    for one in all {
        tracing::error!(
            table = one.table, row = %one.row, column = one.column, "a row cannot be read; the others are listed"
        );
    }
}
