//! Resolve: a fixpoint. From the verified keys, ask each collection that a known key finds for the further keys it
//! holds, until nothing new appears. Cycles, self-references and references across stores are all this one mechanism.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, TryStreamExt};
use habeas_connector_api::{FieldMatch, OwnedRow, Owner, Selection, keys::canonical};
use habeas_domain::{CollectionName, FieldName, KeyName, KeyValue, StoreName};
use habeas_registry::{HeldKey, Registry};

use crate::{
    FulfilmentError, KeyBook, Review, StoreHandle, Stores,
    apart::{self, Apart, Whose},
    group,
    terms::{Key, Terms},
};

/// How many collections are asked at once.
const PARALLEL: usize = 8;

/// Somebody to resolve.
#[derive(Debug, Clone)]
pub struct Person {
    /// What they have proven.
    pub book: KeyBook,
    /// What staff decided about what was found before.
    pub terms: Terms,
}

impl Person {
    /// Somebody of whom nothing was decided.
    pub fn new(book: KeyBook) -> Self {
        Self { book, terms: Terms::default() }
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
    /// What was decided, of those who are asked for.
    terms: BTreeMap<Owner, Terms>,
    /// Nothing can be learned but that rows are there: stop once every owner has one.
    presence_only: bool,
}

/// What the answers taught: people whose rows are there, and values for people.
#[derive(Default)]
struct Lesson {
    stores: BTreeSet<(Owner, StoreName)>,
    values: Vec<(Owner, usize, KeyValue)>,
    held: Vec<(HeldKey, StoreName, CollectionName)>,
    /// Whose keys are, as far as that has to be told.
    apart: BTreeSet<(Owner, Key, Whose)>,
    place: Option<(StoreName, CollectionName)>,
}

/// One person on the way.
struct Sought {
    resolved: Resolved,
    terms: Terms,
    apart: Apart,
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
    let mut people: Vec<Person> = people.into_iter().map(|person| begun(registry, person)).collect();
    let mut results: BTreeMap<usize, Resolved> = BTreeMap::new();
    let mut open: Vec<usize> = (0..people.len()).collect();
    while !open.is_empty() {
        let group = open.iter().filter_map(|at| people.get(*at).cloned()).collect();
        let sought = seek(registry, stores, only, group).await?;
        let mut again = Vec::new();
        for (at, sought) in open.iter().copied().zip(sought) {
            let Some(person) = people.get_mut(at) else { continue };
            match sought.settle(person) {
                Some(resolved) => drop(results.insert(at, resolved)),
                // Something was followed that turned out to be somebody else's: begin without it.
                None => again.push(at),
            }
        }
        open = again;
    }
    Ok(results.into_values().collect())
}

/// What a person is known by before anything is asked.
fn begun(registry: &Registry, person: Person) -> Person {
    let spell = |key: &KeyName, value: &KeyValue| registry.key(key).compare.canonical(value);
    let mut book = person.book.spelled(spell);
    for (key, value) in person.terms.own() {
        book.add(key, value.clone());
    }
    for (key, value) in person.terms.others() {
        book.leave(key, value);
    }
    Person { book, ..person }
}

/// One fixpoint for a group.
async fn seek(
    registry: &Registry,
    stores: &Stores,
    only: Option<&StoreName>,
    people: Vec<Person>,
) -> Result<Vec<Sought>, FulfilmentError> {
    let mut sought: Vec<Sought> = people
        .into_iter()
        .map(|person| Sought { resolved: Ok(person.book), terms: person.terms, apart: Apart::default() })
        .collect();
    let mut frontier = start(&sought);
    while !frontier.is_empty() {
        let questions = questions(registry, only, &frontier, &sought);
        frontier = Frontier::new();
        let mut answers = futures::stream::iter(questions.into_iter().map(|question| ask(stores, question)))
            .buffered(PARALLEL);
        while let Some(lesson) = answers.try_next().await? {
            learn(&mut sought, &mut frontier, lesson);
        }
    }
    Ok(sought)
}

impl Sought {
    /// What was found; nothing where the person has to be looked for again, without keys that are somebody else's.
    fn settle(self, person: &mut Person) -> Option<Resolved> {
        let Some(theirs) = self.apart.to_leave() else {
            let entangled = self.resolved.as_ref().ok().and_then(|book| self.apart.entangled(book));
            return Some(entangled.map_or(self.resolved, Err));
        };
        for (key, (store, collection)) in theirs {
            // A plan of before led on from it: what came of that cannot be told from the rest any more.
            if person.book.leave(&key.0, &key.1) {
                return Some(Err(Review::entangled(key, store, collection)));
            }
        }
        person.terms.leave(theirs.keys().cloned());
        None
    }
}

fn start(sought: &[Sought]) -> Frontier {
    let mut frontier = Frontier::new();
    for (owner, one) in (0..).zip(sought) {
        for (key, value) in one.resolved.iter().flat_map(KeyBook::iter) {
            frontier.entry(key.clone()).or_default().entry(value.clone()).or_default().push(owner);
        }
    }
    frontier
}

/// Which collections the frontier finds: one question each, however many keys lead there.
fn questions(
    registry: &Registry,
    only: Option<&StoreName>,
    frontier: &Frontier,
    sought: &[Sought],
) -> Vec<Question> {
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
            let terms = terms(&matches, sought);
            let presence_only = terms.is_empty() && is_presence_only(&held, &matches);
            let fields = held.iter().map(|one| one.field.clone()).collect();
            let selection = Selection { collection, matches, except: Vec::new(), fields };
            Question { store, held, selection, terms, presence_only }
        })
        .collect()
}

