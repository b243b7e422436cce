//! Holds every call of these tests against the OpenAPI document: answers and bodies that are taken fit their schemas, and
//! a body that is refused for a field that is not known does not.

use std::sync::LazyLock;

use axum::http::{StatusCode, request};
use serde_json::{Value, json};

use crate::{fits::misfits, world::Answer};

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::to_value(habeas_api::openapi()).unwrap());

/// What the document says about this call; nothing if there is no such route.
fn operation(call: &request::Parts) -> Option<&'static Value> {
    let path = call.uri.path();
    let mut routes: Vec<_> = DOCUMENT["paths"].as_object().unwrap().iter().collect();
    // `/v1/mails/dismiss` goes before `/v1/mails/{id}`.
    routes.sort_by_key(|(route, _)| route.matches('{').count());
    let (_, methods) = routes.into_iter().find(|(route, _)| leads_to(route, path))?;
    methods.get(call.method.as_str().to_lowercase())
}

fn leads_to(route: &str, path: &str) -> bool {
    let (route, path): (Vec<_>, Vec<_>) = (route.split('/').collect(), path.split('/').collect());
    route.len() == path.len()
        && route.iter().zip(path).all(|(part, given)| part.starts_with('{') || *part == given)
}

fn schema(part: &Value) -> Option<&Value> {
    part["content"]
        .as_object()?
        .iter()
        .find(|(kind, _)| kind.contains("json"))
        .map(|(_, content)| &content["schema"])
}

/// Fails if the document does not tell the truth about a call.
pub(crate) fn hold(call: &request::Parts, body: &[u8], answer: &Answer) {
    let Some(operation) = operation(call) else { return };
    let at = format!("{} {}: {}", call.method, call.uri.path(), answer.status);
    let said = &operation["responses"][answer.status.as_str()];
    assert!(
        !said.is_null() || answer.status == StatusCode::INTERNAL_SERVER_ERROR,
        "{at}: not in the document"
    );
    if let Some(schema) = schema(said) {
        assert_eq!(misfits(&DOCUMENT, schema, &answer.json(), "answer"), Vec::<String>::new(), "{at}");
    }
    let Some(schema) = schema(&operation["requestBody"]) else { return };
    let Ok(body) = serde_json::from_slice(body) else { return };
    let misfits = misfits(&DOCUMENT, schema, &body, "body");
    if answer.status.is_success() {
        assert_eq!(misfits, Vec::<String>::new(), "{at}");
    } else if answer.text.contains(r#""code":"unknown-field""#) {
        assert!(!misfits.is_empty(), "{at}: the document allows {body}, refused was {}", answer.text);
    }
}

#[test]
fn a_call_that_is_not_as_documented_is_found() {
    let parts = |method, path| {
        axum::http::Request::builder().method(method).uri(path).body(()).unwrap().into_parts().0
    };
    let list = operation(&parts("GET", "/v1/mails/0193b5c0-1234-7000-8000-000000000001")).unwrap();
    assert_eq!(list["operationId"], "show_mail");
    assert_eq!(operation(&parts("POST", "/v1/mails/dismiss")).unwrap()["operationId"], "dismiss_mails");
    assert!(operation(&parts("GET", "/v1/nothing")).is_none());
    let close = operation(&parts("POST", "/v1/stores/shop/close")).unwrap();
    let close = schema(&close["requestBody"]).unwrap();
    assert_eq!(misfits(&DOCUMENT, close, &json!({ "reason": "restored" }), "body"), Vec::<String>::new());
    assert_eq!(
        misfits(&DOCUMENT, close, &json!({ "cause": 1 }), "body"),
        ["body: no reason", "body.cause: not known"]
    );
}
