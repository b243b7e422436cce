//! What a kind of store can do. A caller asks first, and so does the conformance suite.

/// What a connector promises about its store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent promise of a store")]
pub struct Capabilities {
    /// The word for it in manifests, such as `postgres`.
    pub driver: &'static str,
    /// [`DataStore::apply`](crate::DataStore::apply) is all or nothing. Without it a change set may be done in part, and is repeated.
    pub transactions: bool,
    /// Rows arrive one by one, so that a selection of any size takes flat memory.
    pub streaming: bool,
    /// It can delete rows.
    pub delete: bool,
    /// It can rewrite fields.
    pub rewrite: bool,
    /// It knows its own schema. Without it [`DataStore::describe`](crate::DataStore::describe) gives what it can see.
    pub schema: bool,
    /// It can compare keys without regard to case.
    pub caseless: bool,
    /// How many key values a selection may carry, where there is a limit that the connector does not take care of itself.
    pub max_values: Option<usize>,
}
