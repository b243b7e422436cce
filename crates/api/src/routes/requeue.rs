use axum::{Json, extract::State};
use habeas_domain::WorkId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    caller::{Caller, Operating},
    fields::{Fields, FromFields},
    problem::Problem,
    problem_docs::{OfBody, OfChange, Usual},
    read_json::Body,
    schemas,
    state::Api,
    words::PlainName,
};

/// What is put back: by id or by fault.
pub(crate) enum Which {
    Ids(Vec<WorkId>),
    Fault(String),
}

/// What is put back: either `ids` or `fault`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read into `Which`")]
pub(crate) struct RequeueBody {
    /// Up to 500 pieces of work.
    #[schema(schema_with = schemas::ids, required = false)]
    ids: Vec<WorkId>,
    /// Everything parked with this fault, up to 500 pieces at a time.
    #[schema(max_length = 63, example = "store-unavailable")]
    fault: Option<String>,
}

impl FromFields for Which {
    const KNOWN: &'static [&'static str] = &["ids", "fault"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        match (fields.has("ids"), fields.has("fault")) {
            (true, false) => fields.list("ids", 500).map(Self::Ids),
            (false, true) => fields.optional::<PlainName>("fault").map(|code| Self::Fault(code.0)),
            _ => {
                fields.note("ids", "required", "give either ids or fault");
                None
            }
        }
    }
}

/// How much was put back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Requeued {
    /// How many pieces of work. What was not parked is not counted.
    requeued: u64,
}

/// Put parked work back
///
/// One, many, or all with the same fault. It is tried again at once.
#[utoipa::path(
    post, path = "/v1/work/requeue", tag = "work", operation_id = "requeue_work",
    request_body(content = RequeueBody, example = json!({ "fault": "store-unavailable" })),
    responses((status = 200, description = "Put back.", body = Requeued), Usual, OfBody, OfChange),
    security(("token" = ["operate"]))
)]
pub(crate) async fn requeue_work(
    caller: Caller<Operating>,
    State(api): State<Api>,
    Body(which): Body<Which>,
) -> Result<Json<Requeued>, Problem> {
    let ledger = &api.ports.ledger;
    let requeued = match which {
        Which::Ids(ids) => ledger.requeue(&ids, caller.actor()).await?,
        Which::Fault(code) => ledger.requeue_by_fault(&code, caller.actor()).await?,
    };
    Ok(Json(Requeued { requeued }))
}
