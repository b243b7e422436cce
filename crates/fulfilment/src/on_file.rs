//! What the stores hold about the holder of a proven address, as far as further proof of identity needs it.

use std::{collections::BTreeMap, sync::Arc};

use futures::StreamExt;
use habeas_connector_api::{Selection, condition::moment};
use habeas_domain::{
    Bilingual, Category, EmailAddress, FieldName, KeyName, KeyValue, PhoneNumber, Value,
    verification::{AskKind, Expected},
};
use habeas_registry::{Ask, Collection, Field, Manifest, Meaning, Registry, Standpoint};

use crate::{FulfilmentError, KeyBook, Person, Stores, group, resolve};

/// The most rows of one collection that are looked at. Whoever has more is asked about something else.
const MOST_ROWS: usize = 10_000;

/// A field that people may be asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskableField {
    /// Store, collection and field.
    pub id: String,
    /// The question.
    pub question: Bilingual,
    /// How its answer is compared.
    pub kind: AskKind,
    /// What the field is about.
    pub category: Option<Category>,
}

/// What is held about one person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeldFacts {
    /// Their telephone numbers.
    pub phones: Vec<PhoneNumber>,
    /// The addresses of their parents or guardians.
    pub guardians: Vec<EmailAddress>,
    /// The answers to questions, by [`AskableField::id`].
    pub answers: Vec<(String, Expected)>,
    /// Their keys.
    pub keys: Vec<(KeyName, KeyValue)>,
}

/// Looks into the stores for one person at a time. Cheap to clone.
#[derive(Debug, Clone)]
pub struct FileRoom {
    registry: Arc<Registry>,
    stores: Stores,
}

