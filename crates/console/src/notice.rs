//! Answers that are not the page that was asked for.

use std::time::Duration;

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use habeas_domain::Fault;

/// Why a page cannot be given. A handler returns it, and the guard turns it into a page in the right language.
#[derive(Debug, Clone)]
pub(crate) enum Notice {
    /// There is no such page.
    NotFound,
    /// The page is not to be asked for in this way, such as a button's address opened as a page.
    WrongMethod,
    /// The form cannot be read.
    NotReadable,
    /// The form is too large.
    TooLarge,
    /// The form was sent from another site.
    OtherSite,
    /// Asked too often; how long to wait.
    TooMany(Duration),
    /// It took too long.
    TooSlow,
    /// Something that the page needs did not answer.
    Failed(Fault),
    /// The page could not be drawn.
    Broken,
}

impl Notice {
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotReadable => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::OtherSite => StatusCode::FORBIDDEN,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::TooSlow | Self::Failed(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The word by which the template tells them apart.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::WrongMethod | Self::NotReadable | Self::TooLarge | Self::OtherSite => "not-taken",
            Self::TooMany(_) => "too-many",
            Self::TooSlow | Self::Failed(_) | Self::Broken => "failed",
        }
    }

    /// After how many seconds it is worth coming back.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooMany(wait) => Some(wait.as_secs() + 1),
            Self::TooSlow | Self::Failed(_) => Some(30),
            _ => None,
        }
    }
}

impl From<Fault> for Notice {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

impl IntoResponse for Notice {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
