//! Asking a store to change or delete rows.

use std::fmt;

use habeas_domain::{CollectionName, Effect, FieldName, Value, personal::REDACTED};

use crate::{FieldMatch, Owner, RowCondition};

/// The secret under which masks and hashes are made. The same salt gives the same hash, so that equal values
/// stay equal; without it nobody can be found by a hash.
#[derive(Clone, PartialEq, Eq)]
pub struct EffectSalt([u8; 32]);

impl EffectSalt {
    /// Wraps 256 secret bits.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for EffectSalt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// Changes that a store makes in one transaction, all or nothing (where it has transactions).
#[derive(Debug, Clone)]
pub struct ChangeSet {
    /// The secret of masks and hashes.
    pub salt: EffectSalt,
    /// What to do, in this order: the caller puts children before parents.
    pub steps: Vec<Step>,
}

/// One change of one collection.
#[derive(Debug, Clone)]
pub struct Step {
    /// The collection.
    pub collection: CollectionName,
    /// What finds a row; any one is enough. None finds nothing.
    pub matches: Vec<FieldMatch>,
    /// What says that a row is not an owner's, whatever finds it. A row that is nobody's is left as it is.
    pub except: Vec<FieldMatch>,
    /// If given, only the found rows that it admits are changed; the others count as kept.
    pub only: Option<RowCondition>,
    /// What happens to them.
    pub action: Action,
}

/// What happens to the rows of a step.
#[derive(Debug, Clone)]
pub enum Action {
    /// They are deleted.
    DeleteRows,
    /// These effects are made on their fields.
    Rewrite(Vec<(FieldName, Effect)>),
    /// Values in them become others: in each row those of its own owners, and no others.
    Replace(Vec<Replacement>),
}

/// A correction of one value in the rows of one person, wherever it still stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Replacement {
    /// Whose rows.
    pub owner: Owner,
    /// The field.
    pub field: FieldName,
    /// The value that is replaced: the one shown at approval. A row that holds another is left as it is.
    pub from: Value,
    /// What it becomes.
    pub to: Value,
}
