use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, NaiveDate, Utc};
use habeas_domain::{Actor, HeldKey, HoldId, JobId, JobState, Personal, RequestId, Right, text::TextRule};
use habeas_ledger::{HeldJobView, HoldEnd, HoldLifted, HoldPlaced, HoldView, LedgerError, NewHold};
use serde::Serialize;
use utoipa::ToSchema;

use super::audit::EntryJson;
use crate::{
    caller::{Caller, Holding},
    fields::{Fields, FromFields},
    path_id::Id,
    ports::Ports,
    problem::{FieldError, Problem},
    problem_docs::{OfBody, OfOne, OfOneWithBody, OfQuery, Usual},
    query::Asked,
    read_json::Body,
    schemas,
    state::Api,
};

/// The most keys, and the most requests, of one hold.
const MOST: usize = 50;

/// The longest reason and note, in characters.
const PROSE: TextRule = TextRule::lines(4_000);

/// A key of a person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HeldKey)]
pub(crate) struct KeyJson {
    /// Which key, as manifests call it: `email`, or any that a store finds people by.
    #[schema(example = "email")]
    key: String,
    /// Its value.
    #[schema(example = "hanako@example.jp")]
    value: String,
}

impl FromFields for KeyJson {
    const KNOWN: &'static [&'static str] = &["key", "value"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let key = fields.required_prose("key", TextRule::line(100));
        let value = fields.required_prose("value", TextRule::line(1_000));
        Some(Self { key: key?, value: value? })
    }
}

/// A legal hold to be placed.
#[derive(ToSchema)]
pub(crate) struct HoldBody {
    /// The keys of the person: any one of them is enough. At least one key or request.
    #[schema(max_items = 50, required = false)]
    keys: Vec<KeyJson>,
    /// Requests whose deletions are stopped whatever keys are found for them.
    #[schema(schema_with = schemas::ids, required = false)]
    requests: Vec<RequestId>,
    /// The matter, or another reason. Kept sealed, shown to holders of the scope `hold` alone, and never to the person.
    #[schema(max_length = 4000)]
    reason: String,
    /// The day on which somebody is to look whether the hold is still needed. It does not end by itself.
    review_on: Option<NaiveDate>,
}

impl FromFields for HoldBody {
    const KNOWN: &'static [&'static str] = &["keys", "requests", "reason", "review_on"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let keys = fields.objects("keys", MOST);
        let asked = fields.has("requests");
        let requests = fields.list("requests", MOST);
        let reason = fields.required_prose("reason", PROSE);
        let review_on = fields.optional("review_on");
        if !asked && keys.as_ref().is_some_and(Vec::is_empty) {
            fields.note("keys", "required", "name the person by a key, or a request");
        }
        Some(Self { keys: keys?, requests: requests.unwrap_or_default(), reason: reason?, review_on })
    }
}

impl HoldBody {
    /// Checked against the keys that the stores find people by.
    fn checked(self, ports: &Ports) -> Result<NewHold, Problem> {
        let mut errors = Vec::new();
        let mut keys = Vec::with_capacity(self.keys.len());
        for (place, one) in self.keys.iter().enumerate() {
            match HeldKey::read(&one.key, &one.value, ports.keys.iter()) {
                Ok(key) => keys.push(key),
                Err(problem) => {
                    let unknown = matches!(problem, habeas_domain::HeldKeyProblem::Unknown { .. });
                    let part = if unknown { "key" } else { "value" };
                    errors.push(FieldError {
                        field: format!("keys[{place}].{part}"),
                        code: problem.code(),
                        message: problem.to_string(),
                    });
                }
            }
        }
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        let reason = Personal::new(self.reason);
        Ok(NewHold { keys, requests: self.requests, reason, review_on: self.review_on })
    }
}

/// Why a hold is lifted.
#[derive(ToSchema)]
pub(crate) struct LiftBody {
    /// Kept sealed, with the hold.
    #[schema(max_length = 4000)]
    note: String,
}

impl FromFields for LiftBody {
    const KNOWN: &'static [&'static str] = &["note"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { note: fields.required_prose("note", PROSE)? })
    }
}

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

