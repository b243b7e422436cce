use chrono::{DateTime, Utc};
use habeas_domain::received_mail::ReceivedMailState;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait, Query},
};
use uuid::Uuid;

use super::reply::is_unread;
use crate::{
    Ledger, LedgerError, clock,
    entity::{received_content, received_mail, request},
    unit::Unit,
};

impl Ledger {
    /// Destroys the data keys, and everything personal with them, of up to `limit` mails that became nothing and were set
    /// aside or parked before `before`. What waits for staff to decide stays. Returns how many.
    pub async fn purge_mails(&self, before: DateTime<Utc>, limit: u64) -> Result<u64, LedgerError> {
        use received_mail::Column as C;
        let over = [ReceivedMailState::Ignored, ReceivedMailState::Parked].map(ReceivedMailState::as_str);
        let due = received_mail::Entity::find()
            .filter(C::DecidedAt.lt(clock::stored(before)))
            .filter(C::State.is_in(over))
            .order_by_asc(C::DecidedAt);
        self.erase_due_mails(due, Condition::all().add(C::State.is_in(over)), limit).await
    }

    /// The same of up to `limit` mails of requests that are erased: most go with their request, and these came, or were
    /// put there, afterwards. What staff have yet to read stays until `unread_before`. Returns how many.
    pub async fn purge_late_mails(
        &self,
        unread_before: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, LedgerError> {
        use received_mail::Column as C;
        let with_request =
            [ReceivedMailState::Filed, ReceivedMailState::Request].map(ReceivedMailState::as_str);
        let of = Expr::col((request::Entity, request::Column::Id));
        let erased = Query::select()
            .expr(Expr::value(1))
            .from(request::Entity)
            .and_where(of.eq(Expr::col((received_mail::Entity, C::RequestId))))
            .and_where(request::Column::WrappedKey.is_null())
            .to_owned();
        let seen = Condition::any().add(is_unread().not()).add(C::DecidedAt.lt(clock::stored(unread_before)));
        let due = received_mail::Entity::find()
            .filter(C::State.is_in(with_request))
            .filter(seen.clone())
            .filter(Expr::exists(erased))
            .order_by_asc(C::Id);
        self.erase_due_mails(due, Condition::all().add(C::State.is_in(with_request)).add(seen), limit).await
    }

    async fn erase_due_mails(
        &self,
        due: Select<received_mail::Entity>,
        still: Condition,
        limit: u64,
    ) -> Result<u64, LedgerError> {
        use received_mail::Column as C;
        let due: Vec<Uuid> = due
            .select_only()
            .column(C::Id)
            .filter(C::WrappedKey.is_not_null())
            .limit(limit)
            .into_tuple()
            .all(self.db())
            .await?;
        if due.is_empty() {
            return Ok(0);
        }
        let count = due.len() as u64;
        let unit = self.begin().await?;
        unit.erase_mails(still.add(C::Id.is_in(due))).await?;
        unit.commit().await?;
        Ok(count)
    }
}

impl Unit<'_> {
    /// The same of the mails of these requests, which are erased. What staff have yet to read stays until they have:
    /// [`Ledger::purge_late_mails`] takes it then.
    pub(crate) async fn erase_mails_of(
        &self,
        requests: impl IntoIterator<Item = Uuid>,
    ) -> Result<(), LedgerError> {
        let theirs = received_mail::Column::RequestId.is_in(requests);
        self.erase_mails(Condition::all().add(theirs).add(is_unread().not())).await
    }

    /// Destroys what is personal of these mails. The pseudonyms stay as long as the record: they keep a mail from being
    /// taken twice. What waits for staff stays until they have decided.
    async fn erase_mails(&self, which: Condition) -> Result<(), LedgerError> {
        use received_mail::Column as C;
        let ids: Vec<Uuid> = received_mail::Entity::update_many()
            .col_expr(C::WrappedKey, Expr::value(Option::<Vec<u8>>::None))
            .col_expr(C::Note, Expr::value(Option::<Vec<u8>>::None))
            .col_expr(C::UnreadSince, Expr::value(Option::<i64>::None))
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
