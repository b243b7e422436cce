use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use habeas_domain::{ClosingId, RequestId, StoreName};
use habeas_ledger::{ClosingView, PersonBack, ReErased, RunView};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    caller::{Caller, Operating},
    problem::{Problem, ProblemKind},
    problem_docs::Usual,
    schemas,
    state::Api,
};

/// What a re-erasing did, in numbers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReErased)]
pub(crate) struct ReErasedJson {
    /// Rows that were looked at.
    scanned: u64,
    /// Erased people who were back.
    back: u64,
    /// Those of them who were erased again, and proven gone.
    re_erased: u64,
    /// The rows that this deleted or changed.
    rows: u64,
    /// People who stay for a legal hold.
    held: u64,
    /// People whose rows carry an identifier that was not theirs when they were erased: for staff to look at.
    unclear: u64,
    /// People whose rows the store would not let go.
    failed: u64,
}

impl From<ReErased> for ReErasedJson {
    fn from(did: ReErased) -> Self {
        let ReErased { scanned, back, re_erased, rows, held, unclear, failed } = did;
        Self { scanned, back, re_erased, rows, held, unclear, failed }
    }
}

/// An erased person who is in a store again.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PersonBack)]
pub(crate) struct PersonBackJson {
    /// By which request they were erased.
    #[schema(schema_with = schemas::id)]
    request: RequestId,
    /// Why they are there still: `found` until they are erased again, or `held`, `unclear` or `failed`.
    #[schema(schema_with = schemas::back)]
    why: &'static str,
    /// The holds, the reason, or the code of the fault.
    more: String,
    /// When they were found last.
    at: DateTime<Utc>,
}

impl From<PersonBack> for PersonBackJson {
    fn from(person: PersonBack) -> Self {
        Self { request: person.request, why: person.back.as_str(), more: person.detail, at: person.at }
    }
}

/// The last re-erasing that was begun.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReErasingRun)]
pub(crate) struct RunJson {
    /// When it began.
    began_at: DateTime<Utc>,
    /// Who began it.
    #[schema(schema_with = schemas::actor)]
    by: String,
    /// The moment of the backup that it was told.
    restored_to: DateTime<Utc>,
    /// The requests of which it was told that a person had looked.
    #[schema(schema_with = schemas::ids)]
    confirmed: Vec<RequestId>,
    /// `under-way`; `ended`; `failed`; or `cut-off`, as by a restart. One that failed or was cut off is begun again.
    #[schema(schema_with = schemas::run_state)]
    state: &'static str,
    /// When it ended or failed.
    ended_at: Option<DateTime<Utc>>,
    /// Why it failed.
    fault: Option<String>,
}

impl From<RunView> for RunJson {
    fn from(run: RunView) -> Self {
        Self {
            began_at: run.began,
            by: run.by.to_string(),
            restored_to: run.restored_to,
            confirmed: run.confirmed.into_iter().collect(),
            state: run.state.as_str(),
            ended_at: run.ended,
            fault: run.fault,
        }
    }
}

/// Why a store is closed, and how far it is towards being reopened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Closing)]
pub(crate) struct ClosingJson {
    /// The id of this closing. Its part of the audit trail bears it.
    #[schema(schema_with = schemas::id)]
    id: ClosingId,
    /// When it was closed.
    closed_at: DateTime<Utc>,
    /// Who closed it.
    #[schema(schema_with = schemas::actor)]
    closed_by: String,
    /// Why.
    reason: String,
    /// How many pieces of work that had begun are still in it, or ask every store to resolve somebody. It may be restored when there are none.
    working: u64,
    /// The last re-erasing that was begun; nothing before the first.
    run: Option<RunJson>,
    /// When a re-erasing that looked at every row ended last.
    re_erased_at: Option<DateTime<Utc>>,
    /// The moment of the backup that it was told.
    restored_to: Option<DateTime<Utc>>,
    /// What it did.
    did: Option<ReErasedJson>,
    /// Since when every erasure is remembered.
    complete_since: DateTime<Utc>,
    /// Whether the store may be reopened.
    may_reopen: bool,
    /// The erased people who are back, as far as they were found; at most 500.
    back: Vec<PersonBackJson>,
}

impl From<ClosingView> for ClosingJson {
    fn from(view: ClosingView) -> Self {
        Self {
            id: view.id,
            closed_at: view.closed_at,
            closed_by: view.closed_by.to_string(),
            reason: view.reason,
            working: view.working,
            run: view.run.map(Into::into),
            re_erased_at: view.re_erased_at,
            restored_to: view.restored_to,
            did: view.did.map(Into::into),
            complete_since: view.complete_since,
            may_reopen: view.whole,
            back: view.back.into_iter().map(Into::into).collect(),
        }
    }
}

/// A registered store.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Store)]
pub(crate) struct StoreJson {
    /// Its name.
    #[schema(schema_with = schemas::store)]
    name: StoreName,
    /// Why it is closed; nothing if it is open.
    closing: Option<ClosingJson>,
}

/// List the stores
///
/// By name, with those that are closed and who is back in them.
#[utoipa::path(
    get, path = "/v1/stores", tag = "stores", operation_id = "list_stores",
    responses((status = 200, description = "Them.", body = Vec<StoreJson>), Usual),
    security(("token" = ["operate"]))
)]
pub(crate) async fn list_stores(
    _caller: Caller<Operating>,
    State(api): State<Api>,
) -> Result<Json<Vec<StoreJson>>, Problem> {
    let mut closed = api.ports.ledger.closed_stores().await?;
    let mut stores = Vec::new();
    for name in api.ports.restored.stores() {
        let place = closed.iter().position(|closing| closing.store == name);
        let closing = place.map(|place| closed.swap_remove(place).into());
        stores.push(StoreJson { name, closing });
    }
    Ok(Json(stores))
}

/// A store that some manifest declares.
pub(super) fn known(api: &Api, store: &StoreName) -> Result<(), Problem> {
    if api.ports.restored.stores().contains(store) {
        return Ok(());
    }
    Err(Problem::new(ProblemKind::NotFound).with_detail("no manifest declares this store"))
}
