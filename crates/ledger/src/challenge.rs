use std::{fmt, str::FromStr};

use chrono::{DateTime, TimeDelta, Utc};
use habeas_domain::{
    Actor, JobId, JobState, Letter, PackageId, Personal, RequestId, RequestState, TypedId, WorkKind,
    approval::{Approval, ApprovalPolicy, PlanHash},
    audit::AuditEvent,
    job::JobEvent,
    request::RequestEvent,
};
use habeas_vault::TokenHash;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QuerySelect,
    sea_query::Expr,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Ledger, LedgerError,
    claim::Lease,
    clock,
    corrupt::parse,
    entity::{challenge, request},
    job_step,
    unit::{NewWork, Unit},
};

/// What a challenge proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// That the person holds the address the request names.
    Identity,
    /// That the person holds the new address of a correction.
    NewAddress,
    /// That it is still the same person who fetches a package.
    Download,
}

impl Purpose {
    /// The name used in columns.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::NewAddress => "new-address",
            Self::Download => "download",
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Purpose {
    type Err = LedgerError;
    fn from_str(text: &str) -> Result<Self, LedgerError> {
        [Self::Identity, Self::NewAddress, Self::Download]
            .into_iter()
            .find(|purpose| purpose.as_str() == text)
            .ok_or(LedgerError::NotFound("purpose"))
    }
}

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
    /// Whether it can still be used at all.
    pub open: bool,
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
    /// Stores a challenge and orders its mail.
    pub(crate) async fn challenge(
        &mut self,
        of: &request::Model,
        job: Option<JobId>,
        new: NewChallenge,
    ) -> Result<(), LedgerError> {
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
        challenge::Entity::insert(row).exec_without_returning(&self.tx).await?;
        self.mail(of, job, new.to.expose(), &new.letter, format!("challenge/{id}"))?;
        let event =
            AuditEvent::new("challenge-sent", Actor::System).with(json!({ "purpose": new.purpose.as_str() }));
        self.audit(RequestId::from_uuid(of.id), event);
        Ok(())
    }
}

impl Ledger {
    /// Stores the challenges that challenge work made, and finishes that work.
    pub async fn challenged(&self, group: Vec<(Lease, RequestId, NewChallenge)>) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        let requests = unit.lock(group.iter().map(|(_, request, _)| *request)).await?;
        let leases: Vec<Lease> = group.iter().map(|(lease, ..)| *lease).collect();
        let held = crate::fence::leases(&unit.finish(&leases).await?);
        for (lease, request, new) in group {
            let Some(row) = requests.get(&request).filter(|_| held.contains(&lease)) else { continue };
            if row.state == RequestState::AwaitingVerification.as_str() {
                unit.challenge(row, None, new).await?;
            }
        }
        unit.commit().await
    }

    /// Orders a further challenge outside of challenge work: a new code asked for on a page.
    pub async fn challenge_again(&self, request: RequestId, new: NewChallenge) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        let requests = unit.lock([request]).await?;
        let row = requests.get(&request).ok_or(LedgerError::NotFound("request"))?;
        unit.challenge(row, None, new).await?;
        unit.commit().await
    }

    /// How many challenges of this purpose a request was sent in the last 24 hours.
    pub async fn challenges_today(&self, request: RequestId, purpose: Purpose) -> Result<u64, LedgerError> {
        let since = clock::stored(self.ids().now() - TimeDelta::hours(24));
        Ok(challenge::Entity::find()
            .filter(challenge::Column::RequestId.eq(request.uuid()))
            .filter(challenge::Column::Purpose.eq(purpose.as_str()))
            .filter(challenge::Column::CreatedAt.gt(since))
            .count(self.db())
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
                open: row.used_at.is_none() && row.link_expires_at.is_some_and(|ends| ends > now),
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
        let newest = challenge::Entity::find()
            .select_only()
            .column_as(challenge::Column::CreatedAt.max(), "newest")
            .filter(challenge::Column::RequestId.eq(request.uuid()))
            .filter(challenge::Column::Purpose.eq(purpose.as_str()))
            .filter(challenge::Column::CodeHash.is_not_null())
            .into_tuple::<Option<i64>>()
            .one(self.db())
            .await?
            .flatten();
        let Some(newest) = newest else { return Ok(None) };
        let mut tried = challenge::Entity::update_many()
            .col_expr(challenge::Column::TriesLeft, Expr::col(challenge::Column::TriesLeft).sub(1))
            .filter(challenge::Column::RequestId.eq(request.uuid()))
            .filter(challenge::Column::Purpose.eq(purpose.as_str()))
            .filter(challenge::Column::CreatedAt.eq(newest))
            .filter(challenge::Column::UsedAt.is_null())
            .filter(challenge::Column::TriesLeft.gt(0))
            .filter(challenge::Column::CodeExpiresAt.gt(now));
        if let Some(package) = package {
            tried = tried.filter(challenge::Column::PackageId.eq(package.uuid()));
        }
        let rows = tried.exec_with_returning(self.db()).await?;
        Ok(rows.into_iter().next().and_then(|row| {
            Some(CodeTry {
                challenge: row.id,
                code_hash: row.code_hash?,
                tries_left: u32::try_from(row.tries_left).unwrap_or(0),
            })
        }))
    }

    /// Uses a challenge that was met, once. What it proves takes effect in the same transaction: for an identity
    /// the request goes on to its resolve. Returns whether it was still unused.
    pub async fn prove(&self, challenge: Uuid) -> Result<bool, LedgerError> {
        let request = challenge::Entity::find_by_id(challenge)
            .one(self.db())
            .await?
            .map(|row| RequestId::from_uuid(row.request_id))
            .ok_or(LedgerError::NotFound("challenge"))?;
        let mut unit = self.begin().await?;
        let mut requests = unit.lock([request]).await?;
        let row = requests.get_mut(&request).ok_or(LedgerError::NotFound("request"))?;
        let used = challenge::Entity::update_many()
            .col_expr(challenge::Column::UsedAt, Expr::value(unit.stored_now()))
            .filter(challenge::Column::Id.eq(challenge))
            .filter(challenge::Column::UsedAt.is_null())
            .exec_with_returning(&unit.tx)
            .await?;
        let Some(met) = used.into_iter().next() else { return Ok(false) };
        match parse(&met.purpose, "challenge", "purpose", met.id)? {
            Purpose::Identity => unit.identity_proven(row, &met).await?,
            Purpose::NewAddress => unit.address_confirmed(row, &met).await?,
            Purpose::Download => unit.audit(request, AuditEvent::new("download-allowed", Actor::Subject)),
        }
        unit.commit().await?;
        Ok(true)
    }
}

