//! The frame of the OpenAPI document, and the schema of a submission, which `habeas-domain` owns.

use habeas_domain::submission_schema;
use serde_json::Value;
use utoipa::{
    Modify, OpenApi, PartialSchema, ToSchema,
    openapi::{
        Components, ObjectBuilder, RefOr, Schema,
        extensions::Extensions,
        schema::SchemaType,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

use crate::problem_docs;

/// The document without its routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Habeas",
        description = "Data subject requests: hand them in, follow them, decide on them. Every call needs a token \
            (`Authorization: Bearer habeas_...`) with the scope that the route names; `admin` allows everything. \
            Refusals are problem documents (RFC 9457) that name the field and the fix, and never repeat a value. \
            Lists are paged by cursor. `X-Request-Id` names the call in the log.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    tags(
        (name = "requests", description = "What a person asked for at one time, under one law."),
        (name = "jobs", description = "One right being fulfilled for one request."),
        (name = "papers", description = "Documents given as evidence: asked for, kept sealed, judged by two, destroyed."),
        (name = "stores", description = "Stores that are closed while they are restored from a backup, and who is erased again in them."),
        (name = "holds", description = "Legal holds: nothing of a person on hold is deleted."),
        (name = "mails", description = "Mails that came in, and what staff decide about them."),
        (name = "work", description = "What is queued, tried again, parked, or could not be read."),
        (name = "audit", description = "What happened, provably."),
        (name = "tokens", description = "Who may call."),
        (name = "regimes", description = "The laws, as data.")
    ),
    modifiers(&Frame)
)]
pub(crate) struct Document;

struct Frame;

impl Modify for Frame {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_with(Components::new);
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.description =
            Some("An API token. The scopes are read, submit, approve, hold, operate and admin.".to_owned());
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        components.schemas.extend(problem_docs::schemas());
    }
}

/// What is handed in, version 1. The same rules hold for every door.
pub(crate) struct Submission;

/// The document's types know no `if`, which says when corrections are needed. So the schema goes in whole, as the one
/// part of an `allOf`; a single key keeps the document the same from run to run.
impl PartialSchema for Submission {
    fn schema() -> RefOr<Schema> {
        let mut schema = submission_schema();
        if let Value::Object(fields) = &mut schema {
            fields.remove("$schema");
        }
        let whole = Extensions::from_iter([("allOf", Value::Array(vec![schema]))]);
        let object = ObjectBuilder::new().schema_type(SchemaType::AnyValue).extensions(Some(whole)).build();
        RefOr::T(Schema::Object(object))
    }
}

impl ToSchema for Submission {
    fn name() -> std::borrow::Cow<'static, str> {
        "Submission".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_of_a_submission_loses_nothing_on_the_way() {
        let shown = serde_json::to_value(Submission::schema()).unwrap();
        let mut own = submission_schema();
        own.as_object_mut().unwrap().remove("$schema");
        assert_eq!(shown, serde_json::json!({ "allOf": [own] }));
    }
}
