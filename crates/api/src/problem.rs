//! Problem documents (RFC 9457).

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use habeas_domain::{
    AcknowledgementRefused, Fault, FieldProblem, paper::PaperRefused, review::ReviewRefused,
};
use habeas_ledger::{ClosingRefused, LedgerError, Scope};
use serde::Serialize;
use utoipa::ToSchema;

use crate::ports::ReceiveRefused;

/// After how many seconds a failed call is worth trying again.
const RETRY_SECONDS: u64 = 5;

/// Every kind of problem. Its name is part of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// No valid token.
    Unauthenticated,
    /// The token does not allow it.
    Forbidden,
    /// No such route, or nothing of that id.
    NotFound,
    /// The route is there, but not for this method.
    MethodNotAllowed,
    /// A part of the address cannot be read.
    BadAddress,
    /// The body is not JSON.
    NotJson,
    /// The body is too large.
    TooLarge,
    /// The body is of another type.
    WrongContentType,
    /// One or more fields are wrong.
    Invalid,
    /// The present state does not allow it.
    Conflict,
    /// The address of a request cannot be changed.
    AddressFixed,
    /// The idempotency key came with another body.
    KeyReused,
    /// The personal data are gone.
    Erased,
    /// Called too often.
    TooMany,
    /// Something that is needed does not answer.
    Unavailable,
    /// A mistake of ours.
    Internal,
}

impl ProblemKind {
    /// Every kind.
    pub const ALL: [Self; 16] = [
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::BadAddress,
        Self::NotJson,
        Self::TooLarge,
        Self::WrongContentType,
        Self::Invalid,
        Self::Conflict,
        Self::AddressFixed,
        Self::KeyReused,
        Self::Erased,
        Self::TooMany,
        Self::Unavailable,
        Self::Internal,
    ];

    /// The URI that names it for ever.
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Unauthenticated => "urn:habeas:problem:unauthenticated",
            Self::Forbidden => "urn:habeas:problem:forbidden",
            Self::NotFound => "urn:habeas:problem:not-found",
            Self::MethodNotAllowed => "urn:habeas:problem:method-not-allowed",
            Self::BadAddress => "urn:habeas:problem:bad-address",
            Self::NotJson => "urn:habeas:problem:not-json",
            Self::TooLarge => "urn:habeas:problem:too-large",
            Self::WrongContentType => "urn:habeas:problem:wrong-content-type",
            Self::Invalid => "urn:habeas:problem:invalid",
            Self::Conflict => "urn:habeas:problem:conflict",
            Self::AddressFixed => "urn:habeas:problem:address-fixed",
            Self::KeyReused => "urn:habeas:problem:idempotency-key-reused",
            Self::Erased => "urn:habeas:problem:erased",
            Self::TooMany => "urn:habeas:problem:too-many-calls",
            Self::Unavailable => "urn:habeas:problem:unavailable",
            Self::Internal => "urn:habeas:problem:internal",
        }
    }

    /// The same words for every problem of the kind.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Unauthenticated => "No valid token",
            Self::Forbidden => "Not allowed",
            Self::NotFound => "Not found",
            Self::MethodNotAllowed => "Method not allowed",
            Self::BadAddress => "The address cannot be read",
            Self::NotJson => "The body is not JSON",
            Self::TooLarge => "The body is too large",
            Self::WrongContentType => "The body is of the wrong type",
            Self::Invalid => "Some fields are wrong",
            Self::Conflict => "The present state does not allow it",
            Self::AddressFixed => "The address of a request cannot be changed",
            Self::KeyReused => "The idempotency key was used before",
            Self::Erased => "The personal data are gone",
            Self::TooMany => "Too many calls",
            Self::Unavailable => "Not available right now",
            Self::Internal => "A mistake of ours",
        }
    }

    /// The HTTP status.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BadAddress | Self::NotJson => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::WrongContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Conflict | Self::AddressFixed | Self::KeyReused => StatusCode::CONFLICT,
            Self::Erased => StatusCode::GONE,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What to do about it, where nothing more is known.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Unauthenticated => "send a valid token: `Authorization: Bearer habeas_...`",
            Self::Forbidden => "this token does not allow this call",
            Self::NotFound => "there is nothing at this address",
            Self::MethodNotAllowed => "use one of the methods that the `Allow` header names",
            Self::BadAddress => "check the marked part of the address",
            Self::NotJson => "send one JSON document in UTF-8",
            Self::TooLarge => "send at most 1 MiB",
            Self::WrongContentType => "send `Content-Type: application/json`",
            Self::Invalid => "correct the marked fields; nothing was changed",
            Self::Conflict => "look at its present state",
            Self::AddressFixed => {
                "nothing was changed; hand in a new request from the other address, and withdraw this one if it is not wanted"
            }
            Self::KeyReused => "this idempotency key was used for another submission; choose a new one",
            Self::Erased => "the personal data of this request are gone: their retention is over",
            Self::TooMany => "wait as long as `Retry-After` says",
            Self::Unavailable => "nothing was changed; try again after `Retry-After`",
            Self::Internal => "nothing more is known; the log says what happened under the request id",
        }
    }
}

