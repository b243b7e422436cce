//! Erased people on whom a legal hold was placed since.

use std::collections::{BTreeSet, HashMap};

use habeas_domain::{HeldKey, HoldId, RequestId, TypedId};
use sea_orm::{EntityTrait, QueryFilter};

use crate::{Ledger, LedgerError, among::among, entity::hold_key};

impl Ledger {
    /// The holds on these people, by their request: by any key that was known when they were erased, by any that their rows
    /// hold now, or by the request itself.
    pub async fn holds_on_erased(
        &self,
        people: &[(RequestId, Vec<HeldKey>)],
    ) -> Result<HashMap<RequestId, BTreeSet<HoldId>>, LedgerError> {
        let unit = self.begin().await?;
        let mut met = unit.met(people.iter().map(|(request, _)| request.uuid()).collect()).await?;
        let mut whose: HashMap<Vec<u8>, Vec<RequestId>> = HashMap::new();
        for (request, keys) in people {
            let keys = keys.iter().map(|key| self.held_key_lookup(key));
            for lookup in keys.chain([self.held_request_lookup(*request)]) {
                whose.entry(lookup).or_default().push(*request);
            }
        }
        let found = hold_key::Entity::find()
            .filter(among(hold_key::Column::Lookup, whose.keys().cloned()))
            .all(&unit.tx);
        for row in found.await? {
            for request in whose.get(&row.lookup).into_iter().flatten() {
                met.entry(*request).or_default().insert(HoldId::from_uuid(row.hold_id));
            }
        }
        Ok(met)
    }
}
