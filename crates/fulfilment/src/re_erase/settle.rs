//! What becomes of erased people who were found again.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use habeas_connector_api::{Owner, rewriting::is_erased_address};
use habeas_domain::{HeldKey, KeyName, KeyValue, RequestId, Retry};
use habeas_ledger::{Back, Erasure, HoldsOnErased};
use habeas_registry::DeletionAction;

use super::Running;
use crate::{FulfilmentError, KeyBook, Person, Review, deletion::Erasing, resolve::resolve_within};

/// A person with their keys.
type Found = (Erasure, KeyBook);

/// Somebody who is back, and why.
type Marked = (Erasure, Back, String);

/// People numbered as the owners of a connector call.
fn owners(people: &[Found]) -> Vec<(Owner, &KeyBook)> {
    (0..).zip(people).map(|(owner, (_, book))| (owner, book)).collect()
}

/// What holds meet a person by.
fn held_keys(book: &KeyBook) -> Vec<HeldKey> {
    book.iter().map(|(key, value)| HeldKey::new(key.clone(), value.as_str().to_owned())).collect()
}

impl Running<'_> {
    /// Settles everybody of a page, as many together as the store takes in one statement.
    pub(super) async fn settle(&mut self, people: BTreeMap<Erasure, KeyBook>) -> Result<(), FulfilmentError> {
        let mut by_since: BTreeMap<Option<DateTime<Utc>>, Vec<Found>> = BTreeMap::new();
        for (erasure, book) in people {
            by_since.entry(erasure.since).or_default().push((erasure, book));
        }
        let manifest = self.worker.fulfilment.registry.manifest(&self.order.store);
        let most = manifest.map_or(1, |manifest| manifest.limits.group_size);
        for (since, people) in by_since {
            for group in people.chunks(most) {
                self.settle_group(since, group).await?;
            }
        }
        Ok(())
    }

    async fn settle_group(
        &mut self,
        since: Option<DateTime<Utc>>,
        group: &[Found],
    ) -> Result<(), FulfilmentError> {
        let back = self.unproven(since, self.resolved(group).await?).await?;
        if back.is_empty() {
            return Ok(());
        }
        let (clear, unclear) = self.sort_out(back).await?;
        self.note(&unclear);
        if self.order.dry_run {
            return self.only_look(&clear).await;
        }
        self.worker.fulfilment.ledger.found_again(&self.run, &unclear).await?;
        self.erase_again(since, clear).await
    }

    fn note(&mut self, marked: &[Marked]) {
        for (erasure, back, _) in marked {
            self.standings.note(*erasure, *back);
        }
    }

    /// Finds the further keys that their rows hold in this store: what is wrong may hang on a row that a rule keeps.
    async fn resolved(&self, group: &[Found]) -> Result<Vec<(Found, Option<Review>)>, FulfilmentError> {
        let people = group.iter().map(|(_, book)| Person::new(book.clone())).collect();
        let fulfilment = &self.worker.fulfilment;
        let store = Some(&self.order.store);
        let resolved = resolve_within(&fulfilment.registry, &fulfilment.stores, store, people).await?;
        let each = group.iter().zip(resolved).map(|((erasure, found), resolved)| match resolved {
            Ok(book) => ((*erasure, book), None),
            Err(review) => ((*erasure, found.clone()), Some(review)),
        });
        Ok(each.collect())
    }

    /// Those of whom more is left than a rule keeps. What was kept or masked the first time is proven and left alone.
    async fn unproven(
        &self,
        since: Option<DateTime<Utc>>,
        group: Vec<(Found, Option<Review>)>,
    ) -> Result<Vec<(Found, Option<Review>)>, FulfilmentError> {
        let plan = self.worker.deletion(&self.schema, since)?;
        let people: Vec<(Owner, &KeyBook)> = (0..).zip(group.iter().map(|((_, book), _)| book)).collect();
        let left = self.worker.left(&plan, &people, &self.schema, since).await?;
        let wrong = |owner: &Owner| left.iter().any(|step| step.wrong.contains_key(owner));
        Ok((0..).zip(group).filter(|(owner, _)| wrong(owner)).map(|(_, found)| found).collect())
    }

    /// Apart go those whose rows say that they may be somebody else's: a number or an address can have changed hands between
    /// the backup and the erasure.
    async fn sort_out(
        &self,
        back: Vec<(Found, Option<Review>)>,
    ) -> Result<(Vec<Found>, Vec<Marked>), FulfilmentError> {
        let (mut clear, mut unclear) = (Vec::new(), Vec::new());
        for ((erasure, book), review) in back {
            match review {
                Some(review) => unclear.push((erasure, Back::Unclear, review.to_string())),
                None if self.is_theirs(erasure.request, &book).await? => clear.push((erasure, book)),
                None => {
                    let why = "a row carries an identifier that was not theirs when they were erased, or rows were left to somebody else then";
                    unclear.push((erasure, Back::Unclear, why.to_owned()));
                }
            }
        }
        Ok((clear, unclear))
    }

    /// Whether every identifying key of these rows was known at the erasure, or a person has looked. What an erasure put in the
    /// place of an address is nobody's.
    async fn is_theirs(&self, request: RequestId, book: &KeyBook) -> Result<bool, FulfilmentError> {
        let fulfilment = &self.worker.fulfilment;
        if self.order.confirmed.contains(&request) {
            // What was left to somebody else then would be erased with the rest: that is for people to do, row by row.
            return Ok(!fulfilment.ledger.left_rows_to_others(request).await?);
        }
        let mut keys: Vec<(KeyName, KeyValue)> = Vec::new();
        for rules in fulfilment.registry.keys().filter(|rules| rules.identifying) {
            let held = book.values(&rules.name).filter(|value| !is_erased_address(value.as_str()));
            keys.extend(held.map(|value| (rules.name.clone(), rules.compare.canonical(value))));
        }
        Ok(fulfilment.ledger.were_erased_keys(request, &keys).await?)
    }

    /// What would become of them.
    async fn only_look(&mut self, clear: &[Found]) -> Result<(), FulfilmentError> {
        let people: Vec<(RequestId, Vec<HeldKey>)> =
            self.met_by(clear).await?.into_iter().map(|(erasure, keys)| (erasure.request, keys)).collect();
        let holds = self.worker.fulfilment.ledger.holds_on_erased(&people).await?;
        self.sort_by_hold(clear.to_vec(), &holds);
        Ok(())
    }

    /// Those of a part who may be erased now: nothing is deleted of whom a hold was placed on since. Asked again before every
    /// change set, for a run goes on for hours.
    async fn free_of_holds(&mut self, part: Vec<Found>) -> Result<Vec<Found>, FulfilmentError> {
        let people = self.met_by(&part).await?;
        let holds = self.worker.fulfilment.ledger.about_to_re_erase(&self.run, &people).await?;
        Ok(self.sort_by_hold(part, &holds))
    }

    /// What holds meet these people by: their keys, and those on hold of whoever else their rows are about.
    async fn met_by(&self, people: &[Found]) -> Result<Vec<(Erasure, Vec<HeldKey>)>, FulfilmentError> {
        let mut beside = self.worker.held_beside(&owners(people)).await?;
        let keys = |(owner, (erasure, book)): (Owner, &Found)| {
            let others = beside.remove(&owner).unwrap_or_default().keys;
            (*erasure, held_keys(book).into_iter().chain(others).collect())
        };
        Ok((0..).zip(people).map(keys).collect())
    }

    fn sort_by_hold(&mut self, people: Vec<Found>, holds: &HoldsOnErased) -> Vec<Found> {
        let is_held = |(erasure, _): &Found| holds.contains_key(&erasure.request);
        let (held, free): (Vec<Found>, Vec<Found>) = people.into_iter().partition(is_held);
        for (erasure, _) in &held {
            self.standings.note(*erasure, Back::Held);
        }
        for (erasure, _) in &free {
            self.standings.note(*erasure, Back::Found);
        }
        free
    }

    /// Erases a group and proves it. One that fails for good is halved until the one person is alone whom the store will
    /// not let go.
    async fn erase_again(
        &mut self,
        since: Option<DateTime<Utc>>,
        group: Vec<Found>,
    ) -> Result<(), FulfilmentError> {
        let mut open = vec![group];
        while let Some(part) = open.pop() {
            let mut part = if part.is_empty() { continue } else { self.free_of_holds(part).await? };
            if part.is_empty() {
                continue;
            }
            match self.worker.erase(&owners(&part), &self.schema, since).await {
                Ok(erasing) => self.note_erased(&part, &erasing).await?,
                Err(error) if !is_about_one(&error) => return Err(error),
                Err(_) if part.len() > 1 => {
                    let rest = part.split_off(part.len() / 2);
                    open.extend([rest, part]);
                }
                Err(error) => self.note_failed(&part, &error).await?,
            }
        }
        Ok(())
    }

    async fn note_erased(&mut self, part: &[Found], erasing: &Erasing) -> Result<(), FulfilmentError> {
        let steps = erasing.plan.steps.iter().zip(&erasing.report.steps);
        let told: Vec<_> =
            steps.filter(|(step, _)| !matches!(step.action, DeletionAction::Untie(_))).collect();
        let rows = |owner: &Owner| -> u64 {
            told.iter().filter_map(|(_, did)| did.owners.get(owner)).map(|counts| counts.changed).sum()
        };
        let gone: Vec<(Erasure, u64)> =
            (0..).zip(part).map(|(owner, (erasure, _))| (*erasure, rows(&owner))).collect();
        self.worker.fulfilment.ledger.re_erased(&self.run, &gone).await?;
        for (erasure, rows) in gone {
            self.standings.erased(erasure);
            self.rows += rows;
        }
        Ok(())
    }

    async fn note_failed(&mut self, part: &[Found], error: &FulfilmentError) -> Result<(), FulfilmentError> {
        let code = error.to_fault().code;
        let marked: Vec<Marked> =
            part.iter().map(|(erasure, _)| (*erasure, Back::Failed, code.clone())).collect();
        self.worker.fulfilment.ledger.found_again(&self.run, &marked).await?;
        self.note(&marked);
        Ok(())
    }
}

/// Whether a failure is about one of the people and not about the store or the state database.
fn is_about_one(error: &FulfilmentError) -> bool {
    match error {
        FulfilmentError::NotProven { .. } => true,
        FulfilmentError::Store { .. } => error.to_fault().retry == Retry::Never,
        _ => false,
    }
}
