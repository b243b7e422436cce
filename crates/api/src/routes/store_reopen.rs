use axum::{extract::State, http::StatusCode};
use habeas_domain::StoreName;
use habeas_ledger::Scope;
use utoipa::ToSchema;

use super::{store_close::REASON, stores::known};
use crate::{
    caller::{Caller, Operating},
    fields::{Fields, FromFields},
    path_id::Id,
    problem::Problem,
    problem_docs::{OfChange, OfOneWithBody, Usual},
    read_json::Body,
    state::Api,
};

/// Whether a store may be reopened although somebody may be left in it.
#[derive(ToSchema)]
pub(crate) struct ReopenBody {
    /// Why it is right to reopen the store although not everybody who was erased is known to be erased again. Takes the scope
    /// `admin`. Not about any person: it is kept as it is.
    #[schema(max_length = 1000, required = false)]
    without_re_erasing: Option<String>,
}

impl FromFields for ReopenBody {
    const KNOWN: &'static [&'static str] = &["without_re_erasing"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let asked = fields.has("without_re_erasing");
        let without_re_erasing = fields.prose("without_re_erasing", REASON);
        (!asked || without_re_erasing.is_some()).then_some(Self { without_re_erasing })
    }
}

/// Reopen a store
///
/// What waited for it goes on. Refused until a re-erasing has ended with nobody left, unless an admin says why.
#[utoipa::path(
    post, path = "/v1/stores/{store}/reopen", tag = "stores", operation_id = "reopen_store",
    params(("store" = String, Path, description = "The store's name.", example = "shop")),
    request_body(content = ReopenBody, example = json!({})),
    responses((status = 204, description = "Reopened."), Usual, OfOneWithBody, OfChange),
    security(("token" = ["operate"]))
)]
pub(crate) async fn reopen_store(
    caller: Caller<Operating>,
    State(api): State<Api>,
    Id(store): Id<StoreName>,
    Body(body): Body<ReopenBody>,
) -> Result<StatusCode, Problem> {
    known(&api, &store)?;
    if body.without_re_erasing.is_some() {
        caller.also(Scope::Admin)?;
    }
    let without = body.without_re_erasing.as_deref();
    api.ports.ledger.reopen_store(&store, without, caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
