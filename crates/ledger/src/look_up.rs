//! Looking up in the stores while nobody waits for it: no page is slower or fails for whom they know.

use std::collections::HashMap;

use chrono::TimeDelta;
use habeas_domain::{Personal, RequestId, TypedId, WorkId, WorkKind};
use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::{
    Claimed, Ledger, LedgerError, OpenRequest,
    among::among,
    clock,
    entity::verification_step as step,
    sealed,
    unit::{NewWork, Unit},
};

/// How long what somebody named is kept at most. Whoever waited longer names it again.
const KEPT: TimeDelta = TimeDelta::days(7);

impl Ledger {
    /// Orders that what the person of a request named is looked up. It is kept sealed until then.
    pub async fn order_look_up(
        &self,
        request: RequestId,
        named: &Personal<String>,
    ) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        let requests = unit.lock([request]).await?;
        let row = requests.get(&request).ok_or(LedgerError::NotFound("request"))?;
        let secret = self.vault().seal_json(
            &sealed::key(self.vault(), row)?,
            &sealed::named(request),
            named.expose(),
        )?;
        let target = unit.look_up(request);
        let kept = step::ActiveModel {
            id: Set(target),
            request_id: Set(row.id),
            method: Set(format!("named/{target}")),
            secret: Set(secret),
            created_at: Set(unit.stored_now()),
            ends_at: Set(clock::stored(self.ids().now() + KEPT)),
        };
        step::Entity::insert(kept).exec_without_returning(&unit.tx).await?;
        unit.commit().await
    }

    /// What was named for these pieces of work, which are about these requests. Work that is not here is about the guardian of
    /// a child, or too old.
    pub async fn named(
        &self,
        claimed: &[Claimed],
        of: &HashMap<RequestId, OpenRequest>,
    ) -> Result<HashMap<WorkId, Personal<String>>, LedgerError> {
        let kept = step::Entity::find()
            .filter(among(step::Column::Id, claimed.iter().map(|one| one.target)))
            .all(self.db())
            .await?;
        let mut named = HashMap::with_capacity(kept.len());
        for one in claimed {
            let row = kept.iter().find(|row| row.id == one.target);
            let (Some(row), Some(of)) = (row, of.get(&one.request)) else { continue };
            let text = self.vault().open_json(&of.key, &sealed::named(one.request), &row.secret)?;
            named.insert(one.lease.work, text);
        }
        Ok(named)
    }

    /// Finishes look-ups, and forgets what was named.
    pub async fn looked_up(&self, done: &[Claimed]) -> Result<(), LedgerError> {
        let unit = self.begin().await?;
        unit.hold(done.iter().map(|one| one.request)).await?;
        let leases: Vec<_> = done.iter().map(|one| one.lease).collect();
        let targets: Vec<Uuid> = unit.finish(&leases).await?.into_iter().map(|row| row.target_id).collect();
        if !targets.is_empty() {
            step::Entity::delete_many().filter(among(step::Column::Id, targets)).exec(&unit.tx).await?;
        }
        unit.commit().await
    }
}

impl Unit<'_> {
    /// Orders that something is looked up for a request; what it is about.
    pub(crate) fn look_up(&mut self, request: RequestId) -> Uuid {
        let target = self.ledger.ids().fresh::<WorkId>().uuid();
        let kind = WorkKind::LookUp;
        self.work(&NewWork { kind, request, job: None, target, store: None, not_before: None });
        target
    }
}
