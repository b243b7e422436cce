//! What brought about that staff are to look at a request, beside the words that they read.

use sea_orm_migration::prelude::*;

use crate::columns::{add, drop_columns, run, text_or_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, "request", vec![text_or_null("review_cause")]).await?;
        // Until now the words alone told it.
        let by_words = [
            "UPDATE request SET review_cause = 'agent-barred' WHERE review_reason LIKE 'its agent was barred; %'",
            "UPDATE request SET review_cause = 'sibling' WHERE review_reason LIKE \
             'somebody at an address on file says that another request of this person is not theirs; %'",
        ];
        run(manager, &by_words).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_columns(manager, "request", &["review_cause"]).await
    }
}
