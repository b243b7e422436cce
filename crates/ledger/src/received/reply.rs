//! Replies to open and closed requests: each is to be read by staff, and one that takes its request back or disowns it
//! halts what cannot be undone until they have. A reply by itself never ends a request: anybody who holds one of our
//! mails can write one, and whoever needs to stop something must not have to prove who they are first.

use habeas_domain::{
    Actor, ReceivedMailId, RequestId, TypedId,
    audit::AuditEvent,
    received_mail::{ReceivedMailState, ReplyWord},
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, sea_query::SimpleExpr};
use serde_json::json;

use super::row;
use crate::{
    Ledger, LedgerError,
    entity::{received_mail, request},
    unit::Unit,
};

/// Mails that staff have yet to read.
pub(super) fn is_unread() -> SimpleExpr {
    received_mail::Column::UnreadSince.is_not_null()
}

impl Ledger {
    /// Records that staff have read a mail that belongs to a request. What only it held up goes on. Read twice is read.
    pub async fn mail_read(&self, mail: ReceivedMailId, by: Actor) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        let mut row = unit.lock_mail(mail).await?;
        if row::state(&row)? == ReceivedMailState::Proposal || row.request_id.is_none() {
            return Err(LedgerError::NotFound("reply: decide this mail instead"));
        }
        if row.unread_since.is_none() {
            return Ok(());
        }
        let of = settle(&mut row);
        unit.audit_mail(mail, AuditEvent::new("mail-read", by));
        unit.save_mail(row, None).await?;
        unit.go_on_unless_halted(of, by).await?;
        unit.commit().await
    }
}

/// Marks a mail as read in memory. Returns the request that it may have halted, for [`Unit::go_on_unless_halted`].
pub(super) fn settle(row: &mut received_mail::Model) -> Option<RequestId> {
    let was_unread = row.unread_since.take().is_some();
    row.request_id.map(RequestId::from_uuid).filter(|_| was_unread && row.says.is_some())
}

impl Unit<'_> {
    /// Halts what of a request cannot be undone.
    pub(super) fn halt(&mut self, of: &mut request::Model, mail: ReceivedMailId, says: ReplyWord) {
        if of.closed_at.is_some() {
            return;
        }
        of.halted_at = of.halted_at.or(Some(self.stored_now()));
        self.changes.request(of);
        let event = AuditEvent::new("halted", Actor::System).with(json!({ "mail": mail, "says": says }));
        self.audit(RequestId::from_uuid(of.id), event);
    }

    /// Lets a request go on if no unread reply halts it any more. After the mail that was read is written.
    pub(super) async fn go_on_unless_halted(
        &mut self,
        request: Option<RequestId>,
        by: Actor,
    ) -> Result<(), LedgerError> {
        let Some(request) = request else { return Ok(()) };
        let mut requests = self.lock([request]).await?;
        let Some(of) = requests.get_mut(&request).filter(|of| of.halted_at.is_some()) else { return Ok(()) };
        let halting = received_mail::Entity::find()
            .filter(received_mail::Column::RequestId.eq(request.uuid()))
            .filter(is_unread())
            .filter(received_mail::Column::Says.is_not_null());
        if halting.count(&self.tx).await? == 0 {
            of.halted_at = None;
            self.changes.request(of);
            self.audit(request, AuditEvent::new("goes-on", by));
        }
        Ok(())
    }
}
