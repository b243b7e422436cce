//! Bad queries, bad ids in addresses and bad keys in headers get a problem that names the place and never repeats the value.

use axum::{body::Body, http::StatusCode};
use habeas_domain::Right;
use habeas_ledger::Scope;
use serde_json::Value;

use crate::{
    bad_input::{Endpoint, MARK, endpoints},
    world::{World, call, submission},
};

/// The same where a plain word would be a good value.
const MARKED: &str = "zqxjvw!";

#[tokio::test]
async fn every_parameter_of_every_query() {
    let world = World::new().await;
    let token = world.token(&[Scope::Admin]).await;
    let id = world.request(&[Right::Access]).await;
    let document = serde_json::to_value(habeas_api::openapi()).unwrap();
    let mut queries: Vec<(String, Vec<String>)> = Vec::new();
    for (route, methods) in document["paths"].as_object().unwrap() {
        let parameters = methods["get"]["parameters"].as_array().cloned().unwrap_or_default();
        let in_query = parameters.iter().filter(|one| one["in"] == "query");
        let names: Vec<String> = in_query.map(|one| one["name"].as_str().unwrap().to_owned()).collect();
        if !names.is_empty() {
            queries.push((route.replace("{id}", &id.to_string()), names));
        }
    }
    assert!(queries.len() >= 7, "{queries:?}");
    for (path, fields) in queries {
        for field in fields {
            for value in
                [MARKED, "", "%00", "%FF%FE", "'%20OR%201=1", "-1", "99999999999999999999", "%E2%80%AE"]
            {
                // A mailbox may be called by a number, and so may a fault.
                if ["mailbox", "fault"].contains(&field.as_str()) && value.parse::<u128>().is_ok() {
                    continue;
                }
                let answer = world.get(&token, &format!("{path}?{field}={value}")).await;
                let case = format!("{path}?{field}={value}: {}", answer.text);
                assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{case}");
                assert_eq!(answer.fields(), [field.as_str()], "{case}");
                assert!(!answer.text.contains(MARK), "{case}");
            }
            let twice = world.get(&token, &format!("{path}?{field}=1&{field}=2")).await;
            assert_eq!(
                (twice.status, twice.fields()),
                (StatusCode::UNPROCESSABLE_ENTITY, vec![field.clone()])
            );
        }
        let unknown = world.get(&token, &format!("{path}?{MARK}1={MARK}")).await;
        assert_eq!(unknown.fields(), ["(unknown)"]);
        assert!(!unknown.text.contains(MARK));
    }
}

/// A call of every operation of the document that has an id or a store in its address, with that in its place.
fn addressed(document: &Value, endpoints: &[Endpoint]) -> Vec<(String, String, String, String)> {
    let mut calls = Vec::new();
    for (route, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            for parameter in parameters.filter(|one| one["in"] == "path") {
                let name = parameter["name"].as_str().unwrap().to_owned();
                let same = |one: &&Endpoint| one.route == route && one.method.eq_ignore_ascii_case(method);
                let good = endpoints.iter().find(same).map_or_else(String::new, |one| one.good.to_string());
                calls.push((method.to_uppercase(), route.clone(), name, good));
            }
        }
    }
    calls
}

#[tokio::test]
async fn every_id_in_an_address() {
    let world = World::new().await;
    let token = world.token(&[Scope::Admin]).await;
    let document = serde_json::to_value(habeas_api::openapi()).unwrap();
    let calls = addressed(&document, &endpoints(&world).await);
    let braces = document["paths"].as_object().unwrap().keys().filter(|route| route.contains('{')).count();
    assert!(calls.len() >= braces && braces > 30, "{} calls of {braces} addresses", calls.len());
    for (method, route, parameter, good) in calls {
        for id in [MARKED, "%00", "%FF%FE", "..%2F..%2Fetc", "1%27%20OR%201=1", &"1".repeat(4_000)] {
            let path = route.replace(&format!("{{{parameter}}}"), id);
            let request = call(&method, &token, &path).header("content-type", "application/json");
            let answer = world.send(request.body(Body::from(good.clone())).unwrap()).await;
            let case = format!("{method} {route} {id:.40}: {}", answer.text);
            assert_eq!(
                (answer.status, answer.fields()),
                (StatusCode::BAD_REQUEST, vec![parameter.clone()]),
                "{case}"
            );
            assert!(!answer.text.contains(MARK), "{case}");
        }
    }
}

#[tokio::test]
async fn idempotency_keys_are_short_and_printable() {
    let world = World::new().await;
    let token = world.token(&[Scope::Submit]).await;
    for key in [String::new(), "x".repeat(201), "鍵".to_owned()] {
        let request = call("POST", &token, "/v1/requests")
            .header("content-type", "application/json")
            .header("idempotency-key", key.as_bytes());
        let body = submission(&[Right::Access]).to_string();
        let answer = world.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(
            (answer.status, answer.fields()),
            (StatusCode::UNPROCESSABLE_ENTITY, vec!["Idempotency-Key".to_owned()])
        );
    }
}
