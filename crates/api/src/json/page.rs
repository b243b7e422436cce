use habeas_ledger::Page;
use serde::Serialize;
use utoipa::ToSchema;

/// Some items of a list, newest first, and where it goes on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PageJson<T> {
    /// The items.
    pub(crate) items: Vec<T>,
    /// The `cursor` of the next page; `null` at the end.
    pub(crate) next: Option<String>,
}

impl<V, T: From<V>> From<Page<V>> for PageJson<T> {
    fn from(page: Page<V>) -> Self {
        Self {
            items: page.items.into_iter().map(Into::into).collect(),
            next: page.next.map(|next| next.to_string()),
        }
    }
}