/// What was decided of those whom these matches find, where anything was.
fn terms(matches: &[FieldMatch], sought: &[Sought]) -> BTreeMap<Owner, Terms> {
    let asked: BTreeSet<Owner> =
        matches.iter().flat_map(|one| one.values.values().flatten().copied()).collect();
    let decided = asked.into_iter().filter_map(|owner| {
        let terms = &sought.get(owner as usize)?.terms;
        (!terms.is_empty()).then(|| (owner, terms.clone()))
    });
    decided.collect()
}

/// Whether the rows that these matches find can teach nothing but that they are there: whatever key they hold is the one
/// that found them. The field that a person is identified by is read to its end all the same, for it may contradict.
fn is_presence_only(held: &[HeldKey], matches: &[FieldMatch]) -> bool {
    let asked: BTreeSet<&FieldName> = matches.iter().map(|one| &one.field).collect();
    let known = |one: &HeldKey| asked.len() == 1 && asked.contains(&one.field) && !one.identifies();
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
    let collection = &question.selection.collection;
    let unique = unique(handle, &question).await?;
    let mut seen = Seen::default();
    let mut rows = handle.store.select(&question.selection).await.map_err(&fail)?;
    while let Some(row) = rows.next().await {
        seen.note(&row.map_err(&fail)?, &question, &unique);
        if question.presence_only && seen.owners.len() == asked.len() {
            break;
        }
    }
    Ok(Lesson {
        stores: seen.owners.into_iter().map(|owner| (owner, question.store.clone())).collect(),
        values: seen.values.into_iter().collect(),
        held: question
            .held
            .iter()
            .map(|one| (one.clone(), question.store.clone(), collection.clone()))
            .collect(),
        apart: seen.apart,
        place: Some((question.store.clone(), collection.clone())),
    })
}

/// Which of the key fields name one row. Asked only where somebody's rows are kept apart.
async fn unique(handle: &StoreHandle, question: &Question) -> Result<Vec<bool>, FulfilmentError> {
    if question.terms.values().all(|terms| terms.others().is_empty()) {
        return Ok(Vec::new());
    }
    Ok(apart::unique(&handle.schema().await?, &question.selection.collection, &question.held))
}

