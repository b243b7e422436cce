//! Since when a store has asked for a pause each time that work was tried.

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
        add(manager, "work", vec![moment_or_null("throttled_since")]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_columns(manager, "work", &["throttled_since"]).await
    }
}
