use std::collections::BTreeMap;

use futures::TryStreamExt;
use habeas_domain::{
    Effect, FieldName, KeyValue,
    schema::{FieldSchema, FieldType, Reference},
};

use super::*;
use crate::{Action, Compare, EffectSalt, FieldMatch, Step};

fn name(name: &str) -> CollectionName {
    CollectionName::new(name).unwrap()
}

fn field(name: &str) -> FieldName {
    FieldName::new(name).unwrap()
}

fn column(name: &str, kind: FieldType, nullable: bool) -> FieldSchema {
    FieldSchema { name: field(name), kind, nullable, max_chars: None, generated: false }
}

fn store(follows: bool) -> MemoryStore {
    let store = MemoryStore::new();
    store.create(CollectionSchema {
        name: name("person"),
        fields: vec![column("id", FieldType::Int, false), column("email", FieldType::Text, false)],
        identity: vec![field("id")],
        unique: vec![vec![field("email")]],
        indexed: vec![],
        references: vec![],
        obstacles: Vec::new(),
    });
    let to_person = Reference {
        fields: vec![field("person")],
        to: name("person"),
        to_fields: vec![field("id")],
        follows,
    };
    store.create(CollectionSchema {
        name: name("orders"),
        fields: vec![column("id", FieldType::Int, false), column("person", FieldType::Int, false)],
        identity: vec![field("id")],
        unique: vec![],
        indexed: vec![],
        references: vec![to_person],
        obstacles: Vec::new(),
    });
    let people = [(1, "taro@example.jp"), (2, "hanako@example.jp")];
    let people = people.map(|(id, email)| vec![Value::Int(id), Value::Text(email.to_owned())]);
    store.insert(&name("person"), people.to_vec()).unwrap();
    store.insert(&name("orders"), vec![vec![Value::Int(10), Value::Int(1)]]).unwrap();
    store
}

fn by(name: &str, key: &str) -> Vec<FieldMatch> {
    let values = BTreeMap::from([(KeyValue::new(key).unwrap(), vec![0])]);
    vec![FieldMatch { field: field(name), compare: Compare::Exact, values }]
}

fn change(action: Action) -> ChangeSet {
    let step =
        Step { collection: name("person"), matches: by("id", "1"), except: Vec::new(), only: None, action };
    ChangeSet { salt: EffectSalt::new([0; 32]), steps: vec![step] }
}

#[tokio::test]
async fn a_refused_change_leaves_everything() {
    let store = store(false);
    let error = store.apply(&change(Action::DeleteRows)).await.unwrap_err();
    assert_eq!(error.code(), code::CONSTRAINT);
    let same = Effect::Rewrite("hanako@example.jp".to_owned());
    let error = store.apply(&change(Action::Rewrite(vec![(field("email"), same)]))).await.unwrap_err();
    assert_eq!(error.code(), code::CONSTRAINT);
    assert_eq!(store.rows(&name("person")).len(), 2);
    assert!(!error.to_fault().detail.contains('@'), "no values in errors");
}

#[tokio::test]
async fn rows_follow_where_the_reference_says_so() {
    let store = store(true);
    let report = store.apply(&change(Action::DeleteRows)).await.unwrap();
    assert_eq!(report.changed(), 1, "what follows is not counted");
    assert_eq!(store.rows(&name("orders")), Vec::<Vec<Value>>::new());
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let store = store(false);
    store.close().await;
    assert_eq!(store.ping().await.unwrap_err().code(), code::CLOSED);
}

#[tokio::test]
async fn only_the_owners_rows_are_given() {
    let store = store(false);
    let matches = by("email", "hanako@example.jp");
    let selection =
        Selection { collection: name("person"), matches, except: Vec::new(), fields: vec![field("id")] };
    let rows: Vec<_> = store.select(&selection).await.unwrap().try_collect().await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].values, [Value::Int(2)]);
}
