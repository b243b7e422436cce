use chrono::{DateTime, TimeDelta, Utc};
use habeas_domain::{
    Actor, JobId, Letter, PackageId, Personal, RequestId, RequestState, TypedId, audit::AuditEvent,
};
use habeas_vault::TokenHash;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
    QueryOrder, sea_query::Expr,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Ledger, LedgerError, Purpose,
    claim::Lease,
    clock,
    corrupt::parse,
    entity::{challenge, request},
    unit::Unit,
};

/// A link, a code, or both, and the mail that carries them.
#[derive(Debug, Clone)]
pub struct NewChallenge {
    /// What it proves.
    pub purpose: Purpose,
    /// SHA-256 of the link's token, with the moment the link ends.
    pub link: Option<(TokenHash, DateTime<Utc>)>,
    /// Argon2id of the code, with the moment the code ends.
    pub code: Option<(String, DateTime<Utc>)>,
    /// How often a code may be tried.
    pub tries: u32,
    /// The package that a download code opens.
    pub package: Option<PackageId>,
    /// Where the mail goes.
    pub to: Personal<String>,
    /// The mail.
    pub letter: Letter,
}

/// A challenge as the pages need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChallengeRecord {
    /// Its id.
    pub id: Uuid,
    /// Whose.
    pub request: RequestId,
    /// What it proves.
    pub purpose: Purpose,
    /// About which job, if about one.
    pub job: Option<JobId>,
    /// When it was used.
    pub used_at: Option<DateTime<Utc>>,
    /// Whether it can still be used at all.
    pub open: bool,
    /// Whether its link has not ended, used or not.
    pub live: bool,
}

/// One try of a code: counted before it is judged, so that parallel guesses cannot outrun the count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeTry {
    /// The challenge that was tried.
    pub challenge: Uuid,
    /// What to compare with.
    pub code_hash: String,
    /// How many tries are left after this one.
    pub tries_left: u32,
}

impl Unit<'_> {
    /// Stores a challenge and orders its mail. Returns its id.
    pub(crate) fn challenge(
        &mut self,
        of: &request::Model,
        job: Option<JobId>,
        new: NewChallenge,
    ) -> Result<Uuid, LedgerError> {
        let id = self.ledger.ids().fresh::<habeas_domain::MessageId>().uuid();
        let row = challenge::ActiveModel {
            id: Set(id),
            request_id: Set(of.id),
            purpose: Set(new.purpose.as_str().to_owned()),
            job_id: Set(job.map(TypedId::uuid)),
            package_id: Set(new.package.map(TypedId::uuid)),
            token_hash: Set(new.link.as_ref().map(|(hash, _)| hash.as_bytes().to_vec())),
            link_expires_at: Set(new.link.map(|(_, ends)| clock::stored(ends))),
            code_expires_at: Set(new.code.as_ref().map(|(_, ends)| clock::stored(*ends))),
            code_hash: Set(new.code.map(|(hash, _)| hash)),
            tries_left: Set(i64::from(new.tries)),
            created_at: Set(self.stored_now()),
            used_at: Set(None),
        };
        self.changes.challenge(row);
        self.mail(of, job, new.to.expose(), &new.letter, format!("challenge/{id}"))?;
        let event =
            AuditEvent::new("challenge-sent", Actor::System).with(json!({ "purpose": new.purpose.as_str() }));
        self.audit(RequestId::from_uuid(of.id), event);
        Ok(id)
    }
}

/// Whether nobody is to be asked any more for what a challenge of this purpose proves, or not yet: judged under the lock, since
/// whoever ordered it may have looked before the request lapsed, or was stopped with its agent and resumed.
fn comes_too_late(of: &request::Model, purpose: Purpose) -> bool {
    let waits = of.state == RequestState::AwaitingVerification.as_str();
    match purpose {
        Purpose::Identity => !waits || of.agent_waits,
        Purpose::Agent => !(waits && of.agent_waits),
        // Whom staff name as the guardian is asked beside the agent.
        Purpose::Guardian => !waits,
        _ => false,
    }
}

/// A code for the telephone on file. Whoever ordered it hands it to the gateway.
#[derive(Debug, Clone)]
pub struct PhoneCode {
    /// Argon2id of the code.
    pub hash: String,
    /// When it ends.
    pub ends: DateTime<Utc>,
    /// How often it may be tried.
    pub tries: u32,
}

