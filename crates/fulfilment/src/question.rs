//! One collection asked in a round of a resolve, and what its rows teach.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use habeas_connector_api::{FieldMatch, OwnedRow, Owner, Selection, keys::canonical};
use habeas_domain::{CollectionName, FieldName, KeyValue, SideName, StoreName};
use habeas_registry::{HeldKey, Registry};

use crate::{
    FulfilmentError, StoreHandle, Stores,
    apart::{self, Whose},
    group,
    resolve::{Frontier, Sought},
    terms::{Key, Terms},
};

/// One collection to ask in a round, or one side of its rows.
pub(crate) struct Question {
    store: StoreName,
    held: Vec<HeldKey>,
    selection: Selection,
    /// What was decided, of those who are asked for.
    terms: BTreeMap<Owner, Terms>,
    /// Nothing can be learned but that rows are there: stop once every owner has one.
    presence_only: bool,
}

/// What the answers taught: people whose rows are there, and values for people.
pub(crate) struct Lesson {
    pub(crate) stores: BTreeSet<(Owner, StoreName)>,
    pub(crate) values: Vec<(Owner, usize, KeyValue)>,
    pub(crate) held: Vec<(HeldKey, StoreName, CollectionName)>,
    /// Whose keys are, as far as that has to be told.
    pub(crate) apart: BTreeSet<(Owner, Key, Whose)>,
    pub(crate) place: (StoreName, CollectionName),
}

/// Which collections the frontier finds: one question for each side of their rows, however many keys lead there.
pub(crate) fn questions(
    registry: &Registry,
    only: Option<&StoreName>,
    frontier: &Frontier,
    sought: &[Sought],
) -> Vec<Question> {
    // What one side of a row tells of its person is nothing of another's: each side is asked as if it were all there is.
    let mut by_side: BTreeMap<(StoreName, CollectionName, Option<SideName>), Vec<FieldMatch>> =
        BTreeMap::new();
    for (key, values) in frontier {
        let asked = |store: &StoreName| only.is_none_or(|only| only == store);
        for location in registry.lookups(key).filter(|location| asked(&location.store)) {
            let place = (location.store, location.collection, location.side);
            by_side.entry(place).or_default().push(FieldMatch {
                field: location.field,
                compare: group::compare(location.compare),
                values: values.clone(),
            });
        }
    }
    by_side
        .into_iter()
        .map(|((store, collection, side), matches)| {
            let mut held = registry.keys_of(&store, &collection);
            held.retain(|one| one.side == side);
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

/// Asks one collection, and keeps what its rows teach.
pub(crate) async fn ask(stores: &Stores, question: Question) -> Result<Lesson, FulfilmentError> {
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
        place: (question.store.clone(), collection.clone()),
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