impl Unit<'_> {
    async fn identity_proven(
        &mut self,
        row: &request::Model,
        met: &challenge::Model,
    ) -> Result<(), LedgerError> {
        let id = RequestId::from_uuid(row.id);
        let state: RequestState = parse(&row.state, "request", "state", row.id)?;
        if state != RequestState::AwaitingVerification {
            return Ok(());
        }
        let changes = request::ActiveModel {
            id: Unchanged(row.id),
            state: Set(state.after(RequestEvent::IdentityProven)?.as_str().to_owned()),
            verified_at: Set(Some(self.stored_now())),
            ..Default::default()
        };
        changes.update(&self.tx).await?;
        self.audit(
            id,
            AuditEvent::new("identity-proven", Actor::Subject).with(json!({ "challenge": met.id })),
        );
        for mut job in self.jobs_of([id]).await? {
            self.step(&mut job, JobEvent::IdentityProven, Actor::Subject).await?;
        }
        self.resolve(id);
        Ok(())
    }

    /// Orders a resolve; each one is a new piece of work.
    pub(crate) fn resolve(&mut self, request: RequestId) {
        let target = self.ledger.ids().fresh::<habeas_domain::WorkId>().uuid();
        self.work(&NewWork {
            kind: WorkKind::Resolve,
            request,
            job: None,
            target,
            store: None,
            not_before: None,
        });
    }

    async fn address_confirmed(
        &mut self,
        row: &request::Model,
        met: &challenge::Model,
    ) -> Result<(), LedgerError> {
        let id = RequestId::from_uuid(row.id);
        self.audit(
            id,
            AuditEvent::new("address-confirmed", Actor::Subject).with(json!({ "job": met.job_id })),
        );
        let jobs = self.jobs_of([id]).await?;
        let Some(mut job) = jobs.iter().find(|job| Some(job.id) == met.job_id).cloned() else {
            return Ok(());
        };
        job.unconfirmed = Ord::max(job.unconfirmed - 1, 0);
        self.save(&job).await?;
        if job.unconfirmed > 0 || job_step::state(&job)? != JobState::AwaitingApproval {
            return Ok(());
        }
        let policy: ApprovalPolicy = parse(&job.policy, "job", "policy", job.id)?;
        let (approvals, plan): (Vec<Approval>, PlanHash) = self.approvals_of(&job).await?;
        if habeas_domain::approval::is_enough(policy, &approvals, plan) {
            let siblings: Vec<_> = jobs.iter().filter(|other| other.id != job.id).cloned().collect();
            self.approved(row, &mut job, &siblings, Actor::Subject).await?;
        }
        Ok(())
    }
}
