//! The mail addresses that the stores hold for a person: where a warning goes before something that cannot be undone.

use std::collections::BTreeMap;

use futures::StreamExt;
use habeas_connector_api::Selection;
use habeas_domain::{EmailAddress, KeyName, Personal, Right, StoreName};
use habeas_ledger::{Notice, OpenRequest};
use habeas_registry::{Collection, Meaning, START_KEY};

use crate::{Fulfilment, FulfilmentError, KeyBook, group};

/// The most addresses that one person is warned at.
const MOST: usize = 50;

/// Addresses by the form in which equal ones are identical, spelled as they were first seen.
#[derive(Default)]
struct OnFile(BTreeMap<String, String>);

impl OnFile {
    /// What cannot be an address is left out: nobody can be written to there.
    fn add(&mut self, text: &str) {
        if let Ok(address) = EmailAddress::parse(text) {
            let form = address.lookup_form().expose().clone();
            self.0.entry(form).or_insert_with(|| address.as_str().to_owned());
        }
    }
}

impl Fulfilment {
    /// Who is to be warned before this job: every address on file, the verified one first of all. Nobody, where the
    /// right changes nothing for good, there is nothing to change, or warnings are turned off.
    pub(crate) async fn notice(
        &self,
        request: &OpenRequest,
        right: Right,
        stores: &[StoreName],
        book: &KeyBook,
    ) -> Result<Option<Notice>, FulfilmentError> {
        let grace = self.options.deletion_grace.filter(|_| right == Right::Deletion && !stores.is_empty());
        let Some(grace) = grace else { return Ok(None) };
        let mut found = OnFile::default();
        found.add(request.address());
        if let Ok(email) = KeyName::new(START_KEY) {
            book.values(&email).for_each(|value| found.add(value.as_str()));
        }
        for store in stores {
            let manifest = self.registry.manifest(store);
            for collection in manifest.iter().flat_map(|manifest| &manifest.collections) {
                self.read_addresses(store, collection, book, &mut found).await?;
            }
        }
        let addresses = found.0.into_values().take(MOST).map(Personal::new).collect();
        Ok(Some(Notice { grace_seconds: grace.as_secs(), addresses }))
    }

    /// Addresses in fields that are no key, but that a correction takes for mail addresses.
    async fn read_addresses(
        &self,
        store: &StoreName,
        collection: &Collection,
        book: &KeyBook,
        found: &mut OnFile,
    ) -> Result<(), FulfilmentError> {
        let fields = collection.fields.iter();
        let fields: Vec<_> = fields
            .filter(|field| field.correct == Some(Meaning::Email) && field.key.is_none())
            .map(|field| field.name.clone())
            .collect();
        let matches = group::matches(&self.registry.lookups_in(collection), &[(0, book)]);
        if fields.is_empty() || matches.is_empty() {
            return Ok(());
        }
        let fail = FulfilmentError::of_store(store);
        let selection = Selection { collection: collection.name.clone(), matches, fields };
        let mut rows = self.stores.get(store)?.store.select(&selection).await.map_err(&fail)?;
        while let Some(row) = rows.next().await {
            row.map_err(&fail)?.values.iter().for_each(|value| found.add(&value.to_text()));
            if found.0.len() >= MOST {
                break;
            }
        }
        Ok(())
    }
}