impl Ledger {
    /// Stores a code for the telephone on file of a request that waits for proof, unless `most` were sent for it in
    /// the last 24 hours. Returns whether it was stored.
    pub async fn phone_code(
        &self,
        request: RequestId,
        code: PhoneCode,
        most: u64,
    ) -> Result<bool, LedgerError> {
        let mut unit = self.begin().await?;
        let requests = unit.lock([request]).await?;
        let row = requests.get(&request).ok_or(LedgerError::NotFound("request"))?;
        let waits = row.state == RequestState::AwaitingVerification.as_str();
        if !waits
            || row.agent_stopped_at.is_some()
            || self.challenges_in(&unit.tx, request, Purpose::Phone).await? >= most
        {
            return Ok(false);
        }
        let new = challenge::ActiveModel {
            id: Set(self.ids().fresh::<habeas_domain::MessageId>().uuid()),
            request_id: Set(row.id),
            purpose: Set(Purpose::Phone.as_str().to_owned()),
            job_id: Set(None),
            package_id: Set(None),
            token_hash: Set(None),
            link_expires_at: Set(None),
            code_expires_at: Set(Some(clock::stored(code.ends))),
            code_hash: Set(Some(code.hash)),
            tries_left: Set(i64::from(code.tries)),
            created_at: Set(unit.stored_now()),
            used_at: Set(None),
        };
        unit.changes.challenge(new);
        let event = AuditEvent::new("challenge-sent", Actor::System)
            .with(json!({ "purpose": Purpose::Phone.as_str() }));
        unit.audit(request, event);
        unit.commit().await?;
        Ok(true)
    }

