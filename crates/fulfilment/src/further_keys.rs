//! The further keys of somebody on legal hold: staff type the ones that they know.

use habeas_domain::{HeldKey, KeyValue};

use crate::{FileRoom, FulfilmentError, KeyBook, Person, resolve};

impl FileRoom {
    /// Every other key that the stores hold of the person whom these keys find, but for shared ones, which would hold others
    /// too. Nothing where the keys lead to more than one person can have.
    pub async fn further_keys(&self, keys: &[HeldKey]) -> Result<Vec<HeldKey>, FulfilmentError> {
        let mut book = KeyBook::default();
        for one in keys.iter().filter(|one| !self.registry().key(&one.key).shared) {
            // As a row would spell it, and not as proven: what the rows say contradicts nothing here.
            let compare = self.registry().key(&one.key).compare;
            if let Some(value) = KeyValue::new(one.value.expose().as_str()) {
                book.add(&one.key, compare.canonical(&value));
            }
        }
        let found = resolve(self.registry(), self.stores(), vec![Person::new(book.clone())]).await?;
        let found = found.into_iter().flatten().next().unwrap_or_default();
        let known = book.held();
        Ok(found.held().into_iter().filter(|key| !known.contains(key)).collect())
    }
}
