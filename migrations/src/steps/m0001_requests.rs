//! Requests and their jobs.

use sea_orm_migration::prelude::*;

use crate::columns::{
    bytes, bytes_or_null, counter, create, drop, id, moment, moment_or_null, run, text, text_or_null, uuid,
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
        create(manager, "request", request()).await?;
        create(manager, "job", job()).await?;
        let approval =
            vec![id("id"), uuid("job_id"), text("approved_by"), bytes("plan_hash"), moment("approved_at")];
        create(manager, "approval", approval).await?;
        run(manager, &INDEXES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["approval", "job", "request"]).await
    }
}

fn request() -> Vec<ColumnDef> {
    vec![
        id("id"),
        text("reference"),
        text("state"),
        text_or_null("outcome"),
        text("regime"),
        text("language"),
        text("channel"),
        text("submitted_by"),
        bytes("subject_lookup"),
        uuid_or_null("duplicate_of"),
        text_or_null("idempotency_key"),
        bytes("fingerprint"),
        bytes_or_null("wrapped_key"),
        bytes_or_null("personal"),
        bytes_or_null("keys"),
        text_or_null("review_reason"),
        moment("received_at"),
        moment_or_null("verified_at"),
        text("due_on"),
        moment("due_at"),
        moment("lapse_at"),
        counter("extensions"),
        counter("alerts"),
        counter("jobs_open"),
        moment_or_null("closed_at"),
    ]
}

fn job() -> Vec<ColumnDef> {
    vec![
        id("id"),
        uuid("request_id"),
        text("right"),
        text("state"),
        text_or_null("outcome"),
        text("policy"),
        bytes_or_null("plan_hash"),
        bytes_or_null("plan"),
        counter("unconfirmed"),
        counter("tasks_open"),
        counter("tasks_parked"),
        moment_or_null("started_at"),
        moment_or_null("ended_at"),
    ]
}

const INDEXES: [&str; 12] = [
    "CREATE UNIQUE INDEX request_idempotency ON request (idempotency_key)",
    "CREATE INDEX request_subject_open ON request (subject_lookup) WHERE closed_at IS NULL",
    "CREATE INDEX request_subject ON request (subject_lookup, received_at)",
    "CREATE INDEX request_received ON request (received_at, id)",
    "CREATE INDEX request_open ON request (received_at, id) WHERE closed_at IS NULL",
    "CREATE INDEX request_closed ON request (closed_at) WHERE wrapped_key IS NOT NULL",
    "CREATE INDEX request_due ON request (due_at) WHERE closed_at IS NULL",
    "CREATE INDEX request_lapse ON request (lapse_at) WHERE state = 'awaiting-verification'",
    "CREATE INDEX request_reference ON request (reference)",
    "CREATE UNIQUE INDEX job_of_request ON job (request_id, \"right\")",
    "CREATE INDEX job_waiting ON job (state) WHERE state <> 'ended'",
    "CREATE UNIQUE INDEX approval_once ON approval (job_id, approved_by, plan_hash)",
];
