use std::collections::HashMap;

use chrono::{DateTime, Utc};
use habeas_domain::{
    Actor, EmailAddress, Personal, RequestId, TypedId,
    audit::AuditEvent,
    received_mail::{ReceivedMailEvent, ReplyWord, SenderAuthentication, Verdict},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QueryOrder,
    QuerySelect, sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{FormOrder, MailLease, claim::is_stored, row, writer::writer};
use crate::{
    Ledger, LedgerError,
    among::among,
    clock,
    entity::{received_content, received_mail, request},
    unit::{Unit, chunks},
};

/// What was read of a mail.
#[derive(Debug, Clone)]
pub struct MailReading {
    /// What the mail is taken to be.
    pub verdict: Verdict,
    /// Whether the domain of the sender stands behind it.
    pub authentication: SenderAuthentication,
    /// How that was found, for staff. Kept sealed.
    pub evidence: String,
    /// Its Message-ID, to tell copies by. Kept keyed.
    pub message_id: Option<Personal<String>>,
    /// Its sender, to count answers by. Kept keyed.
    pub sender: Option<EmailAddress>,
    /// Everything that was understood. Kept sealed.
    pub understanding: Personal<Value>,
}

/// What becomes of a mail, and why.
#[derive(Debug, Clone)]
pub enum MailVerdict {
    /// It became this request.
    Taken(RequestId),
    /// It belongs to this request.
    Filed(RequestId),
    /// Staff decide. It speaks of this request, if of one.
    Proposed(Option<RequestId>),
    /// It is kept, and nothing is done.
    SetAside,
    /// It could not be read or acted on.
    Parked,
}

impl MailVerdict {
    pub(super) const fn event(&self) -> ReceivedMailEvent {
        match self {
            Self::Taken(_) => ReceivedMailEvent::Taken,
            Self::Filed(_) => ReceivedMailEvent::Filed,
            Self::Proposed(_) => ReceivedMailEvent::Proposed,
            Self::SetAside => ReceivedMailEvent::SetAside,
            Self::Parked => ReceivedMailEvent::Parked,
        }
    }

    pub(super) const fn request(&self) -> Option<RequestId> {
        match self {
            Self::Taken(request) | Self::Filed(request) => Some(*request),
            Self::Proposed(request) => *request,
            Self::SetAside | Self::Parked => None,
        }
    }
}

/// The decision about one mail that was claimed.
#[derive(Debug, Clone)]
pub struct MailDecision {
    /// The lease under which it was read.
    pub lease: MailLease,
    /// What becomes of it.
    pub verdict: MailVerdict,
    /// Why, in words for staff that hold nothing of the person.
    pub reason: String,
    /// What was read; nothing if it could not be.
    pub reading: Option<MailReading>,
    /// Whether the sender is written to because of it. Counts toward the limit of answers.
    pub answers: bool,
    /// Whether it wants answers about its request to go to another address: that is refused, and told to the address that
    /// stays.
    pub wants_other_address: bool,
    /// The answer with the address of the form, if the sender gets one.
    pub form: Option<FormOrder>,
    /// What staff are told of it beside its verdict.
    pub for_staff: ForStaff,
}

/// What staff are told of a mail beside its verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ForStaff {
    /// Whether a person wrote it, so that staff are to read it where it belongs to a request.
    pub to_read: bool,
    /// What it says of the request it belongs to.
    pub says: Option<ReplyWord>,
    /// The end of the last day for an answer, if it turns out to be a request.
    pub due_at: Option<DateTime<Utc>>,
}

/// A reading as it is sealed.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SealedReading {
    pub(super) understanding: Value,
    pub(super) evidence: String,
}

impl Ledger {
    /// Records decisions, each under its lease. Returns the leases that still held; the others wrote nothing.
    /// An answer with the address of the form that is one too many for its sender is left out.
    pub async fn decide_mails(
        &self,
        mut decisions: Vec<MailDecision>,
    ) -> Result<Vec<MailLease>, LedgerError> {
        let mut unit = self.begin().await?;
        unit.within_limits(&mut decisions).await?;
        let mut requests =
            unit.lock(decisions.iter().filter_map(|decision| decision.verdict.request())).await?;
        let mut held_leases = Vec::with_capacity(decisions.len());
        let mut found = unit.held_mails(&decisions).await?;
        let (mut rows, mut readings) = (Vec::new(), Vec::new());
        for decision in decisions {
            let Some(row) = found.remove(&decision.lease) else {
                tracing::warn!(mail = %decision.lease.mail, "a stale lease: what was decided about a mail was not written");
                metrics::counter!("habeas_stale_writes_refused_total").increment(1);
                continue;
            };
            held_leases.push(decision.lease);
            let of = decision.verdict.request().and_then(|request| requests.get(&request));
            let (row, reading) = unit.decide(row, &decision, of)?;
            if let Some(order) = &decision.form {
                unit.order_form(&row, order).await?;
            }
            let of = decision.verdict.request().and_then(|request| requests.get_mut(&request));
            if let (Some(of), Some(says), true) = (of, decision.for_staff.says, row.unread_since.is_some()) {
                unit.halt(of, row::id(&row), says);
            }
            rows.push(row.into_active_model().reset_all());
            readings.extend(reading);
        }
        for rows in chunks(rows) {
            let all = OnConflict::column(received_mail::Column::Id)
                .update_columns(received_mail::Column::iter())
                .to_owned();
            received_mail::Entity::insert_many(rows)
                .on_conflict(all)
                .exec_without_returning(&unit.tx)
                .await?;
        }
        for readings in chunks(readings) {
            let reading = OnConflict::column(received_content::Column::MailId)
                .update_column(received_content::Column::Reading)
                .to_owned();
            received_content::Entity::insert_many(readings)
                .on_conflict(reading)
                .exec_without_returning(&unit.tx)
                .await?;
        }
        unit.commit().await?;
        Ok(held_leases)
    }
}