/// What a hold reached at the moment when it was placed. Plans that are made later meet it by themselves.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HoldPlaced)]
pub(crate) struct PlacedJson {
    /// The hold.
    #[schema(schema_with = schemas::id)]
    id: HoldId,
    /// The jobs of which nothing more is begun.
    #[schema(schema_with = schemas::ids)]
    stopped: Vec<JobId>,
    /// The jobs of which a part was being done at that moment, or all of it: what is gone cannot be brought back. What had
    /// not begun is stopped.
    #[schema(schema_with = schemas::ids)]
    too_late: Vec<JobId>,
    /// Whether the stores were asked for the further keys of the person, which the hold is about as well then. Where not, one
    /// did not answer: it is asked again every minute until it does, and the hold is shown as `whole` from then on.
    whole: bool,
}

impl PlacedJson {
    fn new(placed: HoldPlaced, more: Option<HoldPlaced>) -> Self {
        let HoldPlaced { id, mut stopped, mut too_late } = placed;
        let whole = more.is_some();
        if let Some(more) = more {
            stopped.extend(more.stopped);
            too_late.extend(more.too_late);
        }
        Self { id, stopped, too_late, whole }
    }
}

/// Has a hold be about the further keys of the person that the stores hold. It stands as it was placed where one of them does
/// not answer.
async fn widen(ports: &Ports, hold: HoldId, new: &NewHold, by: Actor) -> Result<Option<HoldPlaced>, Problem> {
    match ports.further_keys.of(&new.keys).await {
        Ok(keys) => Ok(Some(ports.ledger.complete_hold(hold, &keys, by).await?)),
        Err(fault) => {
            tracing::error!(%hold, code = fault.code, "a legal hold is placed by the keys that were typed alone; the stores are asked again");
            Ok(None)
        }
    }
}

/// What the lift of a hold reached.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HoldLifted)]
pub(crate) struct LiftedJson {
    /// The jobs that go on.
    #[schema(schema_with = schemas::ids)]
    resumed: Vec<JobId>,
    /// The jobs in whose way another hold stands.
    #[schema(schema_with = schemas::ids)]
    still_held: Vec<JobId>,
}

impl From<HoldLifted> for LiftedJson {
    fn from(lifted: HoldLifted) -> Self {
        Self { resumed: lifted.resumed, still_held: lifted.still_held }
    }
}

/// A job in whose way a hold stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HeldJob)]
pub(crate) struct HeldJobJson {
    /// The job.
    #[schema(schema_with = schemas::id)]
    job: JobId,
    /// Its request.
    #[schema(schema_with = schemas::id)]
    request: RequestId,
    /// The right that it fulfils.
    #[schema(schema_with = schemas::right)]
    right: Right,
    /// Where it stands.
    #[schema(schema_with = schemas::job_state)]
    state: JobState,
}

impl From<HeldJobView> for HeldJobJson {
    fn from(view: HeldJobView) -> Self {
        Self { job: view.job, request: view.request, right: view.right, state: view.state }
    }
}

/// A hold as it is listed: whom it is about is shown one by one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Hold)]
pub(crate) struct HoldJson {
    /// Its id.
    #[schema(schema_with = schemas::id)]
    id: HoldId,
    /// Who placed it.
    #[schema(schema_with = schemas::actor)]
    placed_by: String,
    /// When.
    placed_at: DateTime<Utc>,
    /// The day on which somebody is to look whether it is still needed.
    review_on: Option<NaiveDate>,
    /// When it was lifted.
    lifted_at: Option<DateTime<Utc>>,
    /// Who lifted it.
    #[schema(schema_with = schemas::maybe_actor)]
    lifted_by: Option<String>,
    /// Whether the stores were asked for the further keys of the person. Until they have answered it is about the keys that were
    /// typed alone, and they are asked again every minute.
    whole: bool,
    /// The requests that it names.
    #[schema(schema_with = schemas::ids)]
    requests: Vec<RequestId>,
    /// The jobs in whose way it stands now.
    jobs: Vec<HeldJobJson>,
}

impl From<HoldView> for HoldJson {
    fn from(view: HoldView) -> Self {
        let end = view.lifted.as_ref();
        Self {
            id: view.id,
            placed_by: view.placed_by.to_string(),
            placed_at: view.placed_at,
            review_on: view.review_on,
            lifted_at: end.map(|end| end.at),
            lifted_by: end.map(|end| end.by.to_string()),
            whole: view.whole,
            requests: view.requests,
            jobs: view.jobs.into_iter().map(Into::into).collect(),
        }
    }
}

