use chrono::{DateTime, Utc};
use habeas_domain::received_mail::ReceivedMailState;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use crate::{
    Ledger, LedgerError, clock,
    entity::{received_content, received_mail},
    unit::Unit,
};

impl Ledger {
    /// Destroys the data keys, and everything personal with them, of up to `limit` mails that were set aside or parked
    /// before `before`. Mails of a request go with it; what waits for staff stays. Returns how many.
    pub async fn purge_mails(&self, before: DateTime<Utc>, limit: u64) -> Result<u64, LedgerError> {
        use received_mail::Column as C;
        let over = [ReceivedMailState::Ignored, ReceivedMailState::Parked].map(ReceivedMailState::as_str);
        let due: Vec<Uuid> = received_mail::Entity::find()
            .select_only()
            .column(C::Id)
            .filter(C::WrappedKey.is_not_null())
            .filter(C::DecidedAt.lt(clock::stored(before)))
            .filter(C::State.is_in(over))
            .order_by_asc(C::DecidedAt)
            .limit(limit)
            .into_tuple()
            .all(self.db())
            .await?;
        if due.is_empty() {
            return Ok(0);
        }
        let count = due.len() as u64;
        let unit = self.begin().await?;
        unit.erase_mails(Condition::all().add(C::Id.is_in(due)).add(C::State.is_in(over))).await?;
        unit.commit().await?;
        Ok(count)
    }
}

impl Unit<'_> {
    /// Destroys what is personal of these mails. The pseudonyms stay as long as the record: they keep a mail from being
    /// taken twice. What waits for staff stays until they have decided.
    pub(crate) async fn erase_mails(&self, which: Condition) -> Result<(), LedgerError> {
        use received_mail::Column as C;
        let ids: Vec<Uuid> = received_mail::Entity::update_many()
            .col_expr(C::WrappedKey, Expr::value(Option::<Vec<u8>>::None))
            .col_expr(C::Note, Expr::value(Option::<Vec<u8>>::None))
            .filter(which)
            .filter(C::State.ne(ReceivedMailState::Proposal.as_str()))
            .exec_with_returning(&self.tx)
            .await?
            .into_iter()
            .map(|row| row.id)
            .collect();
        received_content::Entity::delete_many()
            .filter(received_content::Column::MailId.is_in(ids))
            .exec(&self.tx)
            .await?;
        Ok(())
    }
}