impl FileRoom {
    /// Over these stores.
    pub const fn new(registry: Arc<Registry>, stores: Stores) -> Self {
        Self { registry, stores }
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    pub(crate) const fn stores(&self) -> &Stores {
        &self.stores
    }

    /// Every field that may be asked about, in the order of the manifests.
    pub fn askable(&self) -> Vec<AskableField> {
        let all = self
            .registry
            .own()
            .flat_map(|manifest| manifest.collections.iter().map(move |collection| (manifest, collection)));
        all.flat_map(|(manifest, collection)| {
            collection.fields.iter().filter_map(move |field| {
                let ask = field.ask.as_ref()?;
                Some(AskableField {
                    id: id(manifest, collection, field),
                    question: ask.question.clone(),
                    kind: ask.kind,
                    category: field.category.clone(),
                })
            })
        })
        .collect()
    }

    /// What is held about the holder of `address`, who has proven that it is theirs. Nothing where the keys contradict
    /// each other: then nobody can say whose rows they are.
    pub async fn of(&self, address: &EmailAddress) -> Result<HeldFacts, FulfilmentError> {
        let book = KeyBook::of_addresses([address]);
        let resolved = resolve(&self.registry, &self.stores, vec![Person::new(book)]).await?;
        let Some(Ok(book)) = resolved.into_iter().next() else { return Ok(HeldFacts::default()) };
        // What was proven is among the keys; where no store holds anything, it is no fact.
        if book.stores().is_empty() {
            return Ok(HeldFacts::default());
        }
        let mut facts = HeldFacts {
            keys: book.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
            ..HeldFacts::default()
        };
        let held = self.registry.manifests().iter().filter(|one| book.stores().contains(&one.store));
        for manifest in held {
            let wanted = |one: &&Collection| one.fields.iter().any(|field| is_wanted(&self.registry, field));
            for collection in manifest.collections.iter().filter(wanted) {
                for point in self.registry.standpoints(collection) {
                    self.look(manifest, (collection, &point), &book, &mut facts).await?;
                }
            }
        }
        Ok(facts)
    }

    async fn look(
        &self,
        manifest: &Manifest,
        (collection, point): (&Collection, &Standpoint),
        book: &KeyBook,
        facts: &mut HeldFacts,
    ) -> Result<(), FulfilmentError> {
        let matches = group::matches(&point.lookups, &[(0, book)]);
        let fields = wanted(&self.registry, collection, point);
        if matches.is_empty() || fields.is_empty() {
            return Ok(());
        }
        let selection = Selection {
            collection: collection.name.clone(),
            matches,
            except: Vec::new(),
            fields: fields.clone(),
        };
        let fail = FulfilmentError::of_store(&manifest.store);
        let store = &self.stores.get(&manifest.store)?.store;
        let mut rows = store.select(&selection).await.map_err(&fail)?;
        let mut found: Vec<BTreeMap<&FieldName, Value>> = Vec::new();
        while let Some(row) = rows.next().await {
            found.push(fields.iter().zip(row.map_err(&fail)?.values).collect());
            if found.len() > MOST_ROWS {
                return Ok(());
            }
        }
        for field in collection.fields.iter().filter(|field| point.sees(field)) {
            if is_own_phone(&self.registry, field) {
                let numbers = found.iter().filter_map(|row| row.get(&field.name));
                let numbers = numbers.filter_map(|value| PhoneNumber::parse(&value.to_text()).ok());
                for number in numbers {
                    if !facts.phones.contains(&number) {
                        facts.phones.push(number);
                    }
                }
            }
            if field.guardian {
                let addresses = found.iter().filter_map(|row| row.get(&field.name));
                facts
                    .guardians
                    .extend(addresses.filter_map(|value| EmailAddress::parse(&value.to_text()).ok()));
            }
            let answer = field.ask.as_ref().and_then(|ask| answer(ask, field, &found));
            facts.answers.extend(answer.map(|answer| (id(manifest, collection, field), answer)));
        }
        Ok(())
    }
}

fn id(manifest: &Manifest, collection: &Collection, field: &Field) -> String {
    format!("{}/{}/{}", manifest.store, collection.name, field.name)
}

/// A telephone number of the person's own: said to be so, or the key of that name where nobody shares it. Others' numbers in
/// their rows, such as that of whoever receives a parcel, are no way to them.
pub fn is_own_phone(registry: &Registry, field: &Field) -> bool {
    let said = field.is_own_contact() && field.correct == Some(Meaning::Phone);
    let key = field.key.as_ref().filter(|key| key.as_str() == "phone");
    said || key.is_some_and(|key| !registry.key(key).shared)
}

fn is_wanted(registry: &Registry, field: &Field) -> bool {
    field.ask.is_some() || field.guardian || is_own_phone(registry, field)
}

fn wanted(registry: &Registry, collection: &Collection, point: &Standpoint) -> Vec<FieldName> {
    let newest = |field: &Field| field.ask.as_ref().and_then(|ask| ask.newest.clone());
    let mut names: Vec<FieldName> = collection
        .fields
        .iter()
        .filter(|field| point.sees(field) && is_wanted(registry, field))
        .flat_map(|field| newest(field).into_iter().chain([field.name.clone()]))
        .collect();
    names.sort();
    names.dedup();
    names
}

/// What a question expects; nothing if the rows do not say one thing.
fn answer(ask: &Ask, field: &Field, rows: &[BTreeMap<&FieldName, Value>]) -> Option<Expected> {
    let value =
        |row: &BTreeMap<&FieldName, Value>| row.get(&field.name).filter(|one| !one.is_null()).cloned();
    let ordering = match (&ask.newest, ask.kind) {
        (Some(newest), _) => Some(newest),
        (None, AskKind::Month) => Some(&field.name),
        (None, _) => None,
    };
    let Some(ordering) = ordering else {
        let mut all = rows.iter().filter_map(value).filter_map(|one| Expected::of(ask.kind, &one));
        let first = all.next()?;
        return all.all(|other| other == first).then_some(first);
    };
    let latest = rows.iter().filter_map(|row| Some((moment(row.get(ordering)?)?, row)));
    let latest = latest.max_by_key(|(at, _)| *at).map(|(_, row)| row)?;
    Expected::of(ask.kind, &value(latest)?)
}
