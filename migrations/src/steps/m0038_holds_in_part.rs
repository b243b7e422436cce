//! A hold on one of the people of a row stands in the way of the stores that hold such rows, and not of the whole job.

use sea_orm_migration::prelude::*;

use crate::columns::{add, drop_columns};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Until now every hold stood in the way of all of a job.
        let whole = ColumnDef::new(Alias::new("whole")).boolean().not_null().default(true).take();
        add(manager, "job_hold", vec![whole]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_columns(manager, "job_hold", &["whole"]).await
    }
}
