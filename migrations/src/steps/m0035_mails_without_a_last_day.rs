//! Mails that staff have to look at and that have no last day yet, such as those that were left on their server.

use sea_orm_migration::prelude::*;

use crate::columns::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = "CREATE INDEX received_mail_undated ON received_mail (id) \
                     WHERE state IN ('proposal', 'parked') AND due_at IS NULL AND wrapped_key IS NOT NULL";
        run(manager, &[index]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &["DROP INDEX received_mail_undated"]).await
    }
}
