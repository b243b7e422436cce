use std::{fmt::Display, str::FromStr};

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};

use crate::problem::Problem;

/// The one id in the address of a call.
pub(crate) struct Id<T>(pub(crate) T);

impl<T: FromStr<Err: Display>, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::bad_address("id", "use UTF-8"))?;
        let text = params.iter().next().map(|(_, text)| text).unwrap_or_default();
        text.parse().map(Self).map_err(|problem: T::Err| Problem::bad_address("id", problem.to_string()))
    }
}
