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
    /// More addresses than one person is warned at before something that cannot be undone.
    Addresses {
        /// The most that are.
        most: usize,
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
            Self::Addresses { most } => write!(
                f,
                "more than {most} mail addresses are on file, and all of them would have to be warned; see which are the person's own"
            ),
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
    resolve_within(registry, stores, None, people).await
}

/// The same, asking one store alone if it is named.
pub(crate) async fn resolve_within(
    registry: &Registry,
    stores: &Stores,
    only: Option<&StoreName>,
    people: Vec<Person>,
) -> Result<Vec<Resolved>, FulfilmentError> {
    let spell = |key: &KeyName, value: &KeyValue| registry.key(key).compare.canonical(value);
    let mut books: Vec<Resolved> = people.into_iter().map(|person| Ok(person.book.spelled(spell))).collect();
    let mut frontier = start(&books);
    while !frontier.is_empty() {
        let questions = questions(registry, only, &frontier);
        frontier = Frontier::new();
        let mut answers = futures::stream::iter(questions.into_iter().map(|question| ask(stores, question)))
            .buffered(PARALLEL);
        while let Some(lesson) = answers.try_next().await? {
            learn(&mut books, &mut frontier, lesson);
        }
    }
    Ok(books)
}

fn start(books: &[Resolved]) -> Frontier {
    let mut frontier = Frontier::new();
    for (owner, book) in (0..).zip(books) {
        for (key, value) in book.iter().flat_map(KeyBook::iter) {
            frontier.entry(key.clone()).or_default().entry(value.clone()).or_default().push(owner);
        }
    }
    frontier
}

/// Which collections the frontier finds: one question each, however many keys lead there.
fn questions(registry: &Registry, only: Option<&StoreName>, frontier: &Frontier) -> Vec<Question> {
    let mut by_collection: BTreeMap<(StoreName, CollectionName), Vec<FieldMatch>> = BTreeMap::new();
    for (key, values) in frontier {
        let asked = |store: &StoreName| only.is_none_or(|only| only == store);
        for location in registry.lookups(key).filter(|location| asked(&location.store)) {
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
            let presence_only = is_presence_only(&held, &matches);
            let fields = held.iter().map(|one| one.field.clone()).collect();
            Question { store, held, presence_only, selection: Selection { collection, matches, fields } }
        })
        .collect()
}

/// Whether the rows that these matches find can teach nothing but that they are there: whatever key they hold is the one
/// that found them. The field that a person is identified by is read to its end all the same, for it may contradict.
fn is_presence_only(held: &[HeldKey], matches: &[FieldMatch]) -> bool {
    let asked: BTreeSet<&FieldName> = matches.iter().map(|one| &one.field).collect();
    let known = |one: &HeldKey| {
        let contradicts = one.rules.identifying && !one.alternate;
        asked.len() == 1 && asked.contains(&one.field) && !contradicts
    };
    held.iter().all(|one| !teaches(one) || known(one))
}

/// A shared key is never followed; it matters only where it identifies.
const fn teaches(held: &HeldKey) -> bool {
    !held.rules.shared || held.rules.identifying
}

async fn ask(stores: &Stores, question: Question) -> Result<Lesson, FulfilmentError> {
    let handle = stores.get(&question.store)?;
    let fail = FulfilmentError::of_store(&question.store);
    let asked: BTreeSet<Owner> =
        question.selection.matches.iter().flat_map(|one| one.values.values().flatten().copied()).collect();
    let mut seen = Seen::default();
    let mut rows = handle.store.select(&question.selection).await.map_err(&fail)?;
    while let Some(row) = rows.next().await {
        seen.note(&row.map_err(&fail)?, &question.held);
        if question.presence_only && seen.owners.len() == asked.len() {
            break;
        }
    }
    let collection = &question.selection.collection;
    Ok(Lesson {
        stores: seen.owners.into_iter().map(|owner| (owner, question.store.clone())).collect(),
        values: seen.values.into_iter().collect(),
        held: question
            .held
            .iter()
            .map(|one| (one.clone(), question.store.clone(), collection.clone()))
            .collect(),
    })
}

/// What the rows of one collection show. Memory stays flat over millions of rows: each value is kept once, and of one
/// person no more than it takes to pass the ceiling.
#[derive(Default)]
struct Seen {
    owners: BTreeSet<Owner>,
    values: BTreeSet<(Owner, usize, KeyValue)>,
    counts: BTreeMap<(Owner, usize), u32>,
}

impl Seen {
    fn note(&mut self, row: &OwnedRow, held: &[HeldKey]) {
        for owner in &row.owners {
            self.owners.insert(*owner);
            for (index, (value, held)) in row.values.iter().zip(held).enumerate() {
                if let Some(key) = canonical(value).filter(|_| teaches(held)) {
                    self.add((*owner, index, held.rules.compare.canonical(&key)), held.rules.ceiling);
                }
            }
        }
    }

    fn add(&mut self, value: (Owner, usize, KeyValue), ceiling: u32) {
        let count = self.counts.entry((value.0, value.1)).or_default();
        if *count <= ceiling && self.values.insert(value) {
            *count += 1;
        }
    }
}

fn learn(books: &mut [Resolved], frontier: &mut Frontier, lesson: Lesson) {
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
        if held.rules.shared || !book.add(key, value.clone()) {
            continue;
        }
        if book.count(key) > held.rules.ceiling as usize {
            *slot = Err(Review::Ceiling { key: key.clone(), ceiling: held.rules.ceiling });
            continue;
        }
        let owners = frontier.entry(key.clone()).or_default().entry(value).or_default();
        if !owners.contains(&owner) {
            owners.push(owner);
        }
    }
}
