//! Reading JSON bodies.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse as _,
};
use serde_json::{Value, error::Category};

use crate::{
    fields::{self, FromFields},
    problem::{Problem, ProblemKind},
    state::Api,
};

/// A body of JSON, whatever it says.
pub(crate) struct AnyJson(pub(crate) Value);

/// A body of JSON with known fields.
pub(crate) struct Body<T>(pub(crate) T);

impl FromRequest<Api> for AnyJson {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(ProblemKind::WrongContentType));
        }
        let bytes = Bytes::from_request(request, api).await.map_err(|refused| {
            match refused.into_response().status() {
                StatusCode::PAYLOAD_TOO_LARGE => Problem::new(ProblemKind::TooLarge)
                    .with_detail(format!("send at most {} bytes", api.options.largest_body)),
                _ => Problem::new(ProblemKind::NotJson).with_detail("the body ended too early"),
            }
        })?;
        parse(&bytes).map(Self)
    }
}

impl<T: FromFields> FromRequest<Api> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Problem> {
        let AnyJson(value) = AnyJson::from_request(request, api).await?;
        fields::read(&value).map(Self)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = text.split(';').map(|part| part.trim().to_ascii_lowercase());
    let kind = parts.next().is_some_and(|kind| kind == "application/json");
    kind && parts
        .filter_map(|part| part.strip_prefix("charset=").map(str::to_owned))
        .all(|set| set == "utf-8")
}

fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        let detail = match error.classify() {
            Category::Eof => "the JSON ends too early".to_owned(),
            _ if error.to_string().starts_with("recursion limit") => {
                format!("the JSON is nested too deep at line {}, column {}", error.line(), error.column())
            }
            _ => format!("the JSON breaks at line {}, column {}", error.line(), error.column()),
        };
        Problem::new(ProblemKind::NotJson).with_detail(detail)
    })
}
