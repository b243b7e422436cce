//! How often one person was tried, over all of their requests and under whatever they are known by.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use habeas_domain::{EmailAddress, KeyName, KeyValue, MessageId, RequestId, TypedId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Ledger, LedgerError,
    among::among,
    clock,
    entity::{request, verification_attempt as attempt},
};

/// Something that a person is known by, as a keyed hash that says nothing without the key ring.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KnownBy(Vec<u8>);

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

/// So many attempts in so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptLimit {
    /// How many.
    pub most: u64,
    /// In how long. No longer than attempts are kept, which is 30 days.
    pub within: TimeDelta,
}

impl AttemptLimit {
    /// So many in 24 hours.
    pub const fn a_day(most: u64) -> Self {
        Self { most, within: TimeDelta::hours(24) }
    }
}

/// An attempt that was counted, as it stands among those before it.
#[derive(Debug)]
pub struct Tried {
    rows: Vec<Uuid>,
    /// Whether it keeps to every limit.
    pub allowed: bool,
    /// Whether the next one would not.
    pub last: bool,
}

impl Ledger {
    /// What attempts are counted by for whoever the stores know by this key. The same for an address as for the requests
    /// that name it.
    pub fn known_by(&self, key: &KeyName, value: &KeyValue) -> KnownBy {
        if let Ok(address) = EmailAddress::parse(value.as_str()) {
            return self.known_by_address(&address);
        }
        let plain = format!("{key}/{}", value.as_str());
        KnownBy(self.vault().lookup("known-by", &plain).as_bytes().to_vec())
    }

    /// The same for the holder of an address.
    pub fn known_by_address(&self, address: &EmailAddress) -> KnownBy {
        KnownBy(self.subject_lookup(address))
    }

    /// Counts one attempt of a kind for the person of `request`, and says whether it is among the first `most` of the
    /// last 24 hours. It is counted before it is judged, and over all requests of the same address, so that neither
    /// parallel attempts nor many requests give more of them.
    pub async fn attempt(&self, request: RequestId, kind: Attempt, most: u64) -> Result<bool, LedgerError> {
        self.attempt_by(request, &[], kind, most).await
    }

    /// The same, counted too for everything else that the person is known by: whoever has several addresses on file has no
    /// more attempts than others.
    pub async fn attempt_by(
        &self,
        request: RequestId,
        known_by: &[KnownBy],
        kind: Attempt,
        most: u64,
    ) -> Result<bool, LedgerError> {
        Ok(self.tried_by(request, known_by, kind, &[AttemptLimit::a_day(most)]).await?.allowed)
    }

    /// The same under several limits at once, for who wants to know how the attempt stands.
    pub async fn tried_by(
        &self,
        request: RequestId,
        known_by: &[KnownBy],
        kind: Attempt,
        limits: &[AttemptLimit],
    ) -> Result<Tried, LedgerError> {
        let person: Option<Vec<u8>> = request::Entity::find_by_id(request.uuid())
            .select_only()
            .column(request::Column::SubjectLookup)
            .into_tuple()
            .one(self.db())
            .await?;
        let person = person.ok_or(LedgerError::NotFound("request"))?;
        let all = known_by.iter().map(|one| one.0.clone()).chain([person]).collect();
        self.attempt_of(all, kind, limits).await
    }

    /// Takes back that an attempt was counted: it was a right one, and no guess.
    pub async fn not_a_guess(&self, tried: Tried) -> Result<(), LedgerError> {
        attempt::Entity::delete_many().filter(among(attempt::Column::Id, tried.rows)).exec(self.db()).await?;
        Ok(())
    }

    /// The same for the holder of an address, whether or not there is a request of theirs.
    pub async fn attempt_at(
        &self,
        address: &EmailAddress,
        kind: Attempt,
        most: u64,
    ) -> Result<bool, LedgerError> {
        let person = BTreeSet::from([self.subject_lookup(address)]);
        Ok(self.attempt_of(person, kind, &[AttemptLimit::a_day(most)]).await?.allowed)
    }

    /// As many statements for a person who is known by many things as for one who is not known.
    async fn attempt_of(
        &self,
        person: BTreeSet<Vec<u8>>,
        kind: Attempt,
        limits: &[AttemptLimit],
    ) -> Result<Tried, LedgerError> {
        let now = self.ids().now();
        let rows: Vec<Uuid> = person.iter().map(|_| self.ids().fresh::<MessageId>().uuid()).collect();
        let new = rows.iter().zip(&person).map(|(id, one)| attempt::ActiveModel {
            id: Set(*id),
            person: Set(one.clone()),
            method: Set(kind.as_str().to_owned()),
            at: Set(clock::stored(now)),
        });
        attempt::Entity::insert_many(new).exec_without_returning(self.db()).await?;
        let mut tried = Tried { rows, allowed: true, last: false };
        for limit in limits {
            let count = self.attempts_since(&person, kind, now - limit.within).await?;
            tried.allowed &= count <= limit.most;
            tried.last |= count == limit.most;
        }
        if !tried.allowed {
            // What was refused locks nobody out any longer.
            let refused = std::mem::take(&mut tried.rows);
            attempt::Entity::delete_many()
                .filter(among(attempt::Column::Id, refused))
                .exec(self.db())
                .await?;
        }
        Ok(tried)
    }

    /// How many attempts of a kind there were since then: of all that the person is known by, the most of one.
    async fn attempts_since(
        &self,
        person: &BTreeSet<Vec<u8>>,
        kind: Attempt,
        since: DateTime<Utc>,
    ) -> Result<u64, LedgerError> {
        let most = attempt::Entity::find()
            .select_only()
            .column_as(Expr::cust("COUNT(*)"), "attempts")
            .filter(among(attempt::Column::Person, person.iter().cloned()))
            .filter(attempt::Column::Method.eq(kind.as_str()))
            .filter(attempt::Column::At.gt(clock::stored(since)))
            .group_by(attempt::Column::Person)
            .order_by_desc(Expr::cust("COUNT(*)"))
            .limit(1)
            .into_tuple::<i64>()
            .one(self.db())
            .await?;
        Ok(most.and_then(|most| u64::try_from(most).ok()).unwrap_or_default())
    }
}
