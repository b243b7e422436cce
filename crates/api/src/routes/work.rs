use std::fmt::Display;

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
            state: fields.optional::<OneOf<WorkState>>("state").map(|state| state.0),
            kind: fields.optional::<OneOf<WorkKind>>("kind").map(|kind| kind.0),
            store: fields.optional("store"),
            fault_code: fields.optional::<PlainName>("fault").map(|code| code.0),
            request: fields.optional("request"),
        };
        let cursor = fields.optional("cursor");
        Some(Self { filter, cursor, limit: fields.number("limit", 1..=200, 50)? })
    }
}

/// A word of a fixed list, with the list in its problem.
struct OneOf<T>(T);

trait Words: Copy + Display + 'static {
    const ALL: &'static [Self];
}

impl Words for WorkState {
    const ALL: &'static [Self] = &Self::ALL;
}

impl Words for WorkKind {
    const ALL: &'static [Self] = &Self::ALL;
}

impl<T: Words> std::str::FromStr for OneOf<T> {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let all: Vec<String> = T::ALL.iter().map(ToString::to_string).collect();
        let found = T::ALL.iter().zip(&all).find(|(_, word)| *word == text);
        found.map(|(one, _)| Self(*one)).ok_or_else(|| format!("use one of: {}", all.join(", ")))
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
