//! How a job begins and is stopped: when its plan was made, since when nothing more of it is begun, and that staff let it
//! go on though the person's copy did not arrive whole.

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
        let columns = ["planned_at", "taken_back_at", "copy_confirmed_at"].map(moment_or_null);
        add(manager, "job", columns.to_vec()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_columns(manager, "job", &["copy_confirmed_at", "taken_back_at", "planned_at"]).await
    }
}
