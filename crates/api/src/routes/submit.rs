use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use chrono::NaiveDate;
use habeas_domain::RequestId;
use habeas_ledger::Accepted;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    caller::{Caller, Submitting},
    document::Submission,
    problem::{FieldError, Problem},
    problem_docs::{OfBody, OfSubmission, Usual},
    read_json::AnyJson,
    schemas,
    state::Api,
};

const KEY: &str = "idempotency-key";
const LONGEST_KEY: usize = 200;

/// A request that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Taken {
    /// Its id.
    #[schema(schema_with = schemas::id)]
    id: RequestId,
    /// Its short form for people.
    #[schema(example = "HB-7K3M-9QTX")]
    reference: String,
    /// The last day for an answer.
    due_on: NaiveDate,
    /// An open request of the same person for one of the same rights, if there is one.
    #[schema(schema_with = schemas::maybe_id)]
    duplicate_of: Option<RequestId>,
}

/// Hand a request in
///
/// The person is mailed at once: that the request arrived, and a link to prove who they are. Nothing is looked up
/// before. With an `Idempotency-Key` a repeat is harmless: it gets the first answer again, with status 200.
/// A correction of what no store corrects is refused (`not-correctable`), with what can be corrected.
#[utoipa::path(
    post, path = "/v1/requests", tag = "requests", operation_id = "submit_request",
    params(("Idempotency-Key" = Option<String>, Header, max_length = 200, example = "ticket-4711",
        description = "Chosen by the caller. The same key with the same body is the same request.")),
    request_body(content = Submission, description = "What one person asks for at one time.", examples(
        ("access" = (summary = "A copy of the data", value = json!({
            "subject": { "email": "hanako@example.jp", "name": "山田 花子" },
            "rights": ["access"], "regime": "jp_appi", "language": "ja", "channel": "ticket",
            "external_reference": "T-4711"
        }))),
        ("correction and deletion" = (summary = "A new address, and the rest deleted", value = json!({
            "subject": { "email": "taro@example.com",
                "identifiers": [{ "key": "customer_id", "value": "C-1001" }] },
            "rights": ["correction", "deletion"], "regime": "eu_gdpr",
            "corrections": [{ "category": "user.contact.email", "type": "email", "value": "taro@example.org" }]
        })))
    )),
    responses(
        (status = 201, description = "Taken.", body = Taken,
            headers(("Location" = String, description = "Where the request can be seen."))),
        (status = 200, description = "Taken before: the same answer again.", body = Taken),
        Usual, OfBody, OfSubmission),
    security(("token" = ["submit"]))
)]
pub(crate) async fn submit_request(
    caller: Caller<Submitting>,
    State(api): State<Api>,
    headers: HeaderMap,
    AnyJson(body): AnyJson,
) -> Result<Response, Problem> {
    let key = key(&headers)?;
    let accepted = api.ports.receive.receive(&body, caller.submitter(), key).await?;
    Ok(answer(accepted))
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(KEY) else { return Ok(None) };
    let text = value.to_str().ok().map(str::trim);
    let fit = text.filter(|text| (1..=LONGEST_KEY).contains(&text.len()));
    fit.map(|text| Some(text.to_owned())).ok_or_else(|| {
        Problem::invalid(vec![FieldError {
            field: "Idempotency-Key".to_owned(),
            code: "malformed",
            message: format!("use 1 to {LONGEST_KEY} visible ASCII characters"),
        }])
    })
}

fn answer(accepted: Accepted) -> Response {
    let status = if accepted.repeated { StatusCode::OK } else { StatusCode::CREATED };
    let location = HeaderValue::from_str(&format!("/v1/requests/{}", accepted.id));
    let body = Json(Taken {
        id: accepted.id,
        reference: accepted.reference,
        due_on: accepted.due_on,
        duplicate_of: accepted.duplicate_of,
    });
    let mut response = (status, body).into_response();
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}
