//! Short ways to ask a store.

use std::collections::BTreeMap;

use futures::TryStreamExt;
use habeas_connector_api::{
    Action, ChangeReport, ChangeSet, Compare, DataStore, EffectSalt, FieldMatch, OwnedRow, Selection, Step,
    StoreError,
};
use habeas_domain::{CollectionName, Effect, FieldName, KeyValue};

pub(crate) fn collection(name: &str) -> CollectionName {
    CollectionName::new(name).unwrap()
}

pub(crate) fn field(name: &str) -> FieldName {
    FieldName::new(name).unwrap()
}

/// The rows of owner 0 whose field holds this key.
pub(crate) fn by(name: &str, compare: Compare, key: &str) -> Vec<FieldMatch> {
    let values = BTreeMap::from([(KeyValue::new(key).unwrap(), vec![0])]);
    vec![FieldMatch { field: field(name), compare, values }]
}

pub(crate) async fn select(
    store: &impl DataStore,
    from: &str,
    matches: Vec<FieldMatch>,
    fields: &[&str],
) -> Result<Vec<OwnedRow>, StoreError> {
    let fields = fields.iter().map(|name| field(name)).collect();
    let selection = Selection { collection: collection(from), matches, except: Vec::new(), fields };
    store.select(&selection).await?.try_collect().await
}

/// The texts of one field of the rows that an exact key finds, in order.
pub(crate) async fn texts(
    store: &impl DataStore,
    from: &str,
    name: &str,
    key: &str,
    give: &str,
) -> Vec<String> {
    let rows = select(store, from, by(name, Compare::Exact, key), &[give]).await.unwrap();
    let mut texts: Vec<String> = rows.iter().map(|row| row.values[0].to_text()).collect();
    texts.sort();
    texts
}

pub(crate) fn step(of: &str, name: &str, key: &str, action: Action) -> Step {
    Step {
        collection: collection(of),
        matches: by(name, Compare::Exact, key),
        except: Vec::new(),
        only: None,
        action,
    }
}

pub(crate) fn effect(name: &str, effect: Effect) -> Action {
    Action::Rewrite(vec![(field(name), effect)])
}

pub(crate) async fn apply(store: &impl DataStore, steps: Vec<Step>) -> Result<ChangeReport, StoreError> {
    store.apply(&ChangeSet { salt: EffectSalt::new([9; 32]), steps }).await
}
