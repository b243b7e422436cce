use std::collections::BTreeSet;

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use habeas_domain::TokenId;
use habeas_ledger::{Scope, TokenRecord};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    caller::{Administering, Caller},
    json::page::tell_unreadable,
    problem::Problem,
    problem_docs::Usual,
    schemas,
    state::Api,
};

/// A token as it is kept: never the token itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Token)]
pub(crate) struct TokenJson {
    /// Its id.
    #[schema(schema_with = schemas::id)]
    id: TokenId,
    /// What it is called.
    #[schema(example = "ticket system")]
    name: String,
    /// Who holds it.
    #[schema(example = "Support team")]
    holder: String,
    /// By what audit trails name the holder: the id of the first token they had.
    #[schema(schema_with = schemas::id)]
    acts_as: TokenId,
    /// What it allows.
    #[schema(schema_with = schemas::scopes)]
    scopes: BTreeSet<Scope>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it ends.
    expires_at: DateTime<Utc>,
    /// When it was revoked.
    revoked_at: Option<DateTime<Utc>>,
}

impl From<TokenRecord> for TokenJson {
    fn from(record: TokenRecord) -> Self {
        Self {
            id: record.id,
            name: record.name,
            holder: record.holder,
            acts_as: record.acts_as,
            scopes: record.scopes,
            created_at: record.created_at,
            expires_at: record.expires_at,
            revoked_at: record.revoked_at,
        }
    }
}

/// List tokens
///
/// Every token that was ever made, newest first.
#[utoipa::path(
    get, path = "/v1/tokens", tag = "tokens", operation_id = "list_tokens",
    responses((status = 200, description = "All of them.", body = Vec<TokenJson>), Usual),
    security(("token" = ["admin"]))
)]
pub(crate) async fn list_tokens(
    _caller: Caller<Administering>,
    State(api): State<Api>,
) -> Result<Json<Vec<TokenJson>>, Problem> {
    let tokens = api.ports.ledger.list_tokens().await?;
    tell_unreadable(&tokens.unreadable);
    Ok(Json(tokens.items.into_iter().map(Into::into).collect()))
}
