use axum::{Json, extract::State, http::StatusCode};
use chrono::NaiveDate;
use habeas_domain::{Actor, HeldKey, HoldId, JobId, Personal, RequestId};
use habeas_ledger::{HoldPlaced, LedgerError, NewHold};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    caller::{Caller, Holding},
    fields::{Fields, FromFields},
    json::hold::{KeyJson, PROSE},
    ports::Ports,
    problem::{FieldError, Problem},
    problem_docs::{OfBody, Usual},
    read_json::Body,
    schemas,
    state::Api,
};

/// The most keys, and the most requests, of one hold.
const MOST: usize = 50;

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
    /// did not answer, or the keys lead to more than one person can have: they are asked again every minute, and the hold is
    /// shown as `whole` once they have answered.
    whole: bool,
}

impl PlacedJson {
    fn new(placed: HoldPlaced, more: Option<HoldPlaced>) -> Self {
        let whole = more.is_some();
        let HoldPlaced { id, stopped, too_late } = match more {
            Some(more) => placed.and(more),
            None => placed,
        };
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
