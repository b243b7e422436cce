//! Whether the plan of a job was withdrawn by staff: what it had found is not begun with again.

use sea_orm_migration::prelude::*;

use crate::columns::{add, drop_columns, flag};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, "job", vec![flag("plan_withdrawn")]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_columns(manager, "job", &["plan_withdrawn"]).await
    }
}