    /// Stores the challenges that challenge work made, and finishes that work.
    pub async fn challenged(&self, group: Vec<(Lease, RequestId, NewChallenge)>) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        let mut requests = unit.lock(group.iter().map(|(_, request, _)| *request)).await?;
        let mut leases: Vec<Lease> = group.iter().map(|(lease, ..)| *lease).collect();
        // One piece of work may have made several, one after another.
        leases.dedup();
        let held = crate::fence::leases(&unit.finish(&leases).await?);
        for (lease, request, new) in group {
            let Some(row) = requests.get_mut(&request).filter(|_| held.contains(&lease)) else { continue };
            let awaited =
                row.state == RequestState::AwaitingVerification.as_str() && row.agent_stopped_at.is_none();
            if awaited && row.agent_waits == (new.purpose == Purpose::Agent) {
                unit.receipt_of_agents_request(row)?;
                unit.challenge(row, None, new)?;
            }
        }
        unit.commit().await
    }

    /// Orders a further challenge outside of challenge work, such as a new code asked for on a page, unless `most` of this
    /// purpose were sent in the last 24 hours, however many are asked for at once.
    /// Returns whether it was ordered.
    pub async fn challenge_within(
        &self,
        request: RequestId,
        new: NewChallenge,
        most: u64,
    ) -> Result<bool, LedgerError> {
        self.challenge_for(request, new, most, Actor::Subject).await
    }

    /// The same on the word of `by`, which the audit trail keeps. Not for a request that is disputed.
    pub async fn challenge_for(
        &self,
        request: RequestId,
        new: NewChallenge,
        most: u64,
        by: Actor,
    ) -> Result<bool, LedgerError> {
        let mut unit = self.begin().await?;
        let requests = unit.lock([request]).await?;
        let row = requests.get(&request).ok_or(LedgerError::NotFound("request"))?;
        let asked_for = by != Actor::Subject;
        let stopped = row.agent_stopped_at.is_some() || (asked_for && row.disputed_at.is_some());
        if stopped
            || comes_too_late(row, new.purpose)
            || self.sent_like(&unit.tx, request, &new).await? >= most
        {
            return Ok(false);
        }
        if asked_for {
            let detail = json!({ "purpose": new.purpose.as_str() });
            unit.audit(request, AuditEvent::new("mailed-again", by).with(detail));
        }
        unit.challenge(row, None, new)?;
        unit.commit().await?;
        Ok(true)
    }

    /// How many of such challenges a request was sent in the last 24 hours. Codes for a package are counted since its link was
    /// made, and new links apart from them: whoever found a link and used its codes up keeps nobody from the next one.
    async fn sent_like(
        &self,
        db: &impl ConnectionTrait,
        request: RequestId,
        new: &NewChallenge,
    ) -> Result<u64, LedgerError> {
        let Some(package) = new.package.filter(|_| new.purpose.is_of_download()) else {
            return self.challenges_in(db, request, new.purpose).await;
        };
        let of_package = challenge::Entity::find()
            .filter(challenge::Column::RequestId.eq(request.uuid()))
            .filter(challenge::Column::Purpose.eq(new.purpose.as_str()))
            .filter(challenge::Column::CreatedAt.gt(clock::stored(self.ids().now() - TimeDelta::hours(24))));
        let links = of_package.clone().filter(challenge::Column::CodeExpiresAt.is_null());
        if new.code.is_none() {
            return Ok(links.count(db).await?);
        }
        let of_package = of_package.filter(challenge::Column::PackageId.eq(package.uuid()));
        let newest = links
            .filter(challenge::Column::PackageId.eq(package.uuid()))
            .order_by_desc(challenge::Column::CreatedAt)
            .one(db)
            .await?;
        let since = newest.map_or(i64::MIN, |row| row.created_at);
        let codes = of_package
            .filter(challenge::Column::CodeExpiresAt.is_not_null())
            .filter(challenge::Column::CreatedAt.gt(since));
        Ok(codes.count(db).await?)
    }

    /// How many challenges of this purpose a request was sent in the last 24 hours.
    pub(crate) async fn challenges_in(
        &self,
        db: &impl ConnectionTrait,
        request: RequestId,
        purpose: Purpose,
    ) -> Result<u64, LedgerError> {
        let since = clock::stored(self.ids().now() - TimeDelta::hours(24));
        Ok(challenge::Entity::find()
            .filter(challenge::Column::RequestId.eq(request.uuid()))
            .filter(challenge::Column::Purpose.eq(purpose.as_str()))
            .filter(challenge::Column::CreatedAt.gt(since))
            .count(db)
            .await?)
    }

    /// The challenge that a link's token belongs to. Changes nothing.
    pub async fn challenge_by_token(
        &self,
        token: &TokenHash,
    ) -> Result<Option<ChallengeRecord>, LedgerError> {
        let row = challenge::Entity::find()
            .filter(challenge::Column::TokenHash.eq(token.as_bytes().to_vec()))
            .one(self.db())
            .await?;
        let now = clock::stored(self.ids().now());
        row.map(|row| {
            Ok(ChallengeRecord {
                id: row.id,
                request: RequestId::from_uuid(row.request_id),
                purpose: parse(&row.purpose, "challenge", "purpose", row.id)?,
                job: row.job_id.map(JobId::from_uuid),
                used_at: row.used_at.map(clock::moment),
                open: row.used_at.is_none() && row.link_expires_at.is_some_and(|ends| ends > now),
                live: row.link_expires_at.is_some_and(|ends| ends > now),
            })
        })
        .transpose()
    }

    /// Counts one try of the newest open code of a request. Nothing, if no code is open or no try is left.
    pub async fn try_code(
        &self,
        request: RequestId,
        purpose: Purpose,
        package: Option<PackageId>,
    ) -> Result<Option<CodeTry>, LedgerError> {
        let now = clock::stored(self.ids().now());
        let mut codes = challenge::Entity::find()
            .filter(challenge::Column::RequestId.eq(request.uuid()))
            .filter(challenge::Column::Purpose.eq(purpose.as_str()))
            .filter(challenge::Column::CodeHash.is_not_null())
            .order_by_desc(challenge::Column::CreatedAt)
            .order_by_desc(challenge::Column::Id);
        if let Some(package) = package {
            codes = codes.filter(challenge::Column::PackageId.eq(package.uuid()));
        }
        let Some(newest) = codes.one(self.db()).await? else { return Ok(None) };
        let rows = challenge::Entity::update_many()
            .col_expr(challenge::Column::TriesLeft, Expr::col(challenge::Column::TriesLeft).sub(1))
            .filter(challenge::Column::Id.eq(newest.id))
            .filter(challenge::Column::UsedAt.is_null())
            .filter(challenge::Column::TriesLeft.gt(0))
            .filter(challenge::Column::CodeExpiresAt.gt(now))
            .exec_with_returning(self.db())
            .await?;
        Ok(rows.into_iter().next().and_then(|row| {
            Some(CodeTry {
                challenge: row.id,
                code_hash: row.code_hash?,
                tries_left: u32::try_from(row.tries_left).unwrap_or(0),
            })
        }))
    }
}
