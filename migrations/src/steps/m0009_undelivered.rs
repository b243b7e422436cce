//! The mail that a request came in, and mails of ours that came back.

use sea_orm_migration::prelude::*;

use crate::columns::{bytes_or_null, flag, moment_or_null, run, text_or_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, "request", bytes_or_null("asked_in")).await?;
        add(manager, "mail", moment_or_null("undelivered_at")).await?;
        add(manager, "mail", text_or_null("undelivered_status")).await?;
        add(manager, "mail", flag("undelivered_for_good")).await?;
        run(
            manager,
            &["CREATE INDEX mail_undelivered ON mail (undelivered_at) WHERE undelivered_at IS NOT NULL"],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &["DROP INDEX mail_undelivered"]).await?;
        for (table, column) in [
            ("mail", "undelivered_for_good"),
            ("mail", "undelivered_status"),
            ("mail", "undelivered_at"),
            ("request", "asked_in"),
        ] {
            let mut drop = Table::alter();
            drop.table(Alias::new(table)).drop_column(Alias::new(column));
            manager.alter_table(drop).await?;
        }
        Ok(())
    }
}

/// One column a statement: SQLite takes no more.
async fn add(manager: &SchemaManager<'_>, table: &str, mut column: ColumnDef) -> Result<(), DbErr> {
    let mut alter = Table::alter();
    alter.table(Alias::new(table)).add_column(&mut column);
    manager.alter_table(alter).await
}
