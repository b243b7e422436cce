//! Who holds a token, so that two tokens of one person are not taken for two people.

use sea_orm_migration::prelude::*;

use crate::columns::{add, drop_columns, run, text_or_null, uuid_or_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, "api_token", vec![text_or_null("holder"), uuid_or_null("holder_id")]).await?;
        // Until now a token had a name alone. A holder is known by the first token they had.
        let by_name = "UPDATE api_token SET holder = name, holder_id = (SELECT one.id FROM api_token AS one \
                       WHERE one.name = api_token.name ORDER BY one.created_at, one.id LIMIT 1)";
        run(manager, &[by_name]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_columns(manager, "api_token", &["holder_id", "holder"]).await
    }
}
