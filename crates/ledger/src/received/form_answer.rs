//! Answers to mails that ask for nothing: ordered in the transaction that decides the mail, and sent afterwards. A mail
//! brings at most one of them, however often it is read.

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, Utc};
use habeas_domain::{
    EmailAddress, Language, MailId, Personal, Retry, TypedId, received_mail::SenderAuthentication,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, OnConflict, SimpleExpr},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{MailDecision, MailReading, leased, row};
use crate::{
    Ledger, LedgerError, clock,
    corrupt::parse,
    entity::{form_answer, received_mail},
    unit::Unit,
};

const WAITING: &str = "waiting";
const SENT: &str = "sent";
const PARKED: &str = "parked";

/// For how long an answer that cannot be opened is put off.
const PUT_OFF: Duration = Duration::from_hours(1);

/// An answer to be sent to the sender of a mail that asks for nothing.
#[derive(Debug, Clone)]
pub struct FormOrder {
    /// Who is written to.
    pub to: EmailAddress,
    /// In which language.
    pub language: Language,
    /// The Message-ID of the mail, without angle brackets, if it had one.
    pub answers: Option<Personal<String>>,
    /// How often the sender may be written to because of mails in 24 hours, this answer included.
    pub most: u64,
}

/// The right to send one answer, until somebody else claims it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FormLease {
    /// Which answer; also the left half of its Message-ID, so that a second sending is the same mail.
    pub answer: MailId,
    /// The fencing number: every claim raises it by one.
    pub epoch: i64,
}

/// An answer that somebody has just claimed for sending.
#[derive(Debug, Clone)]
pub struct FormAnswer {
    /// The lease on it.
    pub lease: FormLease,
    /// The name of the mailbox that the mail came through.
    pub mailbox: String,
    /// Who is written to.
    pub to: Personal<String>,
    /// In which language.
    pub language: Language,
    /// The Message-ID of the mail, without angle brackets, if it had one.
    pub answers: Option<Personal<String>>,
    /// How often it has been claimed, this time included.
    pub attempts: u32,
    /// When it was ordered: the date it bears, however often it is sent.
    pub ordered_at: DateTime<Utc>,
}

/// How sending an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormEnd {
    /// The mail server has taken it.
    Sent,
    /// It was given up.
    Parked,
}

/// As it is sealed.
#[derive(Serialize, Deserialize)]
struct Recipient {
    to: String,
    answers: Option<String>,
}

fn is_waiting() -> SimpleExpr {
    Expr::col((form_answer::Entity, form_answer::Column::State)).eq(SimpleExpr::Constant(WAITING.into()))
}

fn held(lease: FormLease) -> Condition {
    Condition::all()
        .add(is_waiting())
        .add(form_answer::Column::Id.eq(lease.answer.uuid()))
        .add(form_answer::Column::LeaseEpoch.eq(lease.epoch))
}

impl Unit<'_> {
    /// Leaves out the answers of which their senders have had as many as they may, however many are decided at once: one
    /// transaction after another counts and orders those of a sender.
    pub(super) async fn within_limits(&self, decisions: &mut [MailDecision]) -> Result<(), LedgerError> {
        let sender = |order: &FormOrder| self.ledger.subject_lookup(&order.to);
        let senders: Vec<Vec<u8>> =
            decisions.iter().filter_map(|one| one.form.as_ref()).map(sender).collect();
        self.one_after_another(&senders).await?;
        let mut given = HashMap::new();
        for sender in senders {
            for forged in [false, true] {
                let count = self.ledger.answers_in(&self.tx, &sender, forged).await?;
                given.insert((sender.clone(), forged), count);
            }
        }
        for decision in decisions {
            let Some((sender, most)) = decision.form.as_ref().map(|order| (sender(order), order.most)) else {
                continue;
            };
            let unaligned = |reading: &MailReading| reading.authentication == SenderAuthentication::Unaligned;
            let forged = decision.reading.as_ref().is_some_and(unaligned);
            let given = given.entry((sender, forged)).or_default();
            let outcome = if *given < most {
                *given += 1;
                "ordered"
            } else {
                decision.form = None;
                "held-back"
            };
            metrics::counter!("habeas_form_answers_total", "outcome" => outcome).increment(1);
        }
        Ok(())
    }

    /// Orders the answer to a mail, unless it was ordered before.
    pub(super) async fn order_form(
        &self,
        of: &received_mail::Model,
        order: &FormOrder,
    ) -> Result<(), LedgerError> {
        let vault = self.ledger.vault();
        let recipient = Recipient {
            to: order.to.as_str().to_owned(),
            answers: order.answers.as_ref().map(|id| id.expose().clone()),
        };
        let sealed = vault.seal_json(&row::key(vault, of)?, &row::answer_to(row::id(of)), &recipient)?;
        let new = form_answer::ActiveModel {
            id: Set(self.ledger.ids().fresh::<MailId>().uuid()),
            received_id: Set(of.id),
            recipient: Set(Some(sealed)),
            language: Set(order.language.as_str().to_owned()),
            state: Set(WAITING.to_owned()),
            attempts: Set(0),
            next_attempt_at: Set(0),
            lease_epoch: Set(0),
            lease_until: Set(None),
            created_at: Set(self.stored_now()),
            ended_at: Set(None),
        };
        let once = OnConflict::column(form_answer::Column::ReceivedId).do_nothing().to_owned();
        form_answer::Entity::insert(new).on_conflict(once).exec_without_returning(&self.tx).await?;
        Ok(())
    }
}

