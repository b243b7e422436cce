//! Mails that wait for staff and have no last day yet: those that were left where they are, of which no worker decides. One
//! of them may be a request all the same, and must not run past its date in silence.

use chrono::{DateTime, Utc};
use habeas_domain::{ReceivedMailId, TypedId};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::waiting::is_undecided;
use crate::{Ledger, LedgerError, clock, entity::received_mail};

/// How many are asked for at once.
const MOST: u64 = 200;

impl Ledger {
    /// Mails that wait for staff and have no last day yet, up to 200, each with when it reached the company.
    pub async fn undated_mails(&self) -> Result<Vec<(ReceivedMailId, DateTime<Utc>)>, LedgerError> {
        use received_mail::Column as C;
        let rows: Vec<(Uuid, i64)> = received_mail::Entity::find()
            .select_only()
            .columns([C::Id, C::ReceivedAt])
            .filter(is_undecided())
            .filter(Expr::cust("due_at IS NULL AND wrapped_key IS NOT NULL"))
            .order_by_asc(C::Id)
            .limit(MOST)
            .into_tuple()
            .all(self.db())
            .await?;
        Ok(rows.into_iter().map(|(id, at)| (ReceivedMailId::from_uuid(id), clock::moment(at))).collect())
    }

    /// Gives such a mail its last day, unless it has one by now or waits no more.
    pub async fn date_mail(&self, mail: ReceivedMailId, due_at: DateTime<Utc>) -> Result<(), LedgerError> {
        use received_mail::Column as C;
        received_mail::Entity::update_many()
            .col_expr(C::DueAt, Expr::value(clock::stored(due_at)))
            .filter(C::Id.eq(mail.uuid()).and(C::DueAt.is_null()))
            .filter(is_undecided())
            .exec(self.db())
            .await?;
        Ok(())
    }
}
