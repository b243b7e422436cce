//! The OpenAPI document.

use habeas_api::{ProblemKind, openapi};
use serde_json::Value;

fn document() -> Value {
    serde_json::to_value(openapi()).unwrap()
}

fn operations() -> Vec<(String, Value)> {
    let document = document();
    let paths = document["paths"].as_object().unwrap().clone();
    let each = paths.into_iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().clone();
        methods.into_iter().map(move |(method, operation)| (format!("{method} {path}"), operation))
    });
    each.collect()
}

#[test]
fn it_is_openapi_3_1_and_lists_every_route() {
    assert_eq!(document()["openapi"], "3.1.0");
    let lines: Vec<String> = operations()
        .iter()
        .map(|(route, operation)| {
            let scope = operation["security"][0]["token"][0].as_str().unwrap();
            format!("{route}: {} ({scope})", operation["operationId"].as_str().unwrap())
        })
        .collect();
    insta::assert_snapshot!("routes", lines.join("\n"));
}

#[test]
fn every_route_is_described_with_examples_and_problems() {
    for (route, operation) in operations() {
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{route}");
        assert!(operation["description"].as_str().is_some_and(|text| text.len() > 20), "{route}");
        let responses = operation["responses"].as_object().unwrap();
        for status in ["401", "403", "429", "503"] {
            assert!(responses.contains_key(status), "{route}: {status}");
        }
        // One route is there to say no.
        let refuses = operation["operationId"] == "change_address";
        assert_eq!(responses.keys().any(|status| status.starts_with('2')), !refuses, "{route}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{route}: {parameter}");
        }
        if let Some(content) = operation.pointer("/requestBody/content/application~1json") {
            assert!(!content["example"].is_null() || !content["examples"].is_null(), "{route}");
        }
    }
}

#[test]
fn every_problem_of_the_document_is_one_that_the_code_makes() {
    let known: Vec<&str> = ProblemKind::ALL.into_iter().map(ProblemKind::uri).collect();
    for (route, operation) in operations() {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let Some(problem) = response.pointer("/content/application~1problem+json/example") else {
                continue;
            };
            assert!(known.contains(&problem["type"].as_str().unwrap()), "{route}");
            assert_eq!(problem["status"].to_string(), *status, "{route}");
        }
    }
}

#[test]
fn every_body_says_that_no_other_field_is_taken() {
    let document = document();
    for (route, operation) in operations() {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let Some(reference) = schema["$ref"].as_str() else { continue };
        let schema = document.pointer(&reference[1..]).unwrap();
        let own = schema["allOf"].get(0).unwrap_or(schema);
        assert_eq!(own["additionalProperties"], false, "{route}");
    }
}

#[test]
fn it_is_the_same_each_time() {
    let first = openapi().to_pretty_json().unwrap();
    assert!((0..20).all(|_| openapi().to_pretty_json().unwrap() == first));
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let text = document.to_string();
    let mut found = 0;
    for reference in text.split("\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(document.pointer(reference).is_some(), "{reference}");
        found += 1;
    }
    assert!(found > 20);
}

#[test]
fn examples_are_fictional() {
    let text = document().to_string();
    for address in text.split(['"', ' ']).filter(|word| word.contains('@')) {
        assert!(address.contains("@example."), "{address}");
    }
}
