//! Finding copies of a mail, and how often somebody was answered.

use chrono::TimeDelta;
use habeas_domain::{
    EmailAddress, Personal, ReceivedMailId, RequestId, TypedId,
    received_mail::{ReceivedMailState, SenderAuthentication},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::{Ledger, LedgerError, clock, entity::received_mail};

impl Ledger {
    /// The pseudonym under which mails of this Message-ID are kept.
    pub(super) fn message_lookup(&self, message_id: &Personal<String>) -> Vec<u8> {
        self.vault().lookup("mail-message-id", message_id.expose()).as_bytes().to_vec()
    }

    /// The key under which a mail is taken as a request, so that no repeat and no copy makes a second one: its
    /// Message-ID with its sender, or else its own id. Nobody who does not hold both can use it up for somebody else.
    pub fn mail_key(
        &self,
        mail: ReceivedMailId,
        message_id: Option<&Personal<String>>,
        sender: &EmailAddress,
    ) -> String {
        message_id.map_or_else(
            || mail.to_string(),
            |message_id| {
                let both = format!("{}\n{}", sender.lookup_form().expose(), message_id.expose());
                self.vault().lookup("mail-key", &both).to_hex()
            },
        )
    }

    /// The first other mail of the same sender with the same Message-ID that became a request, and which request.
    pub async fn taken_copy(
        &self,
        of: ReceivedMailId,
        message_id: &Personal<String>,
        sender: &EmailAddress,
    ) -> Result<Option<(ReceivedMailId, RequestId)>, LedgerError> {
        use received_mail::Column as C;
        let found: Option<(uuid::Uuid, Option<uuid::Uuid>)> = received_mail::Entity::find()
            .select_only()
            .columns([C::Id, C::RequestId])
            .filter(C::MessageLookup.eq(self.message_lookup(message_id)))
            .filter(C::SenderLookup.eq(self.subject_lookup(sender)))
            .filter(C::State.eq(ReceivedMailState::Request.as_str()))
            .filter(C::Id.ne(of.uuid()))
            .order_by_asc(C::Id)
            .into_tuple()
            .one(self.db())
            .await?;
        Ok(found.and_then(|(mail, request)| {
            Some((ReceivedMailId::from_uuid(mail), RequestId::from_uuid(request?)))
        }))
    }

    /// How often this sender was written to because of a mail in the last 24 hours. What somebody sends in their name and
    /// cannot be theirs (`forged`) is counted apart: it uses up nothing of what is theirs.
    pub async fn answers_to(&self, sender: &EmailAddress, forged: bool) -> Result<u64, LedgerError> {
        self.answers_in(self.db(), &self.subject_lookup(sender), forged).await
    }

    /// How many strangers were written to within the last hour because of mails to this mailbox: senders of whom it is
    /// not known that their domain stands behind the mail.
    pub async fn strangers_answered(&self, mailbox: &str) -> Result<u64, LedgerError> {
        use received_mail::Column as C;
        let since = clock::stored(self.ids().now() - TimeDelta::hours(1));
        Ok(received_mail::Entity::find()
            .filter(C::Mailbox.eq(mailbox))
            .filter(C::AnsweredAt.gt(since))
            .filter(is_not(SenderAuthentication::Aligned))
            .count(self.db())
            .await?)
    }

    pub(super) async fn answers_in(
        &self,
        db: &impl ConnectionTrait,
        sender: &[u8],
        forged: bool,
    ) -> Result<u64, LedgerError> {
        use received_mail::Column as C;
        let since = clock::stored(self.ids().now() - TimeDelta::hours(24));
        let unaligned = SenderAuthentication::Unaligned;
        Ok(received_mail::Entity::find()
            .filter(C::SenderLookup.eq(sender.to_vec()))
            .filter(C::AnsweredAt.gt(since))
            .filter(if forged { is_not(unaligned).not() } else { is_not(unaligned) })
            .count(db)
            .await?)
    }
}

/// Mails of which this was not found. Of old ones it may not be known what was.
fn is_not(found: SenderAuthentication) -> Condition {
    use received_mail::Column::Authentication;
    Condition::any().add(Authentication.is_null()).add(Authentication.ne(found.as_str()))
}
