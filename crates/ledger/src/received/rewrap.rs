use habeas_domain::{ReceivedMailId, TypedId};
use habeas_vault::WrappedKey;
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Func, SimpleExpr},
};

use super::row;
use crate::{Ledger, LedgerError, entity::received_mail};

/// What one step of rewrapping the keys of mails did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RewrappedMails {
    /// Keys that are under the active wrapping key now.
    pub done: u64,
    /// Keys that the ring cannot unwrap, because it lacks their wrapping key or they were altered.
    pub failed: u64,
    /// Where the next step goes on; nothing when this was the last.
    pub next: Option<ReceivedMailId>,
}

/// The wrapping key that a stored key names: its bytes 2 to 9.
fn wrapped_by() -> SimpleExpr {
    let column = Expr::col(received_mail::Column::WrappedKey);
    Expr::expr(Func::cust("substr").arg(column).arg(2).arg(8))
}

impl Ledger {
    /// Puts the keys of up to `limit` mails under the active wrapping key, those behind `after` first. A key that was
    /// destroyed in the meantime stays so.
    pub async fn rewrap_mails(
        &self,
        after: Option<ReceivedMailId>,
        limit: u64,
    ) -> Result<RewrappedMails, LedgerError> {
        let active = self.vault().active_wrapping_key().as_bytes().to_vec();
        let due = received_mail::Entity::find()
            .filter(received_mail::Column::WrappedKey.is_not_null())
            .filter(wrapped_by().ne(active))
            .filter(received_mail::Column::Id.gt(after.map_or_else(uuid::Uuid::nil, TypedId::uuid)))
            .order_by_asc(received_mail::Column::Id)
            .limit(limit)
            .all(self.db())
            .await?;
        let is_last = (due.len() as u64) < limit;
        let next = due.last().map(row::id).filter(|_| !is_last);
        let mut rewrapped = RewrappedMails { next, ..RewrappedMails::default() };
        let unit = self.begin().await?;
        for row in due {
            let Some(wrapped) = &row.wrapped_key else { continue };
            let owner = row::owner(row::id(&row));
            let fresh =
                WrappedKey::from_bytes(wrapped).and_then(|wrapped| self.vault().rewrap(&wrapped, &owner));
            let Ok(fresh) = fresh else {
                rewrapped.failed += 1;
                continue;
            };
            received_mail::Entity::update_many()
                .col_expr(received_mail::Column::WrappedKey, Expr::value(fresh.to_bytes()))
                .filter(received_mail::Column::Id.eq(row.id))
                .filter(received_mail::Column::WrappedKey.eq(wrapped.clone()))
                .exec(&unit.tx)
                .await?;
            rewrapped.done += 1;
        }
        unit.commit().await?;
        Ok(rewrapped)
    }

    /// How many keys of mails each wrapping key wraps.
    pub(crate) async fn mail_wrapping_keys(&self) -> Result<Vec<(Vec<u8>, i64)>, LedgerError> {
        Ok(received_mail::Entity::find()
            .select_only()
            .expr_as(wrapped_by(), "wrapped_by")
            .expr_as(Expr::col(received_mail::Column::Id).count(), "keys")
            .filter(received_mail::Column::WrappedKey.is_not_null())
            .group_by(Expr::col("wrapped_by"))
            .into_tuple()
            .all(self.db())
            .await?)
    }
}
