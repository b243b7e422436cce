use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use habeas_domain::{RequestId, StoreName};
use serde::Serialize;
use utoipa::ToSchema;

use super::stores::known;
use crate::{
    caller::{Caller, Operating},
    fields::{Fields, FromFields},
    path_id::Id,
    ports::ReErasure,
    problem::Problem,
    problem_docs::{OfChange, OfOneWithBody, Usual},
    read_json::Body,
    schemas,
    state::Api,
};

/// The most requests that are confirmed at once.
const MOST: usize = 500;

/// Of which backup.
#[derive(ToSchema)]
pub(crate) struct ReEraseBody {
    /// The moment that the backup shows; an earlier one if in doubt. Not later than when the store was closed. Whoever was erased before it is left alone: they may
    /// have come back since.
    restored_to: DateTime<Utc>,
    /// Requests of which a person has seen that the rows found are theirs, although these carry an identifier that was not
    /// theirs when they were erased.
    #[schema(schema_with = schemas::ids, required = false)]
    confirmed: Vec<RequestId>,
}

impl FromFields for ReEraseBody {
    const KNOWN: &'static [&'static str] = &["restored_to", "confirmed"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let restored_to = fields.required("restored_to");
        let confirmed = fields.list("confirmed", MOST);
        Some(Self { restored_to: restored_to?, confirmed: confirmed.unwrap_or_default() })
    }
}

/// A re-erasing that goes on in the background.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Begun {
    /// In which store.
    #[schema(schema_with = schemas::store)]
    store: StoreName,
}

/// Erase again in a restored store
///
/// Looks at every row of a closed store in the background and erases again whoever was erased since the backup was made, with
/// the same proof as the first time. `GET /v1/stores` tells how far it is and how it ended. One that failed or was cut off, as by a
/// restart, is begun again by another call: nothing is done twice. While one is under way another is refused with 409.
#[utoipa::path(
    post, path = "/v1/stores/{store}/re-erase", tag = "stores", operation_id = "re_erase_in_store",
    params(("store" = String, Path, description = "The store's name.", example = "shop")),
    request_body(content = ReEraseBody, example = json!({ "restored_to": "2027-03-01T02:00:00Z" })),
    responses((status = 202, description = "Begun.", body = Begun), Usual, OfOneWithBody, OfChange),
    security(("token" = ["operate"]))
)]
pub(crate) async fn re_erase_in_store(
    caller: Caller<Operating>,
    State(api): State<Api>,
    Id(store): Id<StoreName>,
    Body(body): Body<ReEraseBody>,
) -> Result<(StatusCode, Json<Begun>), Problem> {
    known(&api, &store)?;
    let by = caller.actor();
    let ReEraseBody { restored_to, confirmed } = body;
    let order = ReErasure { store: store.clone(), restored_to, confirmed, by };
    api.ports.restored.begin(order).await?;
    Ok((StatusCode::ACCEPTED, Json(Begun { store })))
}
