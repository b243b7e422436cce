//! What staff do with a mail. Every mail has an audit chain of its own under its id, beside that of its request.

use habeas_domain::{
    Actor, ReceivedMailId, RequestId, TypedId,
    audit::AuditEvent,
    received_mail::{ReceivedMailEvent, ReceivedMailState},
    text::FreeText,
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::json;

use super::{decide::evidence_of, reply, row, writer::writer};
use crate::{Ledger, LedgerError, entity::received_mail, unit::Unit};

impl Ledger {
    /// Fails unless staff can still take this mail as a request.
    pub async fn may_accept_mail(&self, mail: ReceivedMailId) -> Result<(), LedgerError> {
        let row = received_mail::Entity::find_by_id(mail.uuid()).one(self.db()).await?;
        let state = row::state(&row.ok_or(LedgerError::NotFound("mail"))?)?;
        if state == ReceivedMailState::Stored {
            // Its reader may be about to take it.
            return Err(state
                .after(ReceivedMailEvent::ReadAgain)
                .err()
                .map_or(LedgerError::NotFound("mail"), Into::into));
        }
        state.after(ReceivedMailEvent::Taken)?;
        Ok(())
    }

    /// Records that a mail became `request` by a decision of staff.
    pub async fn accept_mail(
        &self,
        mail: ReceivedMailId,
        request: RequestId,
        by: Actor,
    ) -> Result<(), LedgerError> {
        self.put_with(mail, request, by, ReceivedMailEvent::Taken, ("taken by staff", "mail-taken")).await
    }

    /// Puts a mail with a request that is there already. It is shown there and changes nothing by itself.
    pub async fn file_mail(
        &self,
        mail: ReceivedMailId,
        request: RequestId,
        by: Actor,
    ) -> Result<(), LedgerError> {
        self.put_with(mail, request, by, ReceivedMailEvent::Filed, ("filed by staff", "mail-filed")).await
    }

    async fn put_with(
        &self,
        mail: ReceivedMailId,
        request: RequestId,
        by: Actor,
        event: ReceivedMailEvent,
        (reason, word): (&str, &'static str),
    ) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        let requests = unit.lock([request]).await?;
        let of = requests.get(&request).ok_or(LedgerError::NotFound("request"))?;
        let mut row = unit.lock_mail(mail).await?;
        row::step(&mut row, event)?;
        let halted = reply::settle(&mut row);
        row.request_id = Some(request.uuid());
        row.written_by = writer(&row, of).map(|writer| writer.as_str().to_owned());
        unit.audit(request, AuditEvent::new(word, by).with(evidence_of(&row)));
        unit.audit_mail(mail, AuditEvent::new(word, by).with(json!({ "request": request })));
        unit.save_mail(row, Some(reason)).await?;
        unit.go_on_unless_halted(halted, by).await?;
        unit.commit().await
    }

    /// Sets a mail aside. The reason is kept sealed: people write names into reasons.
    pub async fn dismiss_mail(
        &self,
        mail: ReceivedMailId,
        reason: &FreeText,
        by: Actor,
    ) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        let mut row = unit.lock_mail(mail).await?;
        row::step(&mut row, ReceivedMailEvent::SetAside)?;
        // Of what is erased nothing can be sealed any more, and it is set aside all the same.
        if row.wrapped_key.is_some() {
            let key = row::key(self.vault(), &row)?;
            row.note = Some(self.vault().seal(&key, &row::note(mail), reason.as_str().as_bytes())?);
        }
        let halted = reply::settle(&mut row);
        unit.audit_mail(mail, AuditEvent::new("mail-dismissed", by));
        unit.save_mail(row, Some("dismissed by staff")).await?;
        unit.go_on_unless_halted(halted, by).await?;
        unit.commit().await
    }

    /// Has a mail read again, by the rules as they are now.
    pub async fn read_mail_again(&self, mail: ReceivedMailId, by: Actor) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        let mut row = unit.lock_mail(mail).await?;
        if row.digest.is_none() {
            return Err(LedgerError::NotFound("copy of this mail: it was left in its mailbox"));
        }
        row::key(self.vault(), &row)?;
        row::step(&mut row, ReceivedMailEvent::ReadAgain)?;
        let halted = reply::settle(&mut row);
        row.attempts = 0;
        row.put_off = None;
        row.next_attempt_at = 0;
        row.lease_epoch += 1;
        row.lease_until = None;
        unit.audit_mail(mail, AuditEvent::new("mail-read-again", by));
        unit.save_mail(row, None).await?;
        unit.go_on_unless_halted(halted, by).await?;
        unit.commit().await
    }

    /// Records, before anything is shown, that `by` sees what is in a mail: `what` names the part.
    pub async fn mail_seen(
        &self,
        mail: ReceivedMailId,
        by: Actor,
        what: &'static str,
    ) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        let row = unit.lock_mail(mail).await?;
        let seen = || AuditEvent::new("mail-seen", by).with(json!({ "mail": mail, "what": what }));
        if let Some(request) = row.request_id.map(RequestId::from_uuid) {
            unit.lock([request]).await?;
            unit.audit(request, seen());
        }
        unit.audit_mail(mail, seen());
        unit.commit().await
    }
}

impl Unit<'_> {
    /// An entry in the mail's own chain.
    pub(super) fn audit_mail(&mut self, mail: ReceivedMailId, event: AuditEvent) {
        self.audit(RequestId::from_uuid(mail.uuid()), event);
    }

    pub(super) async fn save_mail(
        &self,
        mut row: received_mail::Model,
        reason: Option<&str>,
    ) -> Result<(), LedgerError> {
        if let Some(reason) = reason {
            row.reason = Some(reason.to_owned());
            row.decided_at = Some(self.stored_now());
        }
        received_mail::Entity::update(row.into_active_model().reset_all()).exec(&self.tx).await?;
        Ok(())
    }
}
