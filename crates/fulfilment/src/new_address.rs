//! New addresses that their holders confirmed, but by which somebody else is known: they pressed a button in a mail about a
//! person whom they do not know. Their rows are not that person's for it, and no row is made to look like theirs.

use std::collections::BTreeSet;

use habeas_domain::{EmailAddress, KeyName, KeyValue, submission::Correction};
use habeas_ledger::OpenRequest;
use habeas_registry::START_KEY;

use crate::{Fulfilment, FulfilmentError, KeyBook, Person, Review, Terms, resolve};

/// A person with the new addresses that they asked to be written to.
pub(crate) struct Moved<'a> {
    pub(crate) request: &'a OpenRequest,
    /// What was known of them before.
    pub(crate) known: &'a KeyBook,
    /// What staff said of their addresses.
    pub(crate) terms: &'a Terms,
}

impl Fulfilment {
    /// For each of these people why somebody has to look, if a confirmed new address leads to rows that nothing joins with theirs.
    pub(crate) async fn strangers(
        &self,
        moved: &[Moved<'_>],
    ) -> Result<Vec<Option<Review>>, FulfilmentError> {
        let mut found: Vec<Option<Review>> = moved.iter().map(|_| None).collect();
        let Ok(key) = KeyName::new(START_KEY) else { return Ok(found) };
        let asked: Vec<(usize, KeyValue)> = moved
            .iter()
            .enumerate()
            .flat_map(|(at, one)| self.undecided(one, &key).into_iter().map(move |value| (at, value)))
            .collect();
        let people = asked.iter().filter_map(|(at, value)| Some(holder(&key, value, moved.get(*at)?.terms)));
        let led = resolve(&self.registry, &self.stores, people.collect()).await?;
        for ((at, value), led) in asked.into_iter().zip(led) {
            let (Some(one), Some(slot)) = (moved.get(at), found.get_mut(at)) else { continue };
            if led.is_err() || led.is_ok_and(|led| is_apart(&led, one.known, (&key, &value))) {
                *slot = Some(Review::NewAddress { key: key.clone(), found: value });
            }
        }
        Ok(found)
    }

    /// The new addresses of which staff have not said whose they are.
    fn undecided(&self, moved: &Moved<'_>, key: &KeyName) -> BTreeSet<KeyValue> {
        let compare = self.registry.key(key).compare;
        let spelled = |address: &EmailAddress| {
            let forms = address.spellings().into_iter().filter_map(|form| KeyValue::new(form.expose()));
            forms.map(|form| compare.canonical(&form)).collect::<Vec<_>>()
        };
        let own = spelled(&moved.request.submission.subject.email);
        let is_decided = |value: &KeyValue| {
            let one = (key.clone(), value.clone());
            moved.terms.own().contains(&one) || moved.terms.others().contains(&one)
        };
        confirmed(moved.request)
            .flat_map(|address| spelled(&address))
            .filter(|value| !own.contains(value) && !is_decided(value))
            .collect()
    }
}

/// The new addresses that a person asked for and that their holders confirmed: hardly anybody has one.
pub(crate) fn confirmed(request: &OpenRequest) -> impl Iterator<Item = EmailAddress> {
    let new = request.submission.corrections.iter().filter_map(Correction::new_address);
    new.filter(|address| request.also_proven.contains(address))
}

/// Whoever is known by an address. Other addresses on their rows do not speak against it: a correction reaches store by store.
fn holder(key: &KeyName, address: &KeyValue, terms: &Terms) -> Person {
    let mut book = KeyBook::default();
    book.add(key, address.clone());
    Person { book, terms: terms.ceilings_alone() }
}

/// Whether an address leads to keys of which none is known. One that leads to nothing further is nobody else's.
fn is_apart(led: &KeyBook, known: &KeyBook, start: (&KeyName, &KeyValue)) -> bool {
    let known: BTreeSet<_> = known.iter().filter(|one| *one != start).collect();
    let mut further = led.iter().filter(|one| *one != start).peekable();
    further.peek().is_some() && further.all(|one| !known.contains(&one))
}
