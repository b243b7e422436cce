//! Remembering: in the transaction that reports a deletion as done.

use std::collections::BTreeSet;

use habeas_domain::TypedId;
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use super::stored_since;
use crate::{
    LedgerError, TaskDone,
    entity::{erased_key, erasure, work},
    unit::{Unit, chunks},
};

impl Unit<'_> {
    /// Remembers whom these tasks erased. A task that erased nobody is left out.
    pub(crate) async fn remember(&self, done: &[TaskDone], rows: &[work::Model]) -> Result<(), LedgerError> {
        let (mut erasures, mut keys) = (Vec::new(), BTreeSet::new());
        for one in done {
            let row = rows.iter().find(|row| row.id == one.lease.work.uuid());
            let (Some(erased), Some(row)) = (&one.erased, row) else { continue };
            erasures.push(erasure::ActiveModel {
                request_id: Set(row.request_id),
                store: Set(row.store.clone()),
                since: Set(stored_since(erased.since)),
                erased_at: Set(self.stored_now()),
                back: Set(None),
                back_detail: Set(None),
                back_at: Set(None),
            });
            let lookup = |(key, value)| (self.ledger.erased_key_lookup(key, value), row.request_id);
            keys.extend(erased.keys.iter().map(|(key, value)| lookup((key, value))));
        }
        self.write_erasures(erasures).await?;
        self.write_erased_keys(keys).await
    }

    async fn write_erasures(&self, rows: Vec<erasure::ActiveModel>) -> Result<(), LedgerError> {
        let key = [erasure::Column::RequestId, erasure::Column::Store, erasure::Column::Since];
        let latest = OnConflict::columns(key).update_column(erasure::Column::ErasedAt).to_owned();
        for rows in chunks(rows) {
            let insert = erasure::Entity::insert_many(rows).on_conflict(latest.clone());
            insert.exec_without_returning(&self.tx).await?;
        }
        Ok(())
    }

    async fn write_erased_keys(
        &self,
        keys: BTreeSet<(Vec<u8>, sea_orm::prelude::Uuid)>,
    ) -> Result<(), LedgerError> {
        let once = OnConflict::columns([erased_key::Column::Lookup, erased_key::Column::RequestId])
            .do_nothing()
            .to_owned();
        for rows in chunks(keys.into_iter().collect()) {
            let rows = rows.into_iter().map(|(lookup, request)| erased_key::ActiveModel {
                lookup: Set(lookup),
                request_id: Set(request),
            });
            let insert = erased_key::Entity::insert_many(rows).on_conflict(once.clone());
            insert.exec_without_returning(&self.tx).await?;
        }
        Ok(())
    }
}
