//! What a request's proof of identity takes and what was shown; secrets of proofs that are under way; attempts.

use sea_orm_migration::prelude::*;

use crate::columns::{bytes, bytes_or_null, create, drop, id, moment, run, text, text_or_null, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for mut column in [text_or_null("verification"), bytes_or_null("evidence")] {
            let add = Table::alter().table(Alias::new("request")).add_column(&mut column).to_owned();
            manager.alter_table(add).await?;
        }
        let step = vec![
            id("id"),
            uuid("request_id"),
            text("method"),
            bytes("secret"),
            moment("created_at"),
            moment("ends_at"),
        ];
        create(manager, "verification_step", step).await?;
        let attempt = vec![id("id"), bytes("person"), text("method"), moment("at")];
        create(manager, "verification_attempt", attempt).await?;
        run(
            manager,
            &[
                "CREATE UNIQUE INDEX verification_step_of_request ON verification_step (request_id, method)",
                "CREATE INDEX verification_step_end ON verification_step (ends_at)",
                "CREATE INDEX verification_attempt_of_person ON verification_attempt (person, method, at)",
                "CREATE INDEX verification_attempt_age ON verification_attempt (at)",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["verification_attempt", "verification_step"]).await?;
        for column in ["evidence", "verification"] {
            let drop = Table::alter().table(Alias::new("request")).drop_column(Alias::new(column)).to_owned();
            manager.alter_table(drop).await?;
        }
        Ok(())
    }
}
