use axum::{Json, extract::State};
use habeas_domain::EmailAddress;
use habeas_ledger::{Cursor, RequestFilter};
use utoipa::ToSchema;

use crate::{
    caller::{Caller, Reading},
    fields::{Fields, FromFields},
    json::{page::PageJson, request::RequestJson},
    problem::Problem,
    problem_docs::{OfBody, Usual},
    read_json::Body,
    state::Api,
};

/// Whose requests.
#[derive(ToSchema)]
pub(crate) struct FindBody {
    /// The person's address, as the request named it.
    #[schema(value_type = String, example = "hanako@example.jp")]
    email: EmailAddress,
    /// `next` of the page before.
    #[schema(value_type = Option<String>)]
    cursor: Option<Cursor>,
    /// How many; 50 if not said.
    #[schema(value_type = Option<u64>, minimum = 1, maximum = 200)]
    limit: u64,
}

impl FromFields for FindBody {
    const KNOWN: &'static [&'static str] = &["email", "cursor", "limit"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let email = fields.required::<Address>("email");
        let cursor = fields.optional("cursor");
        let limit = fields.number("limit", 1..=200, 50);
        Some(Self { email: email?.0, cursor, limit: limit? })
    }
}

struct Address(EmailAddress);

impl std::str::FromStr for Address {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        EmailAddress::parse(text).map(Self).map_err(|problem| problem.to_string())
    }
}

/// Find a person's requests
///
/// By the address that their requests named. In a body, because addresses do not belong in URLs: those are logged.
#[utoipa::path(
    post, path = "/v1/requests/find", tag = "requests", operation_id = "find_requests",
    request_body(content = FindBody, example = json!({ "email": "hanako@example.jp" })),
    responses((status = 200, description = "Newest first.", body = PageJson<RequestJson>), Usual, OfBody),
    security(("token" = ["read"]))
)]
pub(crate) async fn find_requests(
    _caller: Caller<Reading>,
    State(api): State<Api>,
    Body(wanted): Body<FindBody>,
) -> Result<Json<PageJson<RequestJson>>, Problem> {
    let filter = RequestFilter { email: Some(wanted.email), ..RequestFilter::default() };
    let page = api.ports.ledger.list_requests(&filter, wanted.cursor, wanted.limit).await?;
    Ok(Json(page.into()))
}
