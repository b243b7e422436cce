//! Which request a mail belongs to.

use habeas_domain::{EmailAddress, MailId, RequestId, TypedId};
use habeas_vault::ThreadOf;
use sea_orm::{EntityTrait, QuerySelect};
use uuid::Uuid;

use crate::{
    Ledger, LedgerError,
    entity::{mail, request},
};

/// The request that a mail belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threaded {
    /// Which.
    pub request: RequestId,
    /// The mail of ours that it answers, where that is known.
    pub mail: Option<MailId>,
    /// Whether it says to come from the address that the request is about. Evidence, never a proof: `From` can say
    /// anything, and a mail from another address changes nothing by itself.
    pub from_subject: bool,
}

impl Ledger {
    /// The request that a token of ours names, if it is there. `sender` is the address in `From`.
    pub async fn threaded(
        &self,
        of: ThreadOf,
        sender: Option<&EmailAddress>,
    ) -> Result<Option<Threaded>, LedgerError> {
        match of {
            ThreadOf::Request(id) => self.thread_of_request(id.uuid(), None, sender).await,
            ThreadOf::Mail(id) => self.thread_of_mail(id, sender).await,
        }
    }

    /// The request of the mail, or the request itself, whose id stands in a Message-ID of ours that carries no token:
    /// the root of a thread, which every mail of a request refers to.
    pub async fn threaded_by_id(
        &self,
        id: Uuid,
        sender: Option<&EmailAddress>,
    ) -> Result<Option<Threaded>, LedgerError> {
        match self.thread_of_request(id, None, sender).await? {
            Some(threaded) => Ok(Some(threaded)),
            None => self.thread_of_mail(MailId::from_uuid(id), sender).await,
        }
    }

    async fn thread_of_mail(
        &self,
        mail: MailId,
        sender: Option<&EmailAddress>,
    ) -> Result<Option<Threaded>, LedgerError> {
        let request: Option<Uuid> = mail::Entity::find_by_id(mail.uuid())
            .select_only()
            .column(mail::Column::RequestId)
            .into_tuple()
            .one(self.db())
            .await?;
        match request {
            Some(request) => self.thread_of_request(request, Some(mail), sender).await,
            None => Ok(None),
        }
    }

    async fn thread_of_request(
        &self,
        request: Uuid,
        mail: Option<MailId>,
        sender: Option<&EmailAddress>,
    ) -> Result<Option<Threaded>, LedgerError> {
        let subject: Option<Vec<u8>> = request::Entity::find_by_id(request)
            .select_only()
            .column(request::Column::SubjectLookup)
            .into_tuple()
            .one(self.db())
            .await?;
        Ok(subject.map(|subject| Threaded {
            request: RequestId::from_uuid(request),
            mail,
            from_subject: sender.is_some_and(|sender| self.subject_lookup(sender) == subject),
        }))
    }
}
