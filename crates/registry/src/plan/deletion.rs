//! What a deletion does, step by step.

use chrono::{DateTime, Utc};
use habeas_domain::{
    Bilingual, CollectionName, Effect, FieldName, SideName, StoreName, schema::CollectionSchema,
};
use serde::Serialize;

use super::{Lookup, Standpoint};
use crate::{Collection, Cycle, DeletionOrder, Field, Keep, Manifest, Registry, deletion_order};

/// Why there is no plan. A retry helps only after the manifest was mended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// No manifest declares the store.
    #[error("no manifest declares the store {0}; add one, or end the tasks of that store")]
    UnknownStore(StoreName),
    /// The store's references go round.
    #[error(
        "the store {store} cannot be deleted from; give one of the collections field effects instead of rows"
    )]
    Cycle {
        /// Which store.
        store: StoreName,
        /// How.
        #[source]
        source: Cycle,
    },
}

/// What a deletion does to one store.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeletionPlan {
    /// The store.
    pub store: StoreName,
    /// The steps, in the order in which they must be taken.
    pub steps: Vec<DeletionStep>,
    /// What stays for good, because without the rest it identifies nobody.
    pub remaining: Vec<Remaining>,
}

/// One step of a deletion.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeletionStep {
    /// The collection.
    pub collection: CollectionName,
    /// What people call it.
    pub title: Bilingual,
    /// Which side of the rows it is about, where rows have sides: the others are left as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<SideName>,
    /// What finds the person's rows.
    pub lookups: Vec<Lookup>,
    /// If given, only rows past their period are touched; the others are kept.
    pub keep: Option<KeepRule>,
    /// What happens to the rows.
    pub action: DeletionAction,
}

/// What a step does to its rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeletionAction {
    /// Their references are emptied, so that the rows can then be deleted. No effect of its own to report.
    Untie(Vec<FieldName>),
    /// They are deleted.
    Rows,
    /// Their fields are changed.
    Fields(Vec<FieldEffect>),
}

/// What happens to one field.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldEffect {
    /// The field.
    pub field: FieldName,
    /// What people call it.
    pub title: Bilingual,
    /// What happens to it.
    pub effect: Effect,
}

/// A keep at the time of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeepRule {
    /// The rule. [`Keep::last_day`] and [`Keep::over_at`] say when it ends for a kept row.
    pub keep: Keep,
    /// Rows dated before this moment are past their period. A row without a date never is.
    pub before: DateTime<Utc>,
}

/// A field that stays for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remaining {
    /// The collection.
    pub collection: CollectionName,
    /// The field.
    pub field: FieldName,
    /// What people call it.
    pub title: Bilingual,
    /// Why it stays.
    pub reason: Bilingual,
}

impl Registry {
    /// The steps of a deletion in a store with this live schema, at this time.
    pub fn deletion_plan(
        &self,
        store: &StoreName,
        schemas: &[CollectionSchema],
        now: DateTime<Utc>,
    ) -> Result<DeletionPlan, PlanError> {
        let manifest = self.manifest(store).ok_or_else(|| PlanError::UnknownStore(store.clone()))?;
        let order = deletion_order(manifest, schemas)
            .map_err(|source| PlanError::Cycle { store: store.clone(), source })?;
        Ok(DeletionPlan {
            store: store.clone(),
            steps: self.steps(manifest, &order, now),
            remaining: manifest.collections.iter().flat_map(remaining).collect(),
        })
    }

    fn steps(&self, manifest: &Manifest, order: &DeletionOrder, now: DateTime<Utc>) -> Vec<DeletionStep> {
        let step = |collection: &Collection, keep: Option<&Keep>, action| DeletionStep {
            collection: collection.name.clone(),
            title: collection.title.clone(),
            side: None,
            lookups: self.lookups_in(collection),
            keep: keep.map(|keep| KeepRule { keep: keep.clone(), before: keep.cutoff(now) }),
            action,
        };
        let fields = |collection: &Collection, point: &Standpoint, (keep, effects)| DeletionStep {
            side: point.side.clone(),
            lookups: point.lookups.clone(),
            ..step(collection, keep, DeletionAction::Fields(effects))
        };
        let mut steps = Vec::new();
        for untie in &order.untie {
            let collection = manifest.collection(&untie.collection);
            steps.extend(collection.map(|collection| {
                step(collection, collection.keep.as_ref(), DeletionAction::Untie(untie.fields.clone()))
            }));
        }
        for collection in order.collections.iter().filter_map(|name| manifest.collection(name)) {
            if collection.deletes_rows {
                steps.push(step(collection, collection.keep.as_ref(), DeletionAction::Rows));
            } else {
                for point in self.standpoints(collection) {
                    let groups = by_keep(collection, &point).into_iter();
                    steps.extend(groups.map(|group| fields(collection, &point, group)));
                }
            }
        }
        steps
    }
}

/// A collection's effects on the fields of one standpoint, together where the same rule holds them back. Groups that change a key come last,
/// so that the others still find the rows by it.
fn by_keep<'c>(collection: &'c Collection, point: &Standpoint) -> Vec<(Option<&'c Keep>, Vec<FieldEffect>)> {
    let mut groups: Vec<(Option<&Keep>, bool, Vec<FieldEffect>)> = Vec::new();
    let seen = collection.fields.iter().filter(|field| point.sees(field));
    for (field, effect) in seen.filter_map(|field| Some((field, field.delete.clone()?))) {
        let keep = collection.keep_of(field);
        let effect = FieldEffect { field: field.name.clone(), title: field.title(), effect };
        match groups.iter_mut().find(|(other, ..)| *other == keep) {
            Some((_, changes_key, effects)) => {
                *changes_key |= field.key.is_some();
                effects.push(effect);
            }
            None => groups.push((keep, field.key.is_some(), vec![effect])),
        }
    }
    groups.sort_by_key(|(_, changes_key, _)| *changes_key);
    groups.into_iter().map(|(keep, _, effects)| (keep, effects)).collect()
}

fn remaining(collection: &Collection) -> impl Iterator<Item = Remaining> {
    let stays = |field: &Field| {
        let reason = field.remains.clone()?;
        let (collection, field, title) = (collection.name.clone(), field.name.clone(), field.title());
        Some(Remaining { collection, field, title, reason })
    };
    collection.fields.iter().filter_map(stays)
}
