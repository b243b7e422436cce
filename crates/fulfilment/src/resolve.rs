//! Resolve: a fixpoint. From the verified keys, ask each collection that a known key finds for the further keys it
//! holds, until nothing new appears. Cycles, self-references and references across stores are all this one mechanism.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt};
use habeas_connector_api::Owner;
use habeas_domain::{CollectionName, KeyName, KeyValue, StoreName};
use habeas_registry::{HeldKey, Registry};

use crate::{
    FulfilmentError, KeyBook, Review, Stores,
    apart::Apart,
    question::{Lesson, ask, questions},
    terms::Terms,
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
pub(crate) type Frontier = BTreeMap<KeyName, BTreeMap<KeyValue, Vec<Owner>>>;

/// One person on the way.
pub(crate) struct Sought {
    resolved: Resolved,
    pub(crate) terms: Terms,
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

fn learn(sought: &mut [Sought], frontier: &mut Frontier, lesson: Lesson) {
    for (owner, store) in lesson.stores {
        if let Some(Ok(book)) = sought.get_mut(owner as usize).map(|one| &mut one.resolved) {
            book.add_store(&store);
        }
    }
    let place = (&lesson.place.0, &lesson.place.1);
    for (owner, key, whose) in lesson.apart {
        if let Some(one) = sought.get_mut(owner as usize) {
            one.apart.note((key, whose), place, one.resolved.as_ref().ok(), &one.terms);
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
