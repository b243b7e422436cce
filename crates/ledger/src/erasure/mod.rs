//! What was erased in which store, so that a backup restored later does not bring it back unseen: the suppression list.
//!
//! Of a person only keyed hashes are kept, as long as a backup may live that is older than their erasure. The hash key is
//! the ring's lookup key, which rotation leaves as it is.

mod back;
mod erased;
mod find;
mod holds;
mod prune;
mod remember;

pub use back::{Back, PersonBack};
pub use erased::Erased;
pub use find::Erasure;
pub use holds::HoldsOnErased;
pub(crate) use prune::remembered;

use chrono::{DateTime, Utc};
use habeas_domain::{KeyName, KeyValue, RequestId, StoreName, TypedId};
use sea_orm::{ColumnTrait, Condition, EntityTrait};

use crate::{Ledger, LedgerError, clock, entity::erasure, entity::erasure_horizon};

impl Ledger {
    /// The pseudonym of a key of somebody who was erased. Equal in the spelling that finds rows, and in no looser one: here
    /// too much would be the harm.
    fn erased_key_lookup(&self, key: &KeyName, value: &KeyValue) -> Vec<u8> {
        self.vault().lookup(&format!("erased-key/{key}"), value.as_str()).as_bytes().to_vec()
    }

    /// Since when every erasure is remembered: what was erased before is not, or no more.
    pub(crate) async fn erasures_complete_since(&self) -> Result<DateTime<Utc>, LedgerError> {
        let horizon = erasure_horizon::Entity::find().one(self.db()).await?;
        Ok(horizon.map_or_else(|| self.ids().now(), |row| clock::moment(row.complete_since)))
    }
}

/// The row of an erasure.
fn row_of(store: &StoreName, request: RequestId, since: Option<DateTime<Utc>>) -> Condition {
    Condition::all()
        .add(erasure::Column::Store.eq(store.as_str()))
        .add(erasure::Column::RequestId.eq(request.uuid()))
        .add(erasure::Column::Since.eq(stored_since(since)))
}

fn stored_since(since: Option<DateTime<Utc>>) -> i64 {
    since.map_or(0, clock::stored)
}

fn read_since(stored: i64) -> Option<DateTime<Utc>> {
    (stored != 0).then(|| clock::moment(stored))
}
