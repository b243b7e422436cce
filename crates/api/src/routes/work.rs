use axum::{Json, extract::State};
use habeas_domain::{WorkKind, WorkState};
use habeas_ledger::{Cursor, WorkFilter};

use crate::{
    caller::{Caller, Operating},
    fields::{Fields, FromFields},
    json::{page::PageJson, work::WorkJson},
    problem::Problem,
    problem_docs::{OfQuery, Usual},
    query::Asked,
    schemas,
    state::Api,
    words::PlainName,
};

/// Which work, and which page of it.
pub(crate) struct Wanted {
    filter: WorkFilter,
    cursor: Option<Cursor>,
    limit: u64,
}

impl FromFields for Wanted {
    const KNOWN: &'static [&'static str] = &["state", "kind", "store", "fault", "request", "cursor", "limit"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let filter = WorkFilter {
            state: fields.word("state", &WorkState::ALL),
            kind: fields.word("kind", &WorkKind::ALL),
            store: fields.optional("store"),
            fault_code: fields.optional::<PlainName>("fault").map(|code| code.0),
            request: fields.optional("request"),
        };
        let cursor = fields.optional("cursor");
        Some(Self { filter, cursor, limit: fields.number("limit", 1..=200, 50)? })
    }
}

/// List work
///
/// Challenges, resolves, tasks, conclusions and mails, newest first.
#[utoipa::path(
    get, path = "/v1/work", tag = "work", operation_id = "list_work",
    params(
        ("state" = inline(Option<schemas::WorkStateWord>), Query, description = "Only work in this state."),
        ("kind" = inline(Option<schemas::WorkKindWord>), Query, description = "Only this kind."),
        ("store" = Option<String>, Query, description = "Only in this store.", example = "shop"),
        ("fault" = Option<String>, Query, description = "Only work that failed with this code and has not succeeded \
            since.", example = "store-unavailable"),
        ("request" = inline(Option<schemas::IdWord>), Query, description = "Only of this request."),
        ("cursor" = Option<String>, Query, description = "`next` of the page before."),
        ("limit" = Option<u64>, Query, minimum = 1, maximum = 200, description = "How many; 50 if not said.")),
    responses((status = 200, description = "Some of it.", body = PageJson<WorkJson>), Usual, OfQuery),
    security(("token" = ["operate"]))
)]
pub(crate) async fn list_work(
    _caller: Caller<Operating>,
    State(api): State<Api>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<PageJson<WorkJson>>, Problem> {
    let page = api.ports.ledger.work_list(&wanted.filter, wanted.cursor, wanted.limit).await?;
    Ok(Json(page.into()))
}