/// One thing that is wrong, with the fix. Never shows the value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Where, such as `subject.email`, `rights[1]`, or `id` for a part of the address.
    #[schema(example = "subject.email")]
    pub field: String,
    /// A short stable word, such as `required` or `wrong-type`.
    #[schema(example = "required", value_type = String)]
    pub code: &'static str,
    /// What to do about it, in English.
    #[schema(example = "give the person's mail address")]
    pub message: String,
}

/// A problem document (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// The URI that names the kind of problem.
    #[serde(rename = "type")]
    #[schema(value_type = String, format = "uri")]
    uri: &'static str,
    /// The same words for every problem of the kind.
    #[schema(value_type = String)]
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What to do about this one.
    detail: String,
    /// Field by field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
    #[serde(skip)]
    retry_after: Option<u64>,
}

impl Problem {
    /// A problem of this kind, with its usual advice.
    pub fn new(kind: ProblemKind) -> Self {
        Self {
            uri: kind.uri(),
            title: kind.title(),
            status: kind.status().as_u16(),
            detail: kind.advice().to_owned(),
            errors: Vec::new(),
            retry_after: matches!(kind, ProblemKind::Unavailable).then_some(RETRY_SECONDS),
        }
    }

    /// Says more exactly what to do. Must hold no personal data.
    #[must_use]
    pub fn with_detail(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    /// Says when to try again, in seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// The token lacks a scope.
    pub fn lacks(scope: Scope) -> Self {
        Self::new(ProblemKind::Forbidden)
            .with_detail(format!("this token does not allow this call: it lacks the scope `{scope}`"))
    }

    /// Wrong fields.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::new(ProblemKind::Invalid) }
    }

    /// What is wrong, field by field.
    pub(crate) fn into_errors(self) -> Vec<FieldError> {
        self.errors
    }

    /// A part of the address that cannot be read.
    pub fn bad_address(field: &str, message: impl Into<String>) -> Self {
        let error = FieldError { field: field.to_owned(), code: "malformed", message: message.into() };
        Self { errors: vec![error], ..Self::new(ProblemKind::BadAddress) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        let mut response = (status, [kind], body).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Self {
        use LedgerError as E;
        match error {
            E::NotFound(what) => {
                Self::new(ProblemKind::NotFound).with_detail(format!("there is no such {what}"))
            }
            E::Illegal(refused) => Self::new(ProblemKind::Conflict).with_detail(refused.to_string()),
            E::Approval(refused) => Self::new(ProblemKind::Conflict).with_detail(refused.to_string()),
            E::Evidence(refused) => Self::new(ProblemKind::Conflict).with_detail(refused.to_string()),
            E::Review(refused @ ReviewRefused::Number { .. }) => Self::invalid(vec![FieldError {
                field: "up_to".to_owned(),
                code: "out-of-range",
                message: refused.to_string(),
            }]),
            E::Review(refused) => Self::new(ProblemKind::Conflict).with_detail(refused.to_string()),
            E::Paper(PaperRefused::Upload(refused)) => Self::invalid(vec![FieldError {
                field: "body".to_owned(),
                code: refused.code(),
                message: refused.to_string(),
            }]),
            E::Paper(refused) => Self::new(ProblemKind::Conflict).with_detail(refused.to_string()),
            E::Acknowledgement(refused @ AcknowledgementRefused::Day { .. }) => {
                Self::invalid(vec![FieldError {
                    field: "on".to_owned(),
                    code: "out-of-range",
                    message: refused.to_string(),
                }])
            }
            E::Acknowledgement(refused) => Self::new(ProblemKind::Conflict).with_detail(refused.to_string()),
            E::Closing(refused @ ClosingRefused::RestoredLater(_)) => Self::invalid(vec![FieldError {
                field: "restored_to".to_owned(),
                code: "too-late",
                message: refused.to_string(),
            }]),
            E::Closing(refused) => Self::new(ProblemKind::Conflict).with_detail(refused.to_string()),
            E::Erased => Self::new(ProblemKind::Erased),
            E::Database(_) => failed(&error.into(), ProblemKind::Unavailable),
            E::Vault(_) | E::Corrupt { .. } | E::Export(_) | E::Checkpoint { .. } => {
                failed(&error.into(), ProblemKind::Internal)
            }
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        failed(&fault, ProblemKind::Unavailable)
    }
}

impl From<ReceiveRefused> for Problem {
    fn from(refused: ReceiveRefused) -> Self {
        match refused {
            ReceiveRefused::Problems(problems) => {
                Self::invalid(problems.into_iter().map(Into::into).collect())
            }
            ReceiveRefused::KeyReused => Self::new(ProblemKind::KeyReused),
            ReceiveRefused::Failed(fault) => failed(&fault, ProblemKind::Unavailable),
            ReceiveRefused::Mail(error) => error.into(),
        }
    }
}

impl From<FieldProblem> for FieldError {
    fn from(problem: FieldProblem) -> Self {
        Self { field: problem.field, code: problem.code, message: problem.message }
    }
}

/// The one place where a failed call is logged.
fn failed(fault: &Fault, kind: ProblemKind) -> Problem {
    tracing::error!(code = fault.code, detail = fault.detail, "a call failed");
    Problem::new(kind)
}