/// A hold with whom it is about, why, and what was done about it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HoldWithTrail {
    /// The hold.
    hold: HoldJson,
    /// The keys of the person.
    keys: Vec<KeyJson>,
    /// The matter, or another reason.
    reason: String,
    /// Why it was lifted.
    lift_note: Option<String>,
    /// Its part of the audit trail, oldest first: who placed it, who looked at it, who lifted it, and what that reached.
    trail: Vec<EntryJson>,
}

/// Place a legal hold
///
/// Nothing of the person is deleted until it is lifted: open requests stop at once, later ones once their plan names one of
/// the keys, and deletions that were put off do not happen. Copies and corrections go on. What is being deleted at this
/// moment is finished, and told as `too_late`. The person is not told of the hold.
#[utoipa::path(
    post, path = "/v1/holds", tag = "holds", operation_id = "place_hold",
    request_body(content = HoldBody, example = json!({
        "keys": [{ "key": "email", "value": "hanako@example.jp" }, { "key": "customer_id", "value": "C-4242" }],
        "reason": "Case 2027-031", "review_on": "2027-12-01",
    })),
    responses((status = 201, description = "Placed.", body = PlacedJson), Usual, OfBody),
    security(("token" = ["hold"]))
)]
pub(crate) async fn place_hold(
    caller: Caller<Holding>,
    State(api): State<Api>,
    Body(body): Body<HoldBody>,
) -> Result<(StatusCode, Json<PlacedJson>), Problem> {
    let new = body.checked(&api.ports)?;
    let placed = api.ports.ledger.place_hold(&new, caller.actor()).await.map_err(|error| match error {
        LedgerError::NotFound("request") => Problem::invalid(vec![FieldError {
            field: "requests".to_owned(),
            code: "not-found",
            message: "one of these requests is not there; look for it in `GET /v1/requests`".to_owned(),
        }]),
        other => other.into(),
    })?;
    let more = widen(&api.ports, placed.id, &new, caller.actor()).await?;
    Ok((StatusCode::CREATED, Json(PlacedJson::new(placed, more))))
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
    Ok(Json(holds.into_iter().map(Into::into).collect()))
}

/// Show a legal hold
///
/// With whom it is about and why. That it was looked at is recorded in its audit trail.
#[utoipa::path(
    get, path = "/v1/holds/{id}", tag = "holds", operation_id = "show_hold",
    params(("id" = inline(schemas::IdWord), Path, description = "The hold's id.")),
    responses((status = 200, description = "The hold.", body = HoldWithTrail), Usual, OfOne),
    security(("token" = ["hold"]))
)]
pub(crate) async fn show_hold(
    caller: Caller<Holding>,
    State(api): State<Api>,
    Id(id): Id<HoldId>,
) -> Result<Json<HoldWithTrail>, Problem> {
    let ledger = &api.ports.ledger;
    ledger.record_hold_seen(id, caller.actor()).await?;
    let view = ledger.hold(id).await?;
    let trail = ledger.hold_trail(id).await?;
    let key = |one: &HeldKey| KeyJson { key: one.key.to_string(), value: one.value.expose().clone() };
    let note = |end: &HoldEnd| end.note.expose().clone();
    Ok(Json(HoldWithTrail {
        keys: view.keys.iter().map(key).collect(),
        reason: view.reason.expose().clone(),
        lift_note: view.lifted.as_ref().map(note),
        hold: view.into(),
        trail: trail.into_iter().map(Into::into).collect(),
    }))
}

/// Lift a legal hold
///
/// What it stopped before it began is planned anew, and goes on without a new approval if the plan is still the one that was
/// approved; what was begun goes on with the keys of its plan. The hold stays on record.
#[utoipa::path(
    post, path = "/v1/holds/{id}/lift", tag = "holds", operation_id = "lift_hold",
    params(("id" = inline(schemas::IdWord), Path, description = "The hold's id.")),
    request_body(content = LiftBody, example = json!({ "note": "Case 2027-031 is settled" })),
    responses((status = 200, description = "Lifted.", body = LiftedJson), Usual, OfOneWithBody),
    security(("token" = ["hold"]))
)]
pub(crate) async fn lift_hold(
    caller: Caller<Holding>,
    State(api): State<Api>,
    Id(id): Id<HoldId>,
    Body(body): Body<LiftBody>,
) -> Result<Json<LiftedJson>, Problem> {
    let lifted = api.ports.ledger.lift_hold(id, &Personal::new(body.note), caller.actor()).await?;
    Ok(Json(lifted.into()))
}