/// What the rows of one collection show. Memory stays flat over millions of rows: each value is kept once, and of one
/// person no more than it takes to pass the ceiling.
#[derive(Default)]
struct Seen {
    owners: BTreeSet<Owner>,
    values: BTreeSet<(Owner, usize, KeyValue)>,
    counts: BTreeMap<(Owner, usize), u32>,
    apart: BTreeSet<(Owner, Key, Whose)>,
}

impl Seen {
    fn note(&mut self, row: &OwnedRow, question: &Question, unique: &[bool]) {
        for owner in &row.owners {
            let terms = question.terms.get(owner);
            let is_theirs = terms.is_some_and(|terms| terms.leaves(row, &question.held));
            if terms.is_some_and(|terms| !terms.others().is_empty()) {
                let keys = apart::keys_of(row, &question.held, unique, is_theirs);
                self.apart.extend(keys.map(|(key, whose)| (*owner, key, whose)));
            }
            if is_theirs {
                continue;
            }
            self.owners.insert(*owner);
            for (index, (value, held)) in row.values.iter().zip(&question.held).enumerate() {
                if let Some(key) = canonical(value).filter(|_| teaches(held)) {
                    let ceiling = terms.map_or(held.rules.ceiling, |terms| terms.ceiling(&held.rules));
                    self.add((*owner, index, held.rules.compare.canonical(&key)), ceiling);
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

fn learn(sought: &mut [Sought], frontier: &mut Frontier, lesson: Lesson) {
    for (owner, store) in lesson.stores {
        if let Some(Ok(book)) = sought.get_mut(owner as usize).map(|one| &mut one.resolved) {
            book.add_store(&store);
        }
    }
    if let Some((store, collection)) = &lesson.place {
        for (owner, key, whose) in lesson.apart {
            if let Some(one) = sought.get_mut(owner as usize) {
                one.apart.note((key, whose), (store, collection), one.resolved.as_ref().ok(), &one.terms);
            }
        }
    }
    for (owner, index, value) in lesson.values {
        let (Some(one), Some((held, store, collection))) =
            (sought.get_mut(owner as usize), lesson.held.get(index))
        else {
            continue;
        };
        let key = &held.rules.name;
        match one.learn(held, &value, (store, collection)) {
            Ok(false) => continue,
            Ok(true) => {}
            Err(review) => {
                one.resolved = Err(review);
                continue;
            }
        }
        let owners = frontier.entry(key.clone()).or_default().entry(value).or_default();
        if !owners.contains(&owner) {
            owners.push(owner);
        }
    }
}

impl Sought {
    /// Takes in a value that a row holds. Returns whether it is to be followed.
    fn learn(
        &mut self,
        held: &HeldKey,
        value: &KeyValue,
        (store, collection): (&StoreName, &CollectionName),
    ) -> Result<bool, Review> {
        let Ok(book) = &mut self.resolved else { return Ok(false) };
        let key = &held.rules.name;
        let mut known = book.proven(key);
        if !known.is_empty() {
            known.extend(self.terms.own().iter().filter(|own| own.0 == *key).map(|own| own.1.clone()));
        }
        if held.rules.contradicts(held.alternate, value, &known) {
            let (key, store, collection) = (key.clone(), store.clone(), collection.clone());
            return Err(Review::Contradiction {
                key,
                store,
                collection,
                proven: known,
                found: value.clone(),
            });
        }
        if held.rules.shared || self.apart.is_theirs(key, value) || !book.add(key, value.clone()) {
            return Ok(false);
        }
        let ceiling = self.terms.ceiling(&held.rules);
        if book.count(key) > ceiling as usize {
            let (key, identifying) = (key.clone(), held.rules.identifying);
            let found = book.values(&key).cloned().collect();
            return Err(Review::Ceiling { key, ceiling, identifying, found });
        }
        Ok(true)
    }
}
