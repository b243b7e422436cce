//! How often one person was tried, over all of their requests.

use chrono::TimeDelta;
use habeas_domain::{EmailAddress, MessageId, RequestId, TypedId};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};

use crate::{
    Ledger, LedgerError, clock,
    entity::{request, verification_attempt as attempt},
};

/// What is counted per person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Attempt {
    /// A code typed that was mailed.
    MailCode,
    /// A code typed that was mailed to the agent of the request.
    AgentCode,
    /// A code sent to a telephone.
    SmsSent,
    /// A code typed that was sent to a telephone.
    SmsCode,
    /// Answers about recent dealings.
    RecentDealings,
    /// Something else that a person may be known by.
    OtherIdentifier,
    /// A code sent to an address on file, counted for that address.
    OnFileCode,
}

impl Attempt {
    const fn as_str(self) -> &'static str {
        match self {
            Self::MailCode => "mail-code",
            Self::AgentCode => "agent-code",
            Self::SmsSent => "sms-sent",
            Self::SmsCode => "sms-code",
            Self::RecentDealings => "recent-dealings",
            Self::OtherIdentifier => "other-identifier",
            Self::OnFileCode => "on-file-code",
        }
    }
}

impl Ledger {
    /// Counts one attempt of a kind for the person of `request`, and says whether it is among the first `most` of the
    /// last 24 hours. It is counted before it is judged, and over all requests of the same address, so that neither
    /// parallel attempts nor many requests give more of them.
    pub async fn attempt(&self, request: RequestId, kind: Attempt, most: u64) -> Result<bool, LedgerError> {
        let person: Option<Vec<u8>> = request::Entity::find_by_id(request.uuid())
            .select_only()
            .column(request::Column::SubjectLookup)
            .into_tuple()
            .one(self.db())
            .await?;
        let person = person.ok_or(LedgerError::NotFound("request"))?;
        self.attempt_of(person, kind, most).await
    }

    /// The same for the holder of an address, whether or not there is a request of theirs.
    pub async fn attempt_at(
        &self,
        address: &EmailAddress,
        kind: Attempt,
        most: u64,
    ) -> Result<bool, LedgerError> {
        self.attempt_of(self.subject_lookup(address), kind, most).await
    }

    async fn attempt_of(&self, person: Vec<u8>, kind: Attempt, most: u64) -> Result<bool, LedgerError> {
        let now = self.ids().now();
        let row = attempt::ActiveModel {
            id: Set(self.ids().fresh::<MessageId>().uuid()),
            person: Set(person.clone()),
            method: Set(kind.as_str().to_owned()),
            at: Set(clock::stored(now)),
        };
        let id = row.id.clone();
        attempt::Entity::insert(row).exec_without_returning(self.db()).await?;
        let today = attempt::Entity::find()
            .filter(attempt::Column::Person.eq(person))
            .filter(attempt::Column::Method.eq(kind.as_str()))
            .filter(attempt::Column::At.gt(clock::stored(now - TimeDelta::hours(24))))
            .count(self.db())
            .await?;
        let allowed = today <= most;
        if let (false, Some(id)) = (allowed, id.try_as_ref()) {
            // What was refused locks nobody out any longer.
            attempt::Entity::delete_by_id(*id).exec(self.db()).await?;
        }
        Ok(allowed)
    }
}