impl Unit<'_> {
    /// The mails whose leases still hold, locked in the order of their ids.
    async fn held_mails(
        &self,
        decisions: &[MailDecision],
    ) -> Result<HashMap<MailLease, received_mail::Model>, LedgerError> {
        let rows = received_mail::Entity::find()
            .filter(is_stored())
            .filter(among(received_mail::Column::Id, decisions.iter().map(|one| one.lease.mail.uuid())))
            .order_by_asc(received_mail::Column::Id)
            .lock_exclusive()
            .all(&self.tx)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (MailLease { mail: row::id(&row), epoch: row.lease_epoch }, row))
            .collect())
    }

    fn decide(
        &mut self,
        mut row: received_mail::Model,
        decision: &MailDecision,
        of: Option<&request::Model>,
    ) -> Result<(received_mail::Model, Option<received_content::ActiveModel>), LedgerError> {
        let now = self.stored_now();
        row::step(&mut row, decision.verdict.event())?;
        row.reason = Some(decision.reason.clone());
        row.request_id = decision.verdict.request().map(TypedId::uuid);
        row.lease_until = None;
        row.written_by = None;
        row.decided_at = Some(now);
        let for_staff = decision.for_staff;
        let is_reply = matches!(decision.verdict, MailVerdict::Filed(_) | MailVerdict::Proposed(Some(_)));
        row.unread_since = (is_reply && for_staff.to_read).then_some(now);
        row.says = for_staff.says.filter(|_| row.unread_since.is_some()).map(|says| says.as_str().to_owned());
        let waits = matches!(decision.verdict, MailVerdict::Proposed(_) | MailVerdict::Parked);
        row.due_told_at = None;
        row.due_at = for_staff.due_at.filter(|_| waits).map(clock::stored);
        if decision.answers || decision.form.is_some() {
            row.answered_at = Some(now);
        }
        let reading = match &decision.reading {
            None => {
                row.verdict = Some(Verdict::Parked.as_str().to_owned());
                None
            }
            Some(reading) => Some(self.add_reading(&mut row, reading)?),
        };
        if let Some(request) = decision.verdict.request() {
            row.written_by = of.and_then(|of| writer(&row, of)).map(|writer| writer.as_str().to_owned());
            let word = match decision.verdict {
                MailVerdict::Taken(_) => "mail-taken",
                MailVerdict::Proposed(_) => "mail-proposed",
                _ => "mail-filed",
            };
            self.audit(request, AuditEvent::new(word, Actor::System).with(evidence_of(&row)));
            if let Some(of) = of.filter(|_| decision.wants_other_address) {
                self.refuse_address(
                    of,
                    Actor::System,
                    &json!({ "mail": row.id, "written_by": row.written_by }),
                )?;
            }
        }
        Ok((row, reading))
    }

    fn add_reading(
        &self,
        row: &mut received_mail::Model,
        reading: &MailReading,
    ) -> Result<received_content::ActiveModel, LedgerError> {
        let vault = self.ledger.vault();
        row.verdict = Some(reading.verdict.as_str().to_owned());
        row.authentication = Some(reading.authentication.as_str().to_owned());
        row.message_lookup = reading.message_id.as_ref().map(|id| self.ledger.message_lookup(id));
        row.sender_lookup = reading.sender.as_ref().map(|sender| self.ledger.subject_lookup(sender));
        let sealed = SealedReading {
            understanding: reading.understanding.expose().clone(),
            evidence: reading.evidence.clone(),
        };
        let sealed = vault.seal_json(&row::key(vault, row)?, &row::reading(row::id(row)), &sealed)?;
        Ok(received_content::ActiveModel {
            mail_id: Set(row.id),
            raw: Set(None),
            reading: Set(Some(sealed)),
            header: Set(None),
        })
    }
}

/// What the audit trail of a request keeps of a mail.
pub(super) fn evidence_of(row: &received_mail::Model) -> Value {
    json!({
        "mail": row.id, "verdict": row.verdict, "authentication": row.authentication,
        "written_by": row.written_by,
    })
}
