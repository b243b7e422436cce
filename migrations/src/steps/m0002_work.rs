//! Work, the outbox that announces it, and the inbox that absorbs repeats.

use sea_orm_migration::prelude::*;

use crate::columns::{
    bytes, counter, create, drop, flag, id, moment, moment_or_null, number, run, text, text_or_null, uuid,
    uuid_or_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let work = vec![
            id("id"),
            text("kind"),
            text("queue"),
            uuid("request_id"),
            uuid_or_null("job_id"),
            uuid("target_id"),
            text("store"),
            text("state"),
            counter("attempts"),
            moment("next_attempt_at"),
            counter("lease_epoch"),
            moment_or_null("lease_until"),
            uuid_or_null("worker"),
            flag("entered"),
            text_or_null("fault_code"),
            text_or_null("fault_detail"),
            moment("created_at"),
            moment_or_null("finished_at"),
        ];
        create(manager, "work", work).await?;
        let report = vec![
            id("work_id"),
            uuid("job_id"),
            text("store"),
            number("rows_done"),
            bytes("report"),
            text_or_null("object"),
        ];
        create(manager, "task_report", report).await?;
        let outbox =
            vec![id("id"), text("queue"), text("body"), text_or_null("correlation"), moment("created_at")];
        create(manager, "outbox", outbox).await?;
        let mut inbox = Table::create();
        inbox
            .table(Alias::new("inbox"))
            .col(text("consumer"))
            .col(text("message_id"))
            .col(bytes("fingerprint"))
            .col(text("answer"))
            .col(moment("received_at"))
            .primary_key(Index::create().col(Alias::new("consumer")).col(Alias::new("message_id")));
        manager.create_table(inbox).await?;
        run(
            manager,
            &[
                "CREATE UNIQUE INDEX work_once ON work (target_id, kind, store)",
                "CREATE INDEX work_due ON work (next_attempt_at) WHERE state = 'waiting'",
                "CREATE INDEX work_leased ON work (lease_until) WHERE state = 'running'",
                "CREATE INDEX work_parked ON work (fault_code, id) WHERE state = 'parked'",
                "CREATE INDEX work_of_request ON work (request_id)",
                "CREATE INDEX work_of_job ON work (job_id)",
                "CREATE INDEX task_report_of_job ON task_report (job_id)",
                "CREATE INDEX outbox_age ON outbox (created_at)",
                "CREATE INDEX inbox_age ON inbox (received_at)",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["inbox", "outbox", "task_report", "work"]).await
    }
}
