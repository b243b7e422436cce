//! What each right would touch for one person. Changes nothing.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use futures::StreamExt;
use habeas_connector_api::{Owner, Selection};
use habeas_domain::{CollectionName, FieldName, KeyName, SideName, StoreName};
use habeas_registry::{Collection, DeletionAction, Field, Lookup, Registry};
use serde::Serialize;

use crate::{FulfilmentError, KeyBook, Person, Stores, group, resolve, sides::Sides};

/// Whom to look for.
#[derive(Debug, Clone)]
pub struct PreviewOptions {
    /// The keys to begin with, taken as if they were proven.
    pub book: KeyBook,
    /// The moment that keep rules are judged at.
    pub now: DateTime<Utc>,
}

/// What would be touched.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// How many values of each key lead to the person.
    pub keys: BTreeMap<KeyName, usize>,
    /// Why a request of this person would stop for review, if it would.
    pub review: Option<String>,
    /// Collection by collection.
    pub collections: Vec<CollectionPreview>,
}

/// What would be touched in one collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CollectionPreview {
    /// The store.
    pub store: StoreName,
    /// The collection.
    pub collection: CollectionName,
    /// The person's rows.
    pub rows: u64,
    /// Whose these rows are, where rows are about more than one person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sides: Option<SidesPreview>,
    /// Fields that a copy holds.
    pub access: Vec<FieldName>,
    /// Fields that a portable copy holds.
    pub portability: Vec<FieldName>,
    /// What a deletion would do: `rows`, or fields with their effect.
    pub deletion: Vec<String>,
    /// Fields that a correction could change.
    pub correction: Vec<FieldName>,
}

/// On which side of rows a person stands. What is on the others is withheld from copies and left alone by every right.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SidesPreview {
    /// How many rows there are in which this side is theirs; both may be, of one row.
    pub own: BTreeMap<SideName, u64>,
    /// How many rows have a side that is somebody else's.
    pub with_others: u64,
}

impl SidesPreview {
    fn note(&mut self, own: &[(Owner, &SideName)], sides: usize) {
        for (_, side) in own {
            *self.own.entry((*side).clone()).or_default() += 1;
        }
        self.with_others += u64::from(own.len() < sides);
    }

    /// Whether what is on a side is the person's in some row. What is on none is, in every row.
    fn sees(&self, side: Option<&SideName>) -> bool {
        side.is_none_or(|side| self.own.contains_key(side))
    }
}

/// Resolves a person and counts what each right would touch.
pub async fn preview(
    registry: &Registry,
    stores: &Stores,
    options: PreviewOptions,
) -> Result<Preview, FulfilmentError> {
    let people = vec![Person::new(options.book)];
    let book = match resolve(registry, stores, people).await?.into_iter().next() {
        Some(Ok(book)) => book,
        Some(Err(review)) => return Ok(Preview { review: Some(review.to_string()), ..Preview::default() }),
        None => return Ok(Preview::default()),
    };
    let mut keys = BTreeMap::new();
    for (key, _) in book.iter() {
        *keys.entry(key.clone()).or_default() += 1;
    }
    let mut collections = Vec::new();
    for store in book.stores() {
        collections.extend(of_store(registry, stores, store, &book, options.now).await?);
    }
    Ok(Preview { keys, review: None, collections })
}

async fn of_store(
    registry: &Registry,
    stores: &Stores,
    store: &StoreName,
    book: &KeyBook,
    now: DateTime<Utc>,
) -> Result<Vec<CollectionPreview>, FulfilmentError> {
    let Some(manifest) = registry.manifest(store) else { return Ok(Vec::new()) };
    let schema = stores.get(store)?.schema().await?;
    let deletion = registry.deletion_plan(store, &schema, now)?;
    let mut found = Vec::new();
    for collection in &manifest.collections {
        let lookups = registry.lookups_in(collection);
        let (rows, sides) = count(stores, store, (collection, &lookups), book).await?;
        if rows == 0 {
            continue;
        }
        let seen = |side: &Option<SideName>| sides.as_ref().is_none_or(|sides| sides.sees(side.as_ref()));
        let fields = |wanted: &dyn Fn(&Field) -> bool| -> Vec<FieldName> {
            let fields = collection.fields.iter().filter(|field| seen(&field.side) && wanted(field));
            fields.map(|field| field.name.clone()).collect()
        };
        let steps =
            deletion.steps.iter().filter(|step| step.collection == collection.name && seen(&step.side));
        found.push(CollectionPreview {
            store: store.clone(),
            collection: collection.name.clone(),
            rows,
            access: fields(&|field| field.category.is_some()),
            portability: fields(&|field| field.category.is_some() && field.provided),
            deletion: steps.flat_map(|step| describe(&step.action, step.keep.is_some())).collect(),
            correction: fields(&|field| field.correct.is_some()),
            sides,
        });
    }
    Ok(found)
}

fn describe(action: &DeletionAction, keeps: bool) -> Vec<String> {
    let suffix = if keeps { " (after its keep)" } else { "" };
    match action {
        DeletionAction::Untie(_) => Vec::new(),
        DeletionAction::Rows => vec![format!("rows{suffix}")],
        DeletionAction::Fields(effects) => effects
            .iter()
            .map(|one| {
                let effect = serde_json::to_value(&one.effect).unwrap_or_default();
                let effect = effect.as_str().map_or_else(|| "rewrite".to_owned(), ToOwned::to_owned);
                format!("{} {effect}{suffix}", one.field)
            })
            .collect(),
    }
}

/// How many rows are the person's, and on which side of them they stand.
async fn count(
    stores: &Stores,
    store: &StoreName,
    (collection, lookups): (&Collection, &[Lookup]),
    book: &KeyBook,
) -> Result<(u64, Option<SidesPreview>), FulfilmentError> {
    let matches = group::matches(lookups, &[(0, book)]);
    let Some(first) = matches.first() else { return Ok((0, None)) };
    let mut fields = vec![first.field.clone()];
    let mut sides = Sides::of(lookups, &[(0, book)], &mut fields);
    let mut told = sides.as_ref().map(|_| SidesPreview::default());
    let selection = Selection { collection: collection.name.clone(), matches, except: Vec::new(), fields };
    let fail = FulfilmentError::of_store(store);
    let mut rows = stores.get(store)?.store.select(&selection).await.map_err(&fail)?;
    let (mut count, all) = (0, collection.sides().len());
    while let Some(row) = rows.next().await {
        let row = row.map_err(&fail)?;
        count += 1;
        if let Some((sides, told)) = sides.as_mut().zip(told.as_mut()) {
            told.note(&sides.whose(&row.values), all);
        }
    }
    Ok((count, told))
}
