//! Resolve: a fixpoint. From the verified keys, ask each collection that a known key finds for the further keys it
//! holds, until nothing new appears. Cycles, self-references and references across stores are all this one mechanism.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, TryStreamExt};
use habeas_connector_api::{FieldMatch, OwnedRow, Owner, Selection, keys::canonical};
use habeas_domain::{CollectionName, FieldName, KeyName, KeyValue, StoreName};
use habeas_registry::{HeldKey, Registry};

use crate::{FulfilmentError, KeyBook, Stores, group};

/// How many collections are asked at once.
const PARALLEL: usize = 8;

/// Somebody to resolve.
#[derive(Debug, Clone)]
pub struct Person {
    /// What they have proven.
    pub book: KeyBook,
}

/// Why a person has to look. Names keys, stores and collections, never values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Review {
    /// A row carries another identifier than the one that was proven.
    Contradiction {
        /// Which key.
        key: KeyName,
        /// In which store.
        store: StoreName,
        /// In which collection.
        collection: CollectionName,
    },
    /// More values of a key than one person can have.
    Ceiling {
        /// Which key.
        key: KeyName,
        /// The most that is allowed.
        ceiling: u32,
    },
}

impl std::fmt::Display for Review {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Contradiction { key, store, collection } => {
                write!(
                    f,
                    "a row of {store}/{collection} carries another {key} than the one that was verified"
                )
            }
            Self::Ceiling { key, ceiling } => {
                write!(f, "more than {ceiling} different values of {key} were found")
            }
        }
    }
}

/// What was found for one person.
pub type Resolved = Result<KeyBook, Review>;

/// New values, by key and by the people they are new for.
type Frontier = BTreeMap<KeyName, BTreeMap<KeyValue, Vec<Owner>>>;

/// One collection to ask in a round.
struct Question {
    store: StoreName,
    held: Vec<HeldKey>,
    selection: Selection,
    /// Nothing can be learned but that rows are there: stop once every owner has one.
    presence_only: bool,
}

/// What the answers taught: people whose rows are there, and values for people.
#[derive(Default)]
struct Lesson {
    stores: BTreeSet<(Owner, StoreName)>,
    values: Vec<(Owner, usize, KeyValue)>,
    held: Vec<(HeldKey, StoreName, CollectionName)>,
}

/// Resolves a group of people together. The results are in the order of `people`.
pub async fn resolve(
    registry: &Registry,
    stores: &Stores,
    people: Vec<Person>,
) -> Result<Vec<Resolved>, FulfilmentError> {
    let mut books: Vec<Resolved> = people.into_iter().map(|person| Ok(person.book)).collect();
    let mut frontier = start(registry, &books);
    while !frontier.is_empty() {
        let questions = questions(registry, &frontier);
        frontier = Frontier::new();
        let mut answers = futures::stream::iter(questions.into_iter().map(|question| ask(stores, question)))
            .buffered(PARALLEL);
        while let Some(lesson) = answers.try_next().await? {
            learn(registry, &mut books, &mut frontier, lesson);
        }
    }
    Ok(books)
}

fn start(registry: &Registry, books: &[Resolved]) -> Frontier {
    let mut frontier = Frontier::new();
    for (owner, book) in (0..).zip(books) {
        for (key, value) in book.iter().flat_map(KeyBook::iter) {
            let value = registry.key(key).compare.canonical(value);
            frontier.entry(key.clone()).or_default().entry(value).or_default().push(owner);
        }
    }
    frontier
}

/// Which collections the frontier finds: one question each, however many keys lead there.
fn questions(registry: &Registry, frontier: &Frontier) -> Vec<Question> {
    let mut by_collection: BTreeMap<(StoreName, CollectionName), Vec<FieldMatch>> = BTreeMap::new();
    for (key, values) in frontier {
        let locations = registry.lookups(key);
        for location in locations {
            by_collection.entry((location.store, location.collection)).or_default().push(FieldMatch {
                field: location.field,
                compare: group::compare(location.compare),
                values: values.clone(),
            });
        }
    }
    by_collection
        .into_iter()
        .map(|((store, collection), matches)| {
            let held = registry.keys_of(&store, &collection);
            let asked: BTreeSet<&FieldName> = matches.iter().map(|one| &one.field).collect();
            let presence_only = held.iter().all(|one| asked.contains(&one.field) && asked.len() == 1);
            let fields = held.iter().map(|one| one.field.clone()).collect();
            Question { store, held, presence_only, selection: Selection { collection, matches, fields } }
        })
        .collect()
}

async fn ask(stores: &Stores, question: Question) -> Result<Lesson, FulfilmentError> {
    let handle = stores.get(&question.store)?;
    let fail = FulfilmentError::of_store(&question.store);
    let asked: BTreeSet<Owner> =
        question.selection.matches.iter().flat_map(|one| one.values.values().flatten().copied()).collect();
    let mut seen = BTreeSet::new();
    let mut values = BTreeSet::new();
    let mut rows = handle.store.select(&question.selection).await.map_err(&fail)?;
    while let Some(row) = rows.next().await {
        let row = row.map_err(&fail)?;
        note(&row, &mut seen, &mut values);
        if question.presence_only && seen.len() == asked.len() {
            break;
        }
    }
    let collection = &question.selection.collection;
    Ok(Lesson {
        stores: seen.into_iter().map(|owner| (owner, question.store.clone())).collect(),
        values: values.into_iter().collect(),
        held: question
            .held
            .iter()
            .map(|one| (one.clone(), question.store.clone(), collection.clone()))
            .collect(),
    })
}

/// Takes the keys out of one row. Only distinct values are kept, so memory stays flat over millions of rows.
fn note(row: &OwnedRow, seen: &mut BTreeSet<Owner>, values: &mut BTreeSet<(Owner, usize, KeyValue)>) {
    for owner in &row.owners {
        seen.insert(*owner);
        for (index, value) in row.values.iter().enumerate() {
            if let Some(key) = canonical(value) {
                values.insert((*owner, index, key));
            }
        }
    }
}

fn learn(registry: &Registry, books: &mut [Resolved], frontier: &mut Frontier, lesson: Lesson) {
    for (owner, store) in lesson.stores {
        if let Some(Ok(book)) = books.get_mut(owner as usize) {
            book.add_store(&store);
        }
    }
    for (owner, index, value) in lesson.values {
        let (Some(slot), Some((held, store, collection))) =
            (books.get_mut(owner as usize), lesson.held.get(index))
        else {
            continue;
        };
        let Ok(book) = slot else { continue };
        let key = &held.rules.name;
        if held.rules.contradicts(held.alternate, &value, &book.proven(key)) {
            let (key, store, collection) = (key.clone(), store.clone(), collection.clone());
            *slot = Err(Review::Contradiction { key, store, collection });
            continue;
        }
        if held.rules.shared {
            continue;
        }
        let value = registry.key(key).compare.canonical(&value);
        if !book.add(key, value.clone()) {
            continue;
        }
        if book.values(key).count() > held.rules.ceiling as usize {
            *slot = Err(Review::Ceiling { key: key.clone(), ceiling: held.rules.ceiling });
            continue;
        }
        let owners = frontier.entry(key.clone()).or_default().entry(value).or_default();
        if !owners.contains(&owner) {
            owners.push(owner);
        }
    }
}
