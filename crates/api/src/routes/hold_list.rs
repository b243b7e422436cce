use axum::{Json, extract::State};

use crate::{
    caller::{Caller, Holding},
    fields::{Fields, FromFields},
    json::{hold::HoldJson, page::tell_unreadable},
    problem::Problem,
    problem_docs::{OfQuery, Usual},
    query::Asked,
    state::Api,
};

/// Which holds to list.
pub(crate) struct HoldQuery {
    lifted: bool,
}

impl FromFields for HoldQuery {
    const KNOWN: &'static [&'static str] = &["lifted"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let lifted = fields.word("lifted", &[true, false]);
        Some(Self { lifted: lifted.unwrap_or(false) })
    }
}

/// List legal holds
///
/// Latest first: at most 500. Whom they are about is shown one by one.
#[utoipa::path(
    get, path = "/v1/holds", tag = "holds", operation_id = "list_holds",
    params(("lifted" = Option<bool>, Query, description = "Those that were lifted, too.")),
    responses((status = 200, description = "Them.", body = Vec<HoldJson>), Usual, OfQuery),
    security(("token" = ["hold"]))
)]
pub(crate) async fn list_holds(
    _caller: Caller<Holding>,
    State(api): State<Api>,
    Asked(query): Asked<HoldQuery>,
) -> Result<Json<Vec<HoldJson>>, Problem> {
    let holds = api.ports.ledger.list_holds(query.lifted).await?;
    tell_unreadable(&holds.unreadable);
    Ok(Json(holds.items.into_iter().map(Into::into).collect()))
}
