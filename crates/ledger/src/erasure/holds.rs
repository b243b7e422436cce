//! Erased people on whom a legal hold was placed since.

use std::collections::{BTreeSet, HashMap};

use habeas_domain::{HeldKey, HoldId, RequestId, TypedId};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::Expr};
use uuid::Uuid;

use super::{Back, Erasure};
use crate::{
    Ledger, LedgerError, ReErasing,
    among::among,
    closing::is_under_way,
    entity::{erasure, hold_key, store_closing},
    race::again_after_race,
    unit::Unit,
};

/// The holds on erased people, by their request.
pub type HoldsOnErased = HashMap<RequestId, BTreeSet<HoldId>>;

impl Ledger {
    /// The holds on these people: by any key that was known when they were erased, by any that their rows hold now, or by the
    /// request itself. To look only: whoever goes on to erase asks [`Ledger::about_to_re_erase`].
    pub async fn holds_on_erased(
        &self,
        people: &[(RequestId, Vec<HeldKey>)],
    ) -> Result<HoldsOnErased, LedgerError> {
        let unit = self.begin().await?;
        let mut met = unit.met(people.iter().map(|(request, _)| request.uuid()).collect()).await?;
        let mut whose: HashMap<Vec<u8>, Vec<RequestId>> = HashMap::new();
        for (request, lookup) in self.held_by(people) {
            whose.entry(lookup).or_default().push(request);
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

    /// Notes before anything is changed that these people were found again, and on which holds they stay. A plan could do no
    /// more: one lock is shared with the placing of holds, so that a hold either is met here or finds the mark and what else
    /// their rows hold, and is told as too late. To be asked anew before every change set.
    pub async fn about_to_re_erase(
        &self,
        run: &ReErasing,
        people: &[(Erasure, Vec<HeldKey>)],
    ) -> Result<HoldsOnErased, LedgerError> {
        again_after_race(|| self.about_to_re_erase_once(run, people)).await
    }

    async fn about_to_re_erase_once(
        &self,
        run: &ReErasing,
        people: &[(Erasure, Vec<HeldKey>)],
    ) -> Result<HoldsOnErased, LedgerError> {
        let by_request: Vec<(RequestId, Vec<HeldKey>)> =
            people.iter().map(|(erasure, keys)| (erasure.request, keys.clone())).collect();
        let mut unit = self.begin().await?;
        unit.meet_holds().await?;
        let lookups = self.held_by(&by_request).map(|(request, lookup)| (request.uuid(), lookup));
        unit.keep_met_by(lookups.collect()).await?;
        let met = unit.met(by_request.iter().map(|(request, _)| request.uuid()).collect()).await?;
        for (erasure, _) in people {
            let (back, why) = match met.get(&erasure.request) {
                Some(holds) => (Back::Held, listed(holds)),
                None => (Back::Found, String::new()),
            };
            unit.mark(run, *erasure, back, &why).await?;
        }
        unit.commit().await?;
        Ok(met)
    }

    /// What holds meet these people by.
    fn held_by(&self, people: &[(RequestId, Vec<HeldKey>)]) -> impl Iterator<Item = (RequestId, Vec<u8>)> {
        people.iter().flat_map(|(request, keys)| {
            let keys = keys.iter().map(|key| self.held_key_lookup(key));
            keys.chain([self.held_request_lookup(*request)]).map(|lookup| (*request, lookup))
        })
    }
}

/// Holds as the list of people names them.
fn listed(holds: &BTreeSet<HoldId>) -> String {
    holds.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl Unit<'_> {
    /// Whose person is being erased again at this moment, in a store that was restored.
    pub(crate) async fn being_erased_again(
        &self,
        requests: impl IntoIterator<Item = RequestId>,
    ) -> Result<BTreeSet<RequestId>, LedgerError> {
        let live = store_closing::Entity::find()
            .select_only()
            .column(store_closing::Column::ClosedStore)
            .filter(store_closing::Column::ClosedStore.is_not_null())
            .filter(is_under_way(self.backend()))
            .into_query();
        let found: Vec<Uuid> = erasure::Entity::find()
            .select_only()
            .column(erasure::Column::RequestId)
            .filter(among(erasure::Column::RequestId, requests.into_iter().map(TypedId::uuid)))
            .filter(erasure::Column::Back.eq(Back::Found.as_str()))
            .filter(Expr::col(erasure::Column::Store).in_subquery(live))
            .into_tuple()
            .all(&self.tx)
            .await?;
        Ok(found.into_iter().map(RequestId::from_uuid).collect())
    }
}
