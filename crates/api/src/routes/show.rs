use axum::{Json, extract::State};
use habeas_domain::{Personal, RequestId};
use habeas_ledger::Scope;

use crate::{
    caller::{Caller, Reading},
    fields::{Fields, FromFields},
    json::request::RequestJson,
    path_id::Id,
    ports::Seen,
    problem::{Problem, ProblemKind},
    problem_docs::{OfOne, OfPerson, OfQuery, Usual},
    query::Asked,
    schemas,
    state::Api,
};

/// Whether the person is to be shown.
pub(crate) struct Reveal(pub(super) bool);

impl FromFields for Reveal {
    const KNOWN: &'static [&'static str] = &["reveal"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self(fields.optional::<Personally>("reveal").is_some()))
    }
}

struct Personally;

impl std::str::FromStr for Personally {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "personal" { Ok(Self) } else { Err("use personal, or leave it out") }
    }
}

/// Show a request
///
/// Without personal data, unless `reveal=personal` asks for what the person handed in. That takes the scope
/// `approve`, and is written into the request's audit trail before it is shown.
#[utoipa::path(
    get, path = "/v1/requests/{id}", tag = "requests", operation_id = "show_request",
    params(
        ("id" = inline(schemas::IdWord), Path, description = "The request's id."),
        ("reveal" = Option<String>, Query, description = "`personal` to see the person.", example = "personal")),
    responses((status = 200, description = "The request.", body = RequestJson), Usual, OfOne, OfQuery, OfPerson),
    security(("token" = ["read"]))
)]
pub(crate) async fn show_request(
    caller: Caller<Reading>,
    State(api): State<Api>,
    Id(id): Id<RequestId>,
    Asked(Reveal(reveal)): Asked<Reveal>,
) -> Result<Json<RequestJson>, Problem> {
    let ledger = &api.ports.ledger;
    if !reveal {
        return Ok(Json(ledger.request_view(id).await?.into()));
    }
    caller.also(Scope::Approve)?;
    let view = ledger.request_view(id).await?;
    let person = ledger.person(id).await?;
    api.ports.witness.saw(id, caller.actor(), Seen::Submission).await?;
    let person = serde_json::to_value(Personal::into_inner(person))
        .map_err(|_| Problem::new(ProblemKind::Internal))?;
    Ok(Json(RequestJson::from(view).revealing(person)))
}
