//! The mail addresses that the stores hold for a person: where a warning goes before something that cannot be undone.

use std::collections::BTreeSet;

use futures::StreamExt;
use habeas_connector_api::Selection;
use habeas_domain::{EmailAddress, KeyName, Personal, Right, StoreName};
use habeas_ledger::{Notice, OpenRequest};
use habeas_registry::{Collection, Field, Meaning, START_KEY};

use crate::{Fulfilment, FulfilmentError, KeyBook, Review, group};

/// The most addresses that one person is warned at. Whoever has more is looked at by a person first: none of them may crowd
/// out another.
const MOST: usize = 50;

/// Addresses in the order in which they were found, spelled as they were first seen.
struct OnFile {
    most: usize,
    spelled: Vec<Personal<String>>,
    /// The forms in which equal ones are identical.
    forms: BTreeSet<String>,
}

impl OnFile {
    /// What cannot be an address is left out: nobody can be written to there.
    fn add(&mut self, text: &str) -> Result<(), FulfilmentError> {
        let Ok(address) = EmailAddress::parse(text) else { return Ok(()) };
        if self.forms.insert(address.lookup_form().expose().clone()) {
            self.spelled.push(Personal::new(address.as_str().to_owned()));
        }
        if self.spelled.len() > self.most {
            let (most, found) = (self.most, self.spelled.clone());
            return Err(FulfilmentError::Review(Review::Addresses { most, found }));
        }
        Ok(())
    }
}

/// Whether a job is told to every address on file before it begins: a deletion, which is for good; another address or number
/// for the person, since codes and calls would go there; and whatever is done on the mandate of an agent alone, of which the
/// person may know nothing.
fn is_told_first(request: &OpenRequest, right: Right) -> bool {
    match right {
        Right::Deletion => true,
        Right::Correction => request.by_mandate || request.submission.changes_a_contact(),
        _ => request.by_mandate,
    }
}

impl Fulfilment {
    /// Who is to be warned before this job: every address on file, the verified one first of all, then those that the person is
    /// known by: at most as many as staff said, or the usual number. Nobody, where it need not be told before, there is nothing to do, or warnings are turned off.
    ///
    /// # Errors
    /// [`FulfilmentError::Review`] where there are more than can be warned.
    pub(crate) async fn notice(
        &self,
        (request, most): (&OpenRequest, Option<usize>),
        right: Right,
        stores: &[StoreName],
        book: &KeyBook,
    ) -> Result<Option<Notice>, FulfilmentError> {
        let grace =
            self.options.deletion_grace.filter(|_| is_told_first(request, right) && !stores.is_empty());
        let Some(grace) = grace else { return Ok(None) };
        let most = most.unwrap_or_default().max(MOST);
        let mut found = OnFile { most, spelled: Vec::new(), forms: BTreeSet::new() };
        found.add(request.address())?;
        for address in request.proven_addresses() {
            found.add(address.as_str())?;
        }
        if let Ok(email) = KeyName::new(START_KEY) {
            book.values(&email).try_for_each(|value| found.add(value.as_str()))?;
        }
        for store in book.stores() {
            let manifest = self.registry.manifest(store);
            for collection in manifest.iter().flat_map(|manifest| &manifest.collections) {
                self.read_addresses(store, collection, book, &mut found).await?;
            }
        }
        Ok(Some(Notice { grace_seconds: grace.as_secs(), addresses: found.spelled, told: Vec::new() }))
    }

    /// Addresses in fields that are no key, but by which the person themselves is reached. Others' addresses in their rows are
    /// not warned: whoever could add some would decide who reads of it.
    async fn read_addresses(
        &self,
        store: &StoreName,
        collection: &Collection,
        book: &KeyBook,
        found: &mut OnFile,
    ) -> Result<(), FulfilmentError> {
        let is_reached = |field: &&Field| {
            field.is_own_contact() && field.correct == Some(Meaning::Email) && field.key.is_none()
        };
        for point in self.registry.standpoints(collection) {
            let fields = collection.fields.iter().filter(is_reached).filter(|field| point.sees(field));
            let fields: Vec<_> = fields.map(|field| field.name.clone()).collect();
            let matches = group::matches(&point.lookups, &[(0, book)]);
            if fields.is_empty() || matches.is_empty() {
                continue;
            }
            let except = group::except(&point.lookups, &[(0, book)]);
            let fail = FulfilmentError::of_store(store);
            let selection = Selection { collection: collection.name.clone(), matches, except, fields };
            let mut rows = self.stores.get(store)?.store.select(&selection).await.map_err(&fail)?;
            while let Some(row) = rows.next().await {
                for value in row.map_err(&fail)?.values {
                    found.add(&value.to_text())?;
                }
            }
        }
        Ok(())
    }
}
