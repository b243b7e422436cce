//! The further keys of somebody on legal hold: staff type the ones that they know.

use habeas_domain::{EmailAddress, HeldKey, KeyValue};
use habeas_registry::START_KEY;

use crate::{FileRoom, FulfilmentError, KeyBook, Person, Terms, resolve};

/// The most values of a key that a hold is about: of one that identifies nobody, such as the number of an order, a good customer
/// has far more than a request is let have without somebody looking.
const MOST: u32 = 5_000;

impl FileRoom {
    /// Every other key that the stores hold of the person whom these keys find, but for shared ones, which would hold others
    /// too.
    ///
    /// # Errors
    /// [`FulfilmentError::Review`] where the keys lead to more than one person can have: nobody may believe that the hold is about
    /// all of the person's keys then.
    pub async fn further_keys(&self, keys: &[HeldKey]) -> Result<Vec<HeldKey>, FulfilmentError> {
        let mut book = KeyBook::default();
        for one in keys.iter().filter(|one| !self.registry().key(&one.key).shared) {
            // As a row would spell it, and not as proven: what the rows say contradicts nothing here.
            let compare = self.registry().key(&one.key).compare;
            for value in forms(one) {
                book.add(&one.key, compare.canonical(&value));
            }
        }
        let many = self.registry().keys().filter(|rules| !rules.identifying).map(|rules| rules.name.clone());
        let person = Person { terms: Terms::allowing(many, MOST), book: book.clone() };
        let found = resolve(self.registry(), self.stores(), vec![person]).await?;
        let found =
            found.into_iter().next().transpose().map_err(FulfilmentError::Review)?.unwrap_or_default();
        let known = book.held();
        Ok(found.held().into_iter().filter(|key| !known.contains(key)).collect())
    }
}

/// What rows may hold of a key that staff typed.
fn forms(held: &HeldKey) -> Vec<KeyValue> {
    let address = EmailAddress::parse(held.value.expose()).ok().filter(|_| held.key.as_str() == START_KEY);
    let forms = address.map_or_else(|| vec![held.value.clone()], |address| address.spellings());
    forms.iter().filter_map(|form| KeyValue::new(form.expose().as_str())).collect()
}
