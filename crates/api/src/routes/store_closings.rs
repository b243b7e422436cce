use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use habeas_domain::{ClosingId, StoreName};
use habeas_ledger::PastClosing;
use serde::Serialize;
use utoipa::ToSchema;

use super::stores::known;
use crate::{
    caller::{Caller, Operating},
    json::page::tell_unreadable,
    path_id::Id,
    problem::Problem,
    problem_docs::{OfOne, Usual},
    schemas,
    state::Api,
};

/// A closing of a store, which may be open again.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PastClosing)]
pub(crate) struct PastJson {
    /// The id of this closing. `GET /v1/audit/{id}` shows its trail.
    #[schema(schema_with = schemas::id)]
    id: ClosingId,
    /// When it was closed.
    closed_at: DateTime<Utc>,
    /// Who closed it.
    #[schema(schema_with = schemas::actor)]
    closed_by: String,
    /// Why.
    reason: String,
    /// The moment of the backup that the last re-erasing was told; nothing if none was begun.
    restored_to: Option<DateTime<Utc>>,
    /// How many people were erased again, in all re-erasings that looked at every row.
    re_erased: u64,
    /// When it was reopened; nothing while it is closed.
    reopened_at: Option<DateTime<Utc>>,
    /// Who reopened it.
    #[schema(schema_with = schemas::maybe_actor)]
    reopened_by: Option<String>,
    /// Why an admin reopened it although not everybody was known to be erased again.
    without_re_erasing: Option<String>,
}

impl From<PastClosing> for PastJson {
    fn from(past: PastClosing) -> Self {
        let (at, by, without) = match past.reopened {
            Some(end) => (Some(end.at), Some(end.by.to_string()), end.without),
            None => (None, None, None),
        };
        Self {
            id: past.id,
            closed_at: past.closed_at,
            closed_by: past.closed_by.to_string(),
            reason: past.reason,
            restored_to: past.restored_to,
            re_erased: past.re_erased,
            reopened_at: at,
            reopened_by: by,
            without_re_erasing: without,
        }
    }
}

/// List the closings of a store
///
/// Every time that it was closed, latest first, at most 500; also of a store that no manifest declares any more.
#[utoipa::path(
    get, path = "/v1/stores/{store}/closings", tag = "stores", operation_id = "list_closings",
    params(("store" = String, Path, description = "The store's name.", example = "shop")),
    responses((status = 200, description = "Them.", body = Vec<PastJson>), Usual, OfOne),
    security(("token" = ["operate"]))
)]
pub(crate) async fn list_closings(
    _caller: Caller<Operating>,
    State(api): State<Api>,
    Id(store): Id<StoreName>,
) -> Result<Json<Vec<PastJson>>, Problem> {
    let closings = api.ports.ledger.closings(Some(&store)).await?;
    tell_unreadable(&closings.unreadable);
    if closings.items.is_empty() && closings.unreadable.is_empty() {
        known(&api, &store)?;
    }
    Ok(Json(closings.items.into_iter().map(Into::into).collect()))
}
