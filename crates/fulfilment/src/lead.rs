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
        let mentioned = asked.iter().find(|(key, _)| *key == start).map(|(_, value)| value.clone());
        let mut people: BTreeSet<BTreeSet<KeyValue>> = BTreeSet::new();
        for book in resolve(self.registry(), self.stores(), people_of(asked)).await?.into_iter().flatten() {
            if !book.stores().is_empty() {
                people.insert(book.values(&start).cloned().collect());
            }
        }
        let beside = mentioned.filter(|_| people.is_empty());
        if let Some(address) = beside {
            return self.beside(&start, address).await;
        }
        let mut people = people.into_iter();
        let Some(addresses) = people.next().filter(|_| people.next().is_none()) else { return Ok(None) };
        let address = self.best_of(&start, addresses).await?;
        Ok(address.and_then(|address| EmailAddress::parse(address.as_str()).ok()))
    }

    /// The address of the one person in whose rows `address` stands beside another, as an older one does. Those rows would
    /// contradict it if it were proven, so it is followed as if they had been led to it; what it leads to has to be one person by
    /// an address that can be proven.
    async fn beside(
        &self,
        start: &KeyName,
        address: KeyValue,
    ) -> Result<Option<EmailAddress>, FulfilmentError> {
        let mut book = KeyBook::default();
        book.add(start, address);
        let found = resolve(self.registry(), self.stores(), vec![Person::new(book)]).await?.pop();
        let Some(Ok(found)) =
            found.filter(|found| found.as_ref().is_ok_and(|book| !book.stores().is_empty()))
        else {
            return Ok(None);
        };
        let each: Vec<_> = found.values(start).map(|address| (start.clone(), address.clone())).collect();
        let books = resolve(self.registry(), self.stores(), people_of(each.clone())).await?;
        let own = each.into_iter().zip(books).filter_map(|((_, address), book)| {
            let all: BTreeSet<KeyValue> = book.ok()?.values(start).cloned().collect();
            Some((address, all))
        });
        let own: Vec<_> = own.collect();
        let one = own.first().filter(|(_, first)| own.iter().all(|(_, all)| all == first));
        Ok(one.and_then(|(address, _)| EmailAddress::parse(address.as_str()).ok()))
    }

    /// Of several addresses of one person the first that leads to their rows when it is proven, and always the same: one
    /// that stands beside another in a row, as an older one does, would stop the request for somebody to look.
    async fn best_of(
        &self,
        start: &KeyName,
        addresses: BTreeSet<KeyValue>,
    ) -> Result<Option<KeyValue>, FulfilmentError> {
        let each = addresses.iter().map(|address| (start.clone(), address.clone())).collect();
        let books = resolve(self.registry(), self.stores(), people_of(each)).await?;
        let leads = addresses.iter().zip(&books).find(|(_, book)| book.is_ok()).map(|(address, _)| address);
        Ok(leads.or_else(|| addresses.first()).cloned())
    }

    /// The keys that `named` may be a value of. A shared key leads to nobody.
    fn keys_of(&self, named: &str, start: &KeyName) -> Vec<(KeyName, KeyValue)> {
        let named = named.trim();
        if named.contains('@') {
            let forms = EmailAddress::parse(named).map(|address| address.spellings()).unwrap_or_default();
            let values = forms.iter().filter_map(|form| KeyValue::new(form.expose()));
            return values.map(|value| (start.clone(), value)).collect();
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

/// Each key as if it were proven by a person of its own.
fn people_of(keys: Vec<(KeyName, KeyValue)>) -> Vec<Person> {
    keys.into_iter().map(|key| Person::new(KeyBook::verified([key]))).collect()
}
