//! Numbers and addresses that a correction wrote into a store. Whoever asked for that need not be the person: for a while they
//! are on file, and yet prove nobody.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use habeas_domain::{EmailAddress, Personal, PhoneNumber};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::OnConflict,
};

use crate::{
    Ledger, LedgerError, TaskDone,
    among::among,
    clock,
    entity::changed_contact::{self, Column},
    unit::{Unit, chunks},
};

impl Ledger {
    /// Of these telephone numbers and mail addresses those that a correction wrote into a store since `since`.
    pub async fn contacts_changed_since(
        &self,
        contacts: &[Personal<String>],
        since: DateTime<Utc>,
    ) -> Result<Vec<Personal<String>>, LedgerError> {
        let lookups: BTreeSet<Vec<u8>> = contacts.iter().filter_map(|one| self.contact(one)).collect();
        if lookups.is_empty() {
            return Ok(Vec::new());
        }
        let found: BTreeSet<Vec<u8>> = changed_contact::Entity::find()
            .select_only()
            .column(Column::Lookup)
            .filter(among(Column::Lookup, lookups))
            .filter(Column::ChangedAt.gte(clock::stored(since)))
            .into_tuple::<Vec<u8>>()
            .all(self.db())
            .await?
            .into_iter()
            .collect();
        let changed =
            |one: &&Personal<String>| self.contact(one).is_some_and(|lookup| found.contains(&lookup));
        Ok(contacts.iter().filter(changed).cloned().collect())
    }

    /// Forgets up to `limit` of those that were changed before `before`. Returns how many.
    pub async fn prune_changed_contacts(
        &self,
        before: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, LedgerError> {
        let old = changed_contact::Entity::find()
            .select_only()
            .column(Column::Lookup)
            .filter(Column::ChangedAt.lt(clock::stored(before)))
            .limit(limit)
            .into_query();
        let delete = changed_contact::Entity::delete_many().filter(Column::Lookup.in_subquery(old));
        Ok(delete.exec(self.db()).await?.rows_affected)
    }

    /// Keyed, and the same for every spelling; nothing for what nobody can be reached by.
    fn contact(&self, text: &Personal<String>) -> Option<Vec<u8>> {
        let phone = PhoneNumber::parse(text.expose()).ok().map(|phone| phone.as_str().to_owned());
        let address =
            || EmailAddress::parse(text.expose()).ok().map(|one| one.lookup_form().expose().clone());
        let form = phone.or_else(address)?;
        Some(self.vault().lookup("changed-contact", &form).as_bytes().to_vec())
    }
}

impl Unit<'_> {
    /// Remembers what these tasks wrote by which people are reached.
    pub(crate) async fn contacts_changed(&self, done: &[TaskDone]) -> Result<(), LedgerError> {
        let written = done.iter().flat_map(|one| &one.contacts);
        let lookups: BTreeSet<Vec<u8>> = written.filter_map(|one| self.ledger.contact(one)).collect();
        let latest = OnConflict::column(Column::Lookup).update_column(Column::ChangedAt).to_owned();
        for lookups in chunks(lookups.into_iter().collect()) {
            let rows = lookups.into_iter().map(|lookup| changed_contact::ActiveModel {
                lookup: Set(lookup),
                changed_at: Set(self.stored_now()),
            });
            let insert = changed_contact::Entity::insert_many(rows).on_conflict(latest.clone());
            insert.exec_without_returning(&self.tx).await?;
        }
        Ok(())
    }
}
