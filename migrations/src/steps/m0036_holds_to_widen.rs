//! When the stores are asked next for the further keys of whom a legal hold is about, until they have answered.

use sea_orm_migration::prelude::*;

use crate::columns::{add, drop_columns, moment_or_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, "hold", vec![moment_or_null("ask_stores_at")]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_columns(manager, "hold", &["ask_stores_at"]).await
    }
}
