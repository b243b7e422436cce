use axum::{Json, extract::State};
use habeas_domain::{Fault, RequestId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    caller::{Approving, Caller},
    path_id::Id,
    problem::Problem,
    problem_docs::{OfChange, OfOne, Usual},
    schemas,
    state::Api,
};

/// How a person can be reached, as the stores hold it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ContactsJson {
    /// Telephone numbers. Call one of these, and none that the request or a caller names.
    #[schema(example = json!(["+819000000000"]))]
    phones: Vec<String>,
}

/// Show the telephone numbers on file
///
/// For a call-back. They come from the stores alone, found by the address that the person has proven; a number in the
/// request is not among them unless the stores hold it. Looking is written into the audit trail first, and a call-back counts
/// only for whoever looked in the 24 hours before it, and found a number.
#[utoipa::path(
    get, path = "/v1/requests/{id}/contacts", tag = "requests", operation_id = "show_contacts",
    params(("id" = inline(schemas::IdWord), Path, description = "The request's id.")),
    responses((status = 200, description = "What is on file.", body = ContactsJson), Usual, OfOne, OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn show_contacts(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<RequestId>,
) -> Result<Json<ContactsJson>, Problem> {
    let ledger = &api.ports.ledger;
    let request = ledger.to_be_called(id).await?;
    let phones = api.ports.contacts.phones(&request).await.map_err(away)?;
    ledger.record_contacts_seen(id, caller.actor(), phones.len()).await?;
    Ok(Json(ContactsJson { phones: phones.iter().map(|phone| phone.as_str().to_owned()).collect() }))
}

/// Says which store, and what to do.
fn away(fault: Fault) -> Problem {
    let detail = fault.detail.clone();
    Problem::from(fault).with_detail(detail)
}
