use std::time::Duration;

use chrono::{DateTime, Utc};
use habeas_domain::{Personal, ReceivedMailId, TypedId, received_mail::ReceivedMailState};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Expr, SimpleExpr},
};

use super::{WholeMail, leased, row};
use crate::{
    Ledger, LedgerError, clock,
    entity::{received_content, received_mail},
};

/// The right to write about one mail, until somebody else claims it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MailLease {
    /// Which mail.
    pub mail: ReceivedMailId,
    /// The fencing number: every claim raises it by one.
    pub epoch: i64,
}

/// A mail that a worker has just claimed for reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedMail {
    /// The lease on it.
    pub lease: MailLease,
    /// The name of the mailbox it came through.
    pub mailbox: String,
    /// How long it is.
    pub bytes: u64,
    /// When it reached the company.
    pub received_at: DateTime<Utc>,
    /// How often its reading began and did not come to an end, this time included.
    pub attempts: u32,
    /// How often it was put off because something did not answer.
    pub put_off: u32,
}

/// How a mail is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutBack {
    /// Nobody began to read it.
    Untouched,
    /// Something did not answer, which is no fault of the mail.
    PutOff,
    /// It was read in vain.
    Tried,
}

impl ClaimedMail {
    fn read(row: received_mail::Model) -> Self {
        Self {
            lease: MailLease { mail: row::id(&row), epoch: row.lease_epoch },
            bytes: row.bytes.unsigned_abs(),
            received_at: clock::moment(row.received_at),
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            put_off: u32::try_from(row.put_off.unwrap_or_default()).unwrap_or(u32::MAX),
            mailbox: row.mailbox,
        }
    }
}

/// Mails that wait to be read. Written into the statement, so that the partial index over them will do.
pub(super) fn is_stored() -> SimpleExpr {
    Expr::col((received_mail::Entity, received_mail::Column::State))
        .eq(SimpleExpr::Constant(ReceivedMailState::Stored.as_str().into()))
}

/// Still held under exactly this lease.
fn held(lease: MailLease) -> Condition {
    Condition::all()
        .add(is_stored())
        .add(received_mail::Column::Id.eq(lease.mail.uuid()))
        .add(received_mail::Column::LeaseEpoch.eq(lease.epoch))
}

impl Ledger {
    /// Takes a lease on up to `limit` mails that wait to be read, the longest waiting first.
    pub async fn claim_mails(&self, limit: u64, lease: Duration) -> Result<Vec<ClaimedMail>, LedgerError> {
        let rows = leased::claim::<received_mail::Entity>(self.db(), is_stored(), limit, lease).await?;
        let mut claimed: Vec<_> = rows.into_iter().map(ClaimedMail::read).collect();
        claimed.sort_by_key(|mail| mail.lease.mail);
        Ok(claimed)
    }

    /// Prolongs leases, those that are still held: a mail that was put back is not kept from whoever claims it next.
    pub async fn hold_mails(&self, leases: &[MailLease], until: Duration) -> Result<(), LedgerError> {
        let until = clock::now_plus(self.db().get_database_backend(), clock::micros(until));
        let mine = leases.iter().fold(Condition::any(), |any, lease| any.add(held(*lease)));
        received_mail::Entity::update_many()
            .col_expr(received_mail::Column::LeaseUntil, until)
            .filter(mine)
            .filter(received_mail::Column::LeaseUntil.is_not_null())
            .exec(self.db())
            .await?;
        Ok(())
    }

    /// Gives a mail back, to be read again after a while.
    pub async fn put_mail_back(
        &self,
        lease: MailLease,
        after: Duration,
        how: PutBack,
    ) -> Result<(), LedgerError> {
        use received_mail::Column as C;
        let due = clock::now_plus(self.db().get_database_backend(), clock::micros(after));
        received_mail::Entity::update_many()
            .col_expr(C::NextAttemptAt, due)
            .col_expr(C::LeaseUntil, Expr::value(Option::<i64>::None))
            .col_expr(C::Attempts, Expr::col(C::Attempts).sub(i32::from(how != PutBack::Tried)))
            .col_expr(
                C::PutOff,
                Expr::cust(format!("COALESCE(put_off, 0) + {}", i32::from(how == PutBack::PutOff))),
            )
            .filter(held(lease))
            .exec(self.db())
            .await?;
        Ok(())
    }

    /// The bytes of a mail, as they came.
    pub async fn raw_mail(&self, mail: ReceivedMailId) -> Result<Personal<Vec<u8>>, LedgerError> {
        Ok(self.whole_mail(mail).await?.raw)
    }

    /// The bytes of a mail, and how it was handed in.
    pub async fn whole_mail(&self, mail: ReceivedMailId) -> Result<WholeMail, LedgerError> {
        let row = received_mail::Entity::find_by_id(mail.uuid()).one(self.db()).await?;
        let row = row.ok_or(LedgerError::NotFound("mail"))?;
        let key = row::key(self.vault(), &row)?;
        let content = received_content::Entity::find_by_id(mail.uuid()).one(self.db()).await?;
        let raw = content.and_then(|content| content.raw);
        let raw = raw.ok_or(LedgerError::NotFound("copy of this mail: it was left in its mailbox"))?;
        let raw = self.vault().open(&key, &row::raw(mail), &raw)?;
        Ok(WholeMail { raw, delivery: self.delivery(&row, &key)? })
    }
}