impl Ledger {
    /// Takes a lease on up to `limit` answers that are due, the longest waiting first. One whose mail was erased
    /// meanwhile is given up.
    pub async fn claim_form_answers(
        &self,
        limit: u64,
        lease: Duration,
    ) -> Result<Vec<FormAnswer>, LedgerError> {
        let rows = leased::claim::<form_answer::Entity>(self.db(), is_waiting(), limit, lease).await?;
        let mails = received_mail::Entity::find()
            .filter(received_mail::Column::Id.is_in(rows.iter().map(|row| row.received_id)))
            .all(self.db())
            .await?;
        let mails: HashMap<Uuid, received_mail::Model> = mails.into_iter().map(|row| (row.id, row)).collect();
        let (mut answers, mut unread) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in rows {
            let lease = FormLease { answer: MailId::from_uuid(row.id), epoch: row.lease_epoch };
            match mails.get(&row.received_id).filter(|mail| mail.wrapped_key.is_some()) {
                Some(mail) => match self.open_answer(&row, lease, mail) {
                    Err(error) if error.retry() == Retry::Never => unread.push((lease, error)),
                    opened => answers.push(opened?),
                },
                None => self.form_ended(lease, FormEnd::Parked).await?,
            }
        }
        for (lease, error) in unread {
            Box::pin(self.not_now(lease, &error)).await?;
        }
        Ok(answers)
    }

    /// Puts off an answer that cannot be opened: it keeps no other from being sent, and waits for its key to be back in the ring.
    async fn not_now(&self, lease: FormLease, error: &LedgerError) -> Result<(), LedgerError> {
        tracing::error!(answer = %lease.answer, %error, "an answer to a mail cannot be read; it is put off");
        self.put_form_back(lease, PUT_OFF).await
    }

    fn open_answer(
        &self,
        row: &form_answer::Model,
        lease: FormLease,
        mail: &received_mail::Model,
    ) -> Result<FormAnswer, LedgerError> {
        let sealed = row.recipient.as_deref().ok_or(LedgerError::Erased)?;
        let (vault, context) = (self.vault(), row::answer_to(row::id(mail)));
        let Recipient { to, answers } =
            vault.open_json::<Recipient>(&row::key(vault, mail)?, &context, sealed)?.into_inner();
        Ok(FormAnswer {
            lease,
            mailbox: mail.mailbox.clone(),
            to: Personal::new(to),
            language: parse(&row.language, "form_answer", "language", row.id)?,
            answers: answers.map(Personal::new),
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            ordered_at: clock::moment(row.created_at),
        })
    }

    /// Prolongs leases on answers, those that are still held.
    pub async fn hold_form_answers(&self, leases: &[FormLease], until: Duration) -> Result<(), LedgerError> {
        let until = clock::now_plus(self.db().get_database_backend(), clock::micros(until));
        let mine = leases.iter().fold(Condition::any(), |any, lease| any.add(held(*lease)));
        form_answer::Entity::update_many()
            .col_expr(form_answer::Column::LeaseUntil, until)
            .filter(mine)
            .filter(form_answer::Column::LeaseUntil.is_not_null())
            .exec(self.db())
            .await?;
        Ok(())
    }

    /// Records how sending an answer ended, under its lease. Whom it went to is wiped.
    pub async fn form_ended(&self, lease: FormLease, end: FormEnd) -> Result<(), LedgerError> {
        use form_answer::Column as C;
        let state = match end {
            FormEnd::Sent => SENT,
            FormEnd::Parked => PARKED,
        };
        form_answer::Entity::update_many()
            .col_expr(C::State, Expr::value(state))
            .col_expr(C::Recipient, Expr::value(Option::<Vec<u8>>::None))
            .col_expr(C::LeaseUntil, Expr::value(Option::<i64>::None))
            .col_expr(C::EndedAt, Expr::value(clock::stored(self.ids().now())))
            .filter(held(lease))
            .exec(self.db())
            .await?;
        Ok(())
    }

    /// Gives an answer back, to be sent after a while.
    pub async fn put_form_back(&self, lease: FormLease, after: Duration) -> Result<(), LedgerError> {
        use form_answer::Column as C;
        let due = clock::now_plus(self.db().get_database_backend(), clock::micros(after));
        form_answer::Entity::update_many()
            .col_expr(C::NextAttemptAt, due)
            .col_expr(C::LeaseUntil, Expr::value(Option::<i64>::None))
            .filter(held(lease))
            .exec(self.db())
            .await?;
        Ok(())
    }

    /// Forgets answers that ended before `before`, up to `limit`.
    pub(crate) async fn prune_form_answers(&self, before: i64, limit: u64) -> Result<u64, LedgerError> {
        use form_answer::Column as C;
        let old = form_answer::Entity::find()
            .select_only()
            .column(C::Id)
            .filter(C::EndedAt.lt(before))
            .order_by_asc(C::EndedAt)
            .limit(limit)
            .into_query();
        let delete = form_answer::Entity::delete_many().filter(C::Id.in_subquery(old));
        Ok(delete.exec(self.db()).await?.rows_affected)
    }
}
