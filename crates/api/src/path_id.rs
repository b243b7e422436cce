use std::{fmt::Display, str::FromStr};

use axum::{
    extract::{FromRequestParts, MatchedPath, RawPathParams},
    http::request::Parts,
};

use crate::problem::Problem;

/// The one id, or name of a store, in the address of a call.
pub(crate) struct Id<T>(pub(crate) T);

/// What the document calls it: the word in braces.
fn name(parts: &Parts) -> String {
    let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let word = route.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
    word.map_or("id", |(word, _)| word).to_owned()
}

impl<T: FromStr<Err: Display>, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let name = name(parts);
        let Ok(params) = RawPathParams::from_request_parts(parts, state).await else {
            return Err(Problem::bad_address(&name, "use UTF-8"));
        };
        let text = params.iter().next().map(|(_, text)| text).unwrap_or_default();
        text.parse().map(Self).map_err(|problem: T::Err| Problem::bad_address(&name, problem.to_string()))
    }
}
