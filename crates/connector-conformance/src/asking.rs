//! Short ways to ask a store.

use std::collections::BTreeMap;

use futures::TryStreamExt;
use habeas_connector_api::{
    Action, ChangeReport, ChangeSet, Compare, DataStore, EffectSalt, FieldMatch, OwnedRow, Owner,
    Replacement, Selection, Step, StepReport, StoreError, rewriting::same,
};
use habeas_domain::{Effect, KeyValue, Value};

use crate::{
    Unmet,
    expectation::expect,
    fixture::{collection, field},
};

/// The secret of all changes in the suite.
pub(crate) const SALT: EffectSalt = EffectSalt::new([42; 32]);

/// The rows whose field holds one of these keys; a text that can be no key is left out, as callers do.
pub(crate) fn by<'k>(
    name: &str,
    compare: Compare,
    keys: impl IntoIterator<Item = (&'k str, Owner)>,
) -> FieldMatch {
    let mut values: BTreeMap<KeyValue, Vec<Owner>> = BTreeMap::new();
    for (key, owner) in keys {
        if let Some(key) = KeyValue::new(key) {
            values.entry(key).or_default().push(owner);
        }
    }
    FieldMatch { field: field(name), compare, values }
}

/// The rows of owner 0 by one exact key.
pub(crate) fn by_key(name: &str, key: &str) -> Vec<FieldMatch> {
    vec![by(name, Compare::Exact, [(key, 0)])]
}

/// All rows that the matches find, ordered by their first value.
pub(crate) async fn select(
    store: &dyn DataStore,
    from: &str,
    matches: Vec<FieldMatch>,
    fields: &[&str],
) -> Result<Vec<OwnedRow>, StoreError> {
    let fields = fields.iter().map(|name| field(name)).collect();
    let selection = Selection { collection: collection(from), matches, except: Vec::new(), fields };
    let mut rows: Vec<OwnedRow> = store.select(&selection).await?.try_collect().await?;
    rows.sort_by_key(|row| row.values.first().map(Value::to_text));
    Ok(rows)
}

/// The first values of the found rows, as text in order.
pub(crate) async fn found(
    store: &dyn DataStore,
    from: &str,
    matches: Vec<FieldMatch>,
    give: &str,
) -> Result<Vec<String>, StoreError> {
    let rows = select(store, from, matches, &[give]).await?;
    Ok(rows.iter().filter_map(|row| row.values.first()).map(Value::to_text).collect())
}

/// One step.
pub(crate) fn step(of: &str, matches: Vec<FieldMatch>, action: Action) -> Step {
    Step { collection: collection(of), matches, except: Vec::new(), only: None, action }
}

/// Rewrites one field by an effect.
pub(crate) fn effect(name: &str, effect: Effect) -> Action {
    Action::Rewrite(vec![(field(name), effect)])
}

/// Corrects one field of owner 0.
pub(crate) fn replace(name: &str, from: Value, to: Value) -> Action {
    Action::Replace(vec![replacement(0, name, from, to)])
}

/// What is corrected in one field of one owner.
pub(crate) fn replacement(owner: Owner, name: &str, from: Value, to: Value) -> Replacement {
    Replacement { owner, field: field(name), from, to }
}

/// Applies the steps.
pub(crate) async fn apply(store: &dyn DataStore, steps: Vec<Step>) -> Result<ChangeReport, StoreError> {
    store.apply(&ChangeSet { salt: SALT, steps }).await
}

/// Applies one step.
pub(crate) async fn apply_one(store: &dyn DataStore, step: Step) -> Result<StepReport, Unmet> {
    let mut report = apply(store, vec![step]).await?;
    expect(report.steps.len() == 1, "one report per step")?;
    report.steps.pop().ok_or_else(|| Unmet::new("no report"))
}

/// Expects the same values, as values.
pub(crate) fn same_values(got: &[Value], wanted: &[Value], what: &str) -> Result<(), Unmet> {
    let shown = |values: &[Value]| values.iter().map(Value::to_text).collect::<Vec<_>>();
    let equal = got.len() == wanted.len() && got.iter().zip(wanted).all(|(got, wanted)| same(got, wanted));
    expect(equal, format!("{what}: got {:?}, wanted {:?}", shown(got), shown(wanted)))
}
