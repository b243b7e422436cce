//! Finding erased people among the rows of a store.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use habeas_domain::{KeyName, KeyValue, RequestId, TypedId};
use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use super::read_since;
use crate::{
    Ledger, LedgerError, ReErasing,
    among::among,
    clock,
    entity::{erased_key, erasure},
};

/// How many keys one statement asks for: PostgreSQL takes 65,535 values, SQLite 32,766.
const AT_ONCE: usize = 2_000;

/// One erasure in a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Erasure {
    /// By which request.
    pub request: RequestId,
    /// For what a keep rule had put off: when the deletion itself was proven.
    pub since: Option<DateTime<Utc>>,
}

impl Ledger {
    /// The people of these keys who were erased in the store after the moment that the backup shows, or who were found to be
    /// back before: with each, the places in `keys` of what they are known by.
    pub async fn erasures_of(
        &self,
        run: &ReErasing,
        keys: &[(KeyName, KeyValue)],
    ) -> Result<BTreeMap<Erasure, Vec<usize>>, LedgerError> {
        let mut places: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
        for (place, (key, value)) in keys.iter().enumerate() {
            places.entry(self.erased_key_lookup(key, value)).or_default().push(place);
        }
        let lookups: Vec<Vec<u8>> = places.keys().cloned().collect();
        let mut found: BTreeMap<Erasure, Vec<usize>> = BTreeMap::new();
        for lookups in lookups.chunks(AT_ONCE) {
            for (lookup, request, since) in self.erased_by(run, lookups).await? {
                let erasure = Erasure { request: RequestId::from_uuid(request), since: read_since(since) };
                found.entry(erasure).or_default().extend(places.get(&lookup).into_iter().flatten());
            }
        }
        Ok(found)
    }

    async fn erased_by(
        &self,
        run: &ReErasing,
        lookups: &[Vec<u8>],
    ) -> Result<Vec<(Vec<u8>, Uuid, i64)>, LedgerError> {
        let same = erased_key::Entity::belongs_to(erasure::Entity)
            .from(erased_key::Column::RequestId)
            .to(erasure::Column::RequestId)
            .into();
        let meant = Condition::any()
            .add(erasure::Column::ErasedAt.gte(clock::stored(run.restored_to)))
            .add(erasure::Column::Back.is_not_null());
        Ok(erased_key::Entity::find()
            .select_only()
            .column(erased_key::Column::Lookup)
            .column(erased_key::Column::RequestId)
            .expr(Expr::col((erasure::Entity, erasure::Column::Since)))
            .join(JoinType::InnerJoin, same)
            .filter(among(erased_key::Column::Lookup, lookups.iter().cloned()))
            .filter(erasure::Column::Store.eq(run.store.as_str()))
            .filter(meant)
            .into_tuple()
            .all(self.db())
            .await?)
    }

    /// Whether all of these keys were known when the person of a request was erased.
    pub async fn were_erased_keys(
        &self,
        request: RequestId,
        keys: &[(KeyName, KeyValue)],
    ) -> Result<bool, LedgerError> {
        let lookups: std::collections::BTreeSet<Vec<u8>> =
            keys.iter().map(|(key, value)| self.erased_key_lookup(key, value)).collect();
        if lookups.is_empty() {
            return Ok(true);
        }
        let wanted = lookups.len();
        let known: Vec<Vec<u8>> = erased_key::Entity::find()
            .select_only()
            .column(erased_key::Column::Lookup)
            .filter(erased_key::Column::RequestId.eq(request.uuid()))
            .filter(among(erased_key::Column::Lookup, lookups))
            .into_tuple()
            .all(self.db())
            .await?;
        Ok(known.len() == wanted)
    }
}
