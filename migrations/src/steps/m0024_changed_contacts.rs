//! Telephone numbers and mail addresses that a correction wrote into a store, as keyed hashes: for a while they prove nobody.

use sea_orm_migration::prelude::*;

use crate::columns::{bytes, create, drop, moment, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![bytes("lookup").primary_key().take(), moment("changed_at")];
        create(manager, "changed_contact", columns).await?;
        run(manager, &["CREATE INDEX changed_contact_age ON changed_contact (changed_at)"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["changed_contact"]).await
    }
}
