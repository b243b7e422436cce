//! Stores in memory, made from a manifest: every field is a text that may be missing.

use std::{path::Path, sync::Arc};

use habeas_connector_api::{DataStore, MemoryStore};
use habeas_domain::{
    KeyName, KeyValue, StoreName, Value,
    schema::{CollectionSchema, FieldSchema, FieldType},
};
use habeas_fulfilment::{KeyBook, Person, StoreHandle, Stores};
use habeas_registry::{Manifest, Registry};

pub(crate) struct World {
    pub(crate) registry: Registry,
    pub(crate) stores: Stores,
    memory: Vec<(StoreName, Arc<MemoryStore>)>,
}

impl World {
    /// One store per text, in which `[[collection]]`s are declared.
    pub(crate) fn new(stores: &[(&str, &str)]) -> Self {
        let manifests: Vec<Manifest> = stores.iter().map(|(name, text)| manifest(name, text)).collect();
        let memory: Vec<_> =
            manifests.iter().map(|manifest| (manifest.store.clone(), Arc::new(empty(manifest)))).collect();
        let handles = memory
            .iter()
            .map(|(name, store)| StoreHandle::new(name.clone(), Arc::clone(store) as Arc<dyn DataStore>));
        Self {
            stores: Stores::new(handles),
            memory: memory.clone(),
            registry: Registry::from_manifests(manifests).unwrap(),
        }
    }

    /// Adds a row; `-` is nothing.
    pub(crate) fn row(&self, store: &str, collection: &str, values: &[&str]) {
        let (_, store) = self.memory.iter().find(|(name, _)| name.as_str() == store).unwrap();
        let value = |text: &&str| if *text == "-" { Value::Null } else { Value::Text((*text).to_owned()) };
        store.insert(&collection.parse().unwrap(), vec![values.iter().map(value).collect()]).unwrap();
    }
}

fn manifest(name: &str, text: &str) -> Manifest {
    let head = format!(
        "[store]\nname = \"{name}\"\ndriver = \"sqlite\"\nurl = \"sqlite:x\"\nproduct = \"{name}\"\n"
    );
    Manifest::parse(Path::new("test.toml"), &format!("{head}{text}")).unwrap()
}

fn empty(manifest: &Manifest) -> MemoryStore {
    let store = MemoryStore::new();
    for collection in &manifest.collections {
        let field = |field: &habeas_registry::Field| FieldSchema {
            name: field.name.clone(),
            kind: FieldType::Text,
            nullable: true,
            max_chars: None,
            generated: false,
        };
        store.create(CollectionSchema {
            name: collection.name.clone(),
            fields: collection.fields.iter().map(field).collect(),
            identity: Vec::new(),
            unique: Vec::new(),
            indexed: Vec::new(),
            references: Vec::new(),
            obstacles: Vec::new(),
        });
    }
    store
}

/// Somebody who proved these keys.
pub(crate) fn person(keys: &[(&str, &str)]) -> Person {
    let keys = keys.iter().map(|(key, value)| (KeyName::new(*key).unwrap(), KeyValue::new(value).unwrap()));
    Person::new(KeyBook::verified(keys))
}

/// A person's keys as `key=value`.
pub(crate) fn keys(book: &KeyBook) -> Vec<String> {
    let mut keys: Vec<String> = book.iter().map(|(key, value)| format!("{key}={}", value.as_str())).collect();
    keys.sort();
    keys
}
