//! Where the sealed columns of a mail belong, and its data key.

use habeas_domain::{
    ReceivedMailId, TypedId,
    received_mail::{ReceivedMailEvent, ReceivedMailState},
};
use habeas_vault::{Context, RequestKey, Vault, WrappedKey};
use sea_orm::{EntityTrait, QuerySelect};

use crate::{LedgerError, corrupt::parse, entity::received_mail, unit::Unit};

pub(super) fn owner(mail: ReceivedMailId) -> Context {
    Context::new("received-mail", mail)
}

pub(super) fn raw(mail: ReceivedMailId) -> Context {
    Context::new("received-mail.raw", mail)
}

pub(super) fn reading(mail: ReceivedMailId) -> Context {
    Context::new("received-mail.reading", mail)
}

pub(super) fn header(mail: ReceivedMailId) -> Context {
    Context::new("received-mail.header", mail)
}

pub(super) fn note(mail: ReceivedMailId) -> Context {
    Context::new("received-mail.note", mail)
}

pub(super) fn delivery(mail: ReceivedMailId) -> Context {
    Context::new("received-mail.delivery", mail)
}

pub(super) fn answer_to(mail: ReceivedMailId) -> Context {
    Context::new("received-mail.answer-to", mail)
}

pub(super) fn id(row: &received_mail::Model) -> ReceivedMailId {
    ReceivedMailId::from_uuid(row.id)
}

pub(super) fn state(row: &received_mail::Model) -> Result<ReceivedMailState, LedgerError> {
    parse(&row.state, "received_mail", "state", row.id)
}

/// Moves a mail in memory.
pub(super) fn step(row: &mut received_mail::Model, event: ReceivedMailEvent) -> Result<(), LedgerError> {
    state(row)?.after(event)?.as_str().clone_into(&mut row.state);
    Ok(())
}

/// The data key of a mail.
pub(super) fn key(vault: &Vault, row: &received_mail::Model) -> Result<RequestKey, LedgerError> {
    let wrapped = row.wrapped_key.as_deref().ok_or(LedgerError::Erased)?;
    Ok(vault.unwrap(&WrappedKey::from_bytes(wrapped)?, &owner(id(row)))?)
}

impl Unit<'_> {
    /// Locks a mail: what happens to it happens one after another.
    pub(super) async fn lock_mail(&self, mail: ReceivedMailId) -> Result<received_mail::Model, LedgerError> {
        let row = received_mail::Entity::find_by_id(mail.uuid()).lock_exclusive().one(&self.tx).await?;
        row.ok_or(LedgerError::NotFound("mail"))
    }
}
