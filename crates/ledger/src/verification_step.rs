//! What a proof that is under way has to keep, such as the answers that are expected: sealed, and gone when it is judged.

use chrono::{DateTime, Utc};
use habeas_domain::{MessageId, Personal, RequestId, RequestState, TypedId, verification::Method};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::{
    Ledger, LedgerError, clock,
    entity::{request, verification_step as step},
    sealed,
    unit::Unit,
};

impl Ledger {
    /// Keeps the secret of a proof by `method` until `ends`. What was kept first stays, so that asking again shows
    /// nothing new. Returns what is kept.
    pub async fn keep_step<T: Serialize + DeserializeOwned>(
        &self,
        request: RequestId,
        method: Method,
        secret: &Personal<T>,
        ends: DateTime<Utc>,
    ) -> Result<Personal<T>, LedgerError> {
        let row = request::Entity::find_by_id(request.uuid()).one(self.db()).await?;
        let row = row.ok_or(LedgerError::NotFound("request"))?;
        let key = sealed::key(self.vault(), &row)?;
        let now = clock::stored(self.ids().now());
        let new = step::ActiveModel {
            id: Set(self.ids().fresh::<MessageId>().uuid()),
            request_id: Set(request.uuid()),
            method: Set(method.as_str().to_owned()),
            secret: Set(self.vault().seal_json(&key, &sealed::step(request, method), secret.expose())?),
            created_at: Set(now),
            ends_at: Set(clock::stored(ends)),
        };
        step::Entity::delete_many()
            .filter(step::Column::RequestId.eq(request.uuid()))
            .filter(step::Column::EndsAt.lte(now))
            .exec(self.db())
            .await?;
        let once =
            OnConflict::columns([step::Column::RequestId, step::Column::Method]).do_nothing().to_owned();
        if row.state == RequestState::AwaitingVerification.as_str() {
            step::Entity::insert_many([new]).on_conflict(once).exec_without_returning(self.db()).await?;
        }
        self.step(request, method).await?.ok_or(LedgerError::NotFound("proof under way"))
    }

    /// What a proof by `method` keeps; nothing if none is under way.
    pub async fn step<T: DeserializeOwned>(
        &self,
        request: RequestId,
        method: Method,
    ) -> Result<Option<Personal<T>>, LedgerError> {
        let kept = step::Entity::find()
            .filter(step::Column::RequestId.eq(request.uuid()))
            .filter(step::Column::Method.eq(method.as_str()))
            .filter(step::Column::EndsAt.gt(clock::stored(self.ids().now())))
            .one(self.db())
            .await?;
        let Some(kept) = kept else { return Ok(None) };
        let row = request::Entity::find_by_id(request.uuid()).one(self.db()).await?;
        let key = sealed::key(self.vault(), &row.ok_or(LedgerError::NotFound("request"))?)?;
        Ok(Some(self.vault().open_json(&key, &sealed::step(request, method), &kept.secret)?))
    }
}

impl Unit<'_> {
    /// Destroys what the proofs of these requests keep.
    pub(crate) async fn drop_steps(
        &self,
        requests: impl IntoIterator<Item = Uuid>,
    ) -> Result<(), LedgerError> {
        step::Entity::delete_many().filter(step::Column::RequestId.is_in(requests)).exec(&self.tx).await?;
        Ok(())
    }
}
