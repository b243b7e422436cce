use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};
use serde_json::{Map, Value};

use crate::{
    fields::{self, FromFields},
    problem::{FieldError, Problem, ProblemKind},
    state::Api,
};

/// The query of a call. Each parameter at most once.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: FromFields> FromRequestParts<Api> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let pairs = Query::<Vec<(String, String)>>::from_request_parts(parts, api)
            .await
            .map_err(|_| Problem::new(ProblemKind::BadAddress).with_detail("the query cannot be read"))?;
        let mut object = Map::new();
        for (name, value) in pairs.0 {
            let known = T::KNOWN.iter().find(|known| **known == name);
            if object.insert(name, Value::String(value)).is_some() {
                return Err(Problem::invalid(vec![FieldError {
                    field: known.unwrap_or(&"(unknown)").to_string(),
                    code: "repeated",
                    message: "give each parameter once".to_owned(),
                }]));
            }
        }
        fields::read(&Value::Object(object)).map(Self)
    }
}
