use std::collections::BTreeSet;

use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use habeas_domain::{Holder, TokenId, TokenLife, TokenName};
use habeas_ledger::{NewToken, Scope};
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

const USUAL_DAYS: u64 = 90;

/// What the token is for.
#[derive(ToSchema)]
pub(crate) struct TokenBody {
    /// What to call it, such as what it is used for.
    #[schema(value_type = String, max_length = 100)]
    name: TokenName,
    /// Who will hold it: a member of staff, or a system. Tokens of one holder count as one person, whatever they are called.
    #[schema(value_type = String, max_length = 100)]
    holder: Holder,
    /// What it allows.
    #[schema(schema_with = schemas::scopes)]
    scopes: BTreeSet<Scope>,
    /// For how many days; 90 if not said.
    #[schema(value_type = Option<u64>, minimum = 1, maximum = 366)]
    days: TokenLife,
}

impl FromFields for TokenBody {
    const KNOWN: &'static [&'static str] = &["name", "holder", "scopes", "days"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required_prose("name", TokenName::RULE);
        let holder = fields.required_prose("holder", Holder::RULE);
        if !fields.has("scopes") {
            fields.note("scopes", "required", "name at least one scope");
        }
        let scopes: Option<Vec<Scope>> = fields.list("scopes", Scope::ALL.len());
        let days = fields.number("days", 1..=TokenLife::LONGEST.into(), USUAL_DAYS);
        Some(Self {
            name: name?.parse().ok()?,
            holder: holder?.parse().ok()?,
            scopes: scopes?.into_iter().collect(),
            days: TokenLife::days(days?).ok()?,
        })
    }
}

/// A token that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeToken {
    /// Its id.
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
        example = json!({ "name": "ticket system", "holder": "Support team", "scopes": ["submit", "read"], "days": 90 })),
    responses((status = 201, description = "Made.", body = MadeToken), Usual, OfBody),
    security(("token" = ["admin"]))
)]
pub(crate) async fn create_token(
    caller: Caller<Administering>,
    State(api): State<Api>,
    Body(body): Body<TokenBody>,
) -> Result<(StatusCode, Json<MadeToken>), Problem> {
    let TokenBody { name, holder, scopes, days: life } = body;
    let new = NewToken { name, holder, scopes, life };
    let (made, token) = api.ports.ledger.create_token(&new, caller.actor()).await?;
    let token = token.expose().to_string();
    Ok((StatusCode::CREATED, Json(MadeToken { id: made.id, token, expires_at: made.expires_at })))
}
