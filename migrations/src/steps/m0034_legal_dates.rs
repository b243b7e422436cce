//! The earliest reading of a request's last day, at which the alarm stands, and the day by which the law wants its
//! receipt confirmed. What came before has neither, and goes on by its last day alone.

use sea_orm_migration::prelude::*;

use crate::columns::{add, drop_columns, moment_or_null, run, text_or_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            text_or_null("alert_on"),
            moment_or_null("alert_at"),
            text_or_null("acknowledge_by"),
            moment_or_null("acknowledge_at"),
            moment_or_null("acknowledged_at"),
            moment_or_null("acknowledge_told_at"),
        ];
        add(manager, "request", columns).await?;
        run(manager, &INDEXES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &["DROP INDEX request_unacknowledged", "DROP INDEX request_alarm"]).await?;
        let columns = [
            "alert_on",
            "alert_at",
            "acknowledge_by",
            "acknowledge_at",
            "acknowledged_at",
            "acknowledge_told_at",
        ];
        drop_columns(manager, "request", &columns).await
    }
}

/// A release that knows no earlier reading may move the last day before it: the sooner of both counts.
const INDEXES: [&str; 2] = [
    "CREATE INDEX request_alarm ON request ((CASE WHEN alert_at < due_at THEN alert_at ELSE due_at END)) \
     WHERE closed_at IS NULL",
    "CREATE INDEX request_unacknowledged ON request (acknowledge_at) \
     WHERE closed_at IS NULL AND acknowledged_at IS NULL AND acknowledge_at IS NOT NULL",
];
