use std::collections::BTreeSet;

use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use habeas_domain::{TokenId, text::TextRule};
use habeas_ledger::Scope;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    caller::{Administering, Caller},
    fields::{Fields, FromFields},
    problem::Problem,
    problem_docs::{OfBody, Usual},
    read_json::Body,
    schemas,
    state::Api,
};

const LONGEST_DAYS: u64 = 366;
const USUAL_DAYS: u64 = 90;

/// What the token is for.
#[derive(ToSchema)]
pub(crate) struct TokenBody {
    /// What to call it, such as the team or system that holds it.
    #[schema(max_length = 100)]
    name: String,
    /// What it allows.
    #[schema(schema_with = schemas::scopes)]
    scopes: BTreeSet<Scope>,
    /// For how many days; 90 if not said.
    #[schema(value_type = Option<u64>, minimum = 1, maximum = 366)]
    days: u64,
}

impl FromFields for TokenBody {
    const KNOWN: &'static [&'static str] = &["name", "scopes", "days"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required_prose("name", TextRule::line(100));
        if !fields.has("scopes") {
            fields.note("scopes", "required", "name at least one scope");
        }
        let scopes: Option<Vec<Scope>> = fields.list("scopes", Scope::ALL.len());
        let days = fields.number("days", 1..=LONGEST_DAYS, USUAL_DAYS);
        Some(Self { name: name?, scopes: scopes?.into_iter().collect(), days: days? })
    }
}

/// A token that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeToken {
    /// Its id, which names its holder in audit trails.
    #[schema(schema_with = schemas::id)]
    id: TokenId,
    /// The token itself. Shown this once.
    #[schema(example = "habeas_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    token: String,
    /// When it ends.
    expires_at: DateTime<Utc>,
}

/// Make a token
///
/// It is shown this once; only its hash is kept.
#[utoipa::path(
    post, path = "/v1/tokens", tag = "tokens", operation_id = "create_token",
    request_body(content = TokenBody,
        example = json!({ "name": "ticket system", "scopes": ["submit", "read"], "days": 90 })),
    responses((status = 201, description = "Made.", body = MadeToken), Usual, OfBody),
    security(("token" = ["admin"]))
)]
pub(crate) async fn create_token(
    _caller: Caller<Administering>,
    State(api): State<Api>,
    Body(body): Body<TokenBody>,
) -> Result<(StatusCode, Json<MadeToken>), Problem> {
    let ledger = &api.ports.ledger;
    let days = TimeDelta::days(i64::try_from(body.days).unwrap_or_default());
    let expires_at = ledger.ids().now() + days;
    let (id, token) = ledger.create_token(&body.name, &body.scopes, expires_at).await?;
    Ok((StatusCode::CREATED, Json(MadeToken { id, token: token.expose().to_string(), expires_at })))
}
