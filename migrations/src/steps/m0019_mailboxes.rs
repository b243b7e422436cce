//! Up to which UID of a mailbox dates count: what lay there at its first reading. And the header of a mail that was left
//! where it is, so that staff can find it there.

use sea_orm_migration::prelude::*;

use crate::columns::{add, bytes_or_null, counter, drop_columns, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, "mailbox", vec![counter("dated_until")]).await?;
        add(manager, "received_content", vec![bytes_or_null("header")]).await?;
        // A first reading that has not ended is read on by its dates alone, as it began.
        run(manager, &["UPDATE mailbox SET dated_until = 4294967295 WHERE read_at IS NULL"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_columns(manager, "received_content", &["header"]).await?;
        drop_columns(manager, "mailbox", &["dated_until"]).await
    }
}
