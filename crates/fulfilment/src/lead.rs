//! Where something that a person may be known by leads: to the address that the stores hold with it.

use std::collections::BTreeSet;

use habeas_domain::{EmailAddress, KeyName, KeyValue, PhoneNumber};
use habeas_registry::START_KEY;

use crate::{FileRoom, FulfilmentError, KeyBook, Person, resolve};

impl FileRoom {
    /// The address on file to which `named` leads: a mail address that the stores hold, or a telephone number, an account
    /// number or another key with which they hold one. Nothing where it leads nowhere, or to more than one person.
    pub async fn lead(&self, named: &str) -> Result<Option<EmailAddress>, FulfilmentError> {
        let Ok(start) = KeyName::new(START_KEY) else { return Ok(None) };
        let asked = self.keys_of(named, &start);
        let people = asked.into_iter().map(|key| Person { book: KeyBook::verified([key]) }).collect();
        let mut found: BTreeSet<KeyValue> = BTreeSet::new();
        for book in resolve(self.registry(), self.stores(), people).await?.into_iter().flatten() {
            if !book.stores().is_empty() {
                // Of several addresses of one person the first one, and always the same.
                found.extend(book.values(&start).min().cloned());
            }
        }
        let mut found = found.into_iter();
        let one = found.next().filter(|_| found.next().is_none());
        Ok(one.and_then(|address| EmailAddress::parse(address.as_str()).ok()))
    }

    /// The keys that `named` may be a value of. A shared key leads to nobody.
    fn keys_of(&self, named: &str, start: &KeyName) -> Vec<(KeyName, KeyValue)> {
        let named = named.trim();
        if named.contains('@') {
            let address = EmailAddress::parse(named).ok();
            let value = address.and_then(|address| KeyValue::new(address.lookup_form().expose()));
            return value.map(|value| (start.clone(), value)).into_iter().collect();
        }
        let phone = PhoneNumber::parse(named).ok().and_then(|phone| KeyValue::new(phone.as_str()));
        let plain = KeyValue::new(named);
        let rules = self.registry().keys().filter(|rules| !rules.shared && rules.name != *start);
        rules
            .flat_map(|rules| {
                let as_phone = phone.clone().filter(|_| rules.name.as_str() == "phone");
                let values: BTreeSet<KeyValue> = plain.clone().into_iter().chain(as_phone).collect();
                values.into_iter().map(|value| (rules.name.clone(), value))
            })
            .collect()
    }
}
