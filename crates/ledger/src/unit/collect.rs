//! What a transaction collects while it goes on: work, announcements, mails and entries of the audit trail.

use habeas_domain::{
    Letter, MailId, MessageId, RequestId, TypedId, WorkId, WorkKind, WorkState, audit::AuditEvent,
};
use habeas_messages::{Announcement, queues};
use sea_orm::ActiveValue::Set;

use super::{NewWork, Unit};
use crate::{
    LedgerError, Outgoing, clock,
    entity::{mail, request, work},
    mail::MailState,
    sealed,
};

impl Unit<'_> {
    pub(crate) fn audit(&mut self, request: RequestId, event: AuditEvent) {
        self.audits.push((request, event));
    }

    /// Makes a piece of work and, if it is due now, announces it.
    pub(crate) fn work(&mut self, new: &NewWork) {
        let id: WorkId = self.ledger.ids().fresh();
        let queue = queues::for_work(new.kind, new.store.as_ref());
        if new.not_before.is_none() {
            self.outgoing.push(Outgoing {
                id: self.ledger.ids().fresh::<MessageId>(),
                queue: queue.clone(),
                body: Announcement::new(new.kind, id, new.request).encode(),
                correlation: None,
            });
        }
        self.works.push(work::ActiveModel {
            id: Set(id.uuid()),
            kind: Set(new.kind.as_str().to_owned()),
            queue: Set(queue),
            request_id: Set(new.request.uuid()),
            job_id: Set(new.job.map(TypedId::uuid)),
            target_id: Set(new.target),
            store: Set(new.store.as_ref().map_or_else(String::new, ToString::to_string)),
            state: Set(WorkState::Waiting.as_str().to_owned()),
            attempts: Set(0),
            next_attempt_at: Set(new.not_before.map_or(0, clock::stored)),
            lease_epoch: Set(0),
            lease_until: Set(None),
            worker: Set(None),
            entered: Set(false),
            fault_code: Set(None),
            fault_detail: Set(None),
            created_at: Set(self.stored_now()),
            finished_at: Set(None),
            throttled_since: Set(None),
        });
    }

    /// Publishes an answer that is not about work, such as a reply to the publisher of a submission.
    pub(crate) fn answer(&mut self, queue: String, body: String, correlation: Option<String>) {
        let id = self.ledger.ids().fresh::<MessageId>();
        self.outgoing.push(Outgoing { id, queue, body, correlation });
    }

    /// Announces work that exists already.
    pub(crate) fn announce(&mut self, row: &work::Model, kind: WorkKind) {
        let message =
            Announcement::new(kind, WorkId::from_uuid(row.id), RequestId::from_uuid(row.request_id));
        self.answer(row.queue.clone(), message.encode(), None);
    }

    /// The same, also where the notice was ordered before in this very transaction.
    pub(crate) fn mail_once(
        &mut self,
        of: &request::Model,
        recipient: &str,
        letter: &Letter,
        dedupe: String,
    ) -> Result<(), LedgerError> {
        if self.mails.iter().any(|row| row.dedupe.try_as_ref() == Some(&dedupe)) {
            return Ok(());
        }
        self.mail(of, None, recipient, letter, dedupe)
    }

    /// Orders a mail to `recipient`. `dedupe` names the notice: a second order of the same notice is ignored.
    pub(crate) fn mail(
        &mut self,
        of: &request::Model,
        job: Option<habeas_domain::JobId>,
        recipient: &str,
        letter: &Letter,
        dedupe: String,
    ) -> Result<(), LedgerError> {
        let request = RequestId::from_uuid(of.id);
        let id: MailId = self.ledger.ids().fresh();
        let key = sealed::key(self.ledger.vault(), of)?;
        let vault = self.ledger.vault();
        self.mails.push(mail::ActiveModel {
            id: Set(id.uuid()),
            request_id: Set(of.id),
            job_id: Set(job.map(TypedId::uuid)),
            kind: Set(letter.kind().to_owned()),
            dedupe: Set(dedupe),
            state: Set(MailState::Waiting.as_str().to_owned()),
            recipient: Set(Some(vault.seal(&key, &sealed::recipient(id), recipient.as_bytes())?)),
            letter: Set(Some(vault.seal_json(&key, &sealed::letter(id), letter)?)),
            created_at: Set(self.stored_now()),
            sent_at: Set(None),
            undelivered_at: Set(None),
            undelivered_status: Set(None),
            undelivered_for_good: Set(false),
        });
        self.work(&NewWork {
            kind: WorkKind::Mail,
            request,
            job,
            target: id.uuid(),
            store: None,
            not_before: None,
        });
        Ok(())
    }
}
