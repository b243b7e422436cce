//! Many mails at once, by what they have in common.

use habeas_domain::{Actor, ReceivedMailId, TypedId, received_mail::ReceivedMailState, text::FreeText};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::ReceivedMailFilter;
use crate::{Ledger, LedgerError, entity::received_mail};

/// How many mails one step takes.
pub const MOST_MAILS_AT_ONCE: u64 = 500;

/// What is done to many mails.
#[derive(Debug, Clone, Copy)]
pub enum ManyMails<'r> {
    /// Those that wait for staff are set aside, for this reason.
    Dismiss(&'r FreeText),
    /// Those that are parked here, whole, are read again.
    ReadAgain,
}

impl ManyMails<'_> {
    /// Which mails it can be done to. A mail that belongs to a request is looked at by itself: it may hold that request up.
    fn condition(self) -> Condition {
        use received_mail::Column as C;
        let (states, whole): (&[ReceivedMailState], _) = match self {
            Self::Dismiss(_) => (&[ReceivedMailState::Proposal, ReceivedMailState::Parked], None),
            Self::ReadAgain => (
                &[ReceivedMailState::Parked],
                Some(Condition::all().add(C::Digest.is_not_null()).add(C::WrappedKey.is_not_null())),
            ),
        };
        Condition::all()
            .add(C::State.is_in(states.iter().map(|state| state.as_str())))
            .add(C::RequestId.is_null())
            .add_option(whole)
    }
}

impl Ledger {
    /// How many mails something would be done to.
    pub async fn count_mails_for(
        &self,
        what: ManyMails<'_>,
        filter: &ReceivedMailFilter,
    ) -> Result<u64, LedgerError> {
        let which = received_mail::Entity::find().filter(filter.condition()).filter(what.condition());
        Ok(which.count(self.db()).await?)
    }

    /// Does it to up to [`MOST_MAILS_AT_ONCE`] of them, the oldest first, each in a transaction of its own and with an entry
    /// in its own chain. Returns how many it was done to; one that somebody else decided meanwhile is passed over.
    pub async fn do_to_mails(
        &self,
        what: ManyMails<'_>,
        filter: &ReceivedMailFilter,
        by: Actor,
    ) -> Result<u64, LedgerError> {
        let ids: Vec<Uuid> = received_mail::Entity::find()
            .select_only()
            .column(received_mail::Column::Id)
            .filter(filter.condition())
            .filter(what.condition())
            .order_by_asc(received_mail::Column::Id)
            .limit(MOST_MAILS_AT_ONCE)
            .into_tuple()
            .all(self.db())
            .await?;
        let mut done = 0;
        for id in ids.into_iter().map(ReceivedMailId::from_uuid) {
            let result = match what {
                ManyMails::Dismiss(reason) => self.dismiss_mail(id, reason, by).await,
                ManyMails::ReadAgain => self.read_mail_again(id, by).await,
            };
            match result {
                Ok(()) => done += 1,
                Err(LedgerError::Illegal(_) | LedgerError::Erased | LedgerError::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }
}
