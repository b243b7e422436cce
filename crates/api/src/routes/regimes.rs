use axum::{Json, extract::State};
use serde_json::Value;

use crate::{
    caller::{Caller, Reading},
    problem::{Problem, ProblemKind},
    problem_docs::Usual,
    state::Api,
};

/// List the laws
///
/// That a request can be under, as this deployment applies them: the rights each offers, its periods, who must
/// agree, the reasons for a refusal, what proof takes, who may act for the person and with which mandates (`agents`), whom
/// it takes for a child and what that takes (`child`); each with its article and with how sure we are of it. Laws that
/// `requests.regimes` leaves out are not among them. Not legal advice: what is not `stated` is to be checked with counsel.
#[utoipa::path(
    get, path = "/v1/regimes", tag = "regimes", operation_id = "list_regimes",
    responses((status = 200, description = "All of them, by id.", body = Vec<Object>, example = json!([{
        "id": "eu_gdpr", "citation": "Regulation (EU) 2016/679", "time_zone": "Europe/Brussels",
        "rights": { "access": { "article": "art. 15", "confidence": "stated", "approval": "automatic" } },
        "agents": { "proof_days": null, "without_confirmation": {} },
        "child": { "age": { "value": 16, "article": "GDPR art. 8(1)", "confidence": "stated" } }
    }])), Usual),
    security(("token" = ["read"]))
)]
pub(crate) async fn list_regimes(
    _caller: Caller<Reading>,
    State(api): State<Api>,
) -> Result<Json<Vec<Value>>, Problem> {
    let regimes = api.ports.taken.iter().map(serde_json::to_value);
    let regimes = regimes.collect::<Result<_, _>>().map_err(|_| Problem::new(ProblemKind::Internal))?;
    Ok(Json(regimes))
}
