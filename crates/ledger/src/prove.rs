//! Using challenges up: what they prove takes effect in the same transaction.

mod effect;

pub(crate) use effect::whoever_proved;

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use habeas_domain::{RequestId, RequestState, Right, TypedId};
use habeas_vault::TokenHash;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use crate::{
    Ledger, LedgerError, Purpose, Standing,
    among::among,
    corrupt::parse,
    entity::{challenge, request},
    unit::Unit,
};

/// What a person came with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// The token of a link that was mailed to them. A link never allows a download.
    Link(TokenHash),
    /// The same of a person who lets the agent who asked have the results, too.
    LinkForAgent(TokenHash),
    /// A challenge whose code they typed, or whose permission they handed back: it was judged already.
    Challenge(Uuid),
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// It counts from now on.
    Proven(Proven),
    /// It, or another proof of the same, counted before.
    Used,
    /// It ended, or never was.
    NotValid,
}

/// What was proven, and of the request what a page may show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// Which request.
    pub request: RequestId,
    /// What of it.
    pub purpose: Purpose,
    /// The rights that the request claims, in their order.
    pub rights: Vec<Right>,
    /// The last day for an answer.
    pub due_on: NaiveDate,
    /// Whether the request takes more proof of identity than this.
    pub more: bool,
    /// Whether it is about a child.
    pub child: bool,
}

/// The event in audit trails of a code that opened a package.
pub(crate) const DOWNLOAD_ALLOWED: &str = "download-allowed";

/// What is to become of what a person came with.
enum Judged {
    Use(Uuid),
    Used,
    NotValid,
}

type Requests = HashMap<RequestId, request::Model>;

impl Ledger {
    /// Uses a challenge that was met, once. Returns whether it was still unused and had not ended.
    pub async fn prove(&self, challenge: Uuid) -> Result<bool, LedgerError> {
        let proofs = self.prove_all(&[Presented::Challenge(challenge)]).await?;
        Ok(matches!(proofs.first(), Some(Proof::Proven(_))))
    }

    /// Uses challenges, each once, in one transaction for the group. What they prove takes effect in it: for an identity
    /// it is evidence, and if that is enough for the request's policy, the request goes on to its resolve. The answers are in the order of `presented`.
    pub async fn prove_all(&self, presented: &[Presented]) -> Result<Vec<Proof>, LedgerError> {
        let mut unit = self.begin().await?;
        let found = unit.challenges_of(presented).await?;
        let mut requests = unit.lock(found.iter().map(|row| RequestId::from_uuid(row.request_id))).await?;
        let judged = judge(presented, &found, &requests, unit.stored_now())?;
        let met = unit.use_up(&judged).await?;
        for row in presented.iter().filter_map(|one| one.lets_the_agent_receive(&met)) {
            if let Some(of) = requests.get_mut(&RequestId::from_uuid(row.request_id)) {
                unit.agent_may_receive(of, row);
            }
        }
        let mut proven = unit.take_effect(&met, &mut requests).await?;
        if !met.is_empty() {
            unit.commit().await?;
        }
        let proof = |one| match one {
            Judged::Use(challenge) => proven.remove(&challenge).map_or(Proof::Used, Proof::Proven),
            Judged::Used => Proof::Used,
            Judged::NotValid => Proof::NotValid,
        };
        Ok(judged.into_iter().map(proof).collect())
    }
}

/// Judges under the locks of the requests. Of two proofs of one identity that come together, the first counts.
fn judge(
    presented: &[Presented],
    found: &[challenge::Model],
    requests: &Requests,
    now: i64,
) -> Result<Vec<Judged>, LedgerError> {
    let mut identities = BTreeSet::new();
    let mut judged = Vec::with_capacity(presented.len());
    for one in presented {
        let Some(row) = found.iter().find(|row| one.is(row)) else {
            judged.push(Judged::NotValid);
            continue;
        };
        let purpose = purpose(row)?;
        let by_link = matches!(one, Presented::Link(_) | Presented::LinkForAgent(_));
        let of = requests.get(&RequestId::from_uuid(row.request_id));
        // While an agent has not shown who they are, or staff look into them, nothing counts.
        let held = |of: &request::Model| {
            (purpose.is_of_identity() || purpose == Purpose::Guardian)
                && (of.agent_waits || of.agent_stopped_at.is_some())
        };
        let Some(of) = of.filter(|of| !(by_link && purpose.is_of_download() || held(of))) else {
            judged.push(Judged::NotValid);
            continue;
        };
        let state: RequestState = parse(&of.state, "request", "state", of.id)?;
        judged.push(match purpose.standing(state, one.is_open(row, now)) {
            Standing::Open if purpose.is_of_identity() && !identities.insert(of.id) => Judged::Used,
            Standing::Open => Judged::Use(row.id),
            Standing::Used => Judged::Used,
            Standing::Ended => Judged::NotValid,
        });
    }
    Ok(judged)
}

impl Presented {
    fn is(&self, row: &challenge::Model) -> bool {
        match self {
            Self::Link(token) | Self::LinkForAgent(token) => {
                row.token_hash.as_deref() == Some(token.as_bytes().as_slice())
            }
            Self::Challenge(id) => row.id == *id,
        }
    }

    /// The identity that was proven with it, if the person lets the agent have the results.
    fn lets_the_agent_receive<'m>(&self, met: &'m [challenge::Model]) -> Option<&'m challenge::Model> {
        let Self::LinkForAgent(_) = self else { return None };
        met.iter().find(|row| self.is(row) && row.purpose == Purpose::Identity.as_str())
    }

    fn is_open(&self, row: &challenge::Model, now: i64) -> bool {
        let link = row.link_expires_at.is_some_and(|ends| ends > now);
        let code = row.code_expires_at.is_some_and(|ends| ends > now);
        row.used_at.is_none() && (link || (code && matches!(self, Self::Challenge(_))))
    }
}

fn purpose(row: &challenge::Model) -> Result<Purpose, LedgerError> {
    parse(&row.purpose, "challenge", "purpose", row.id)
}

impl Unit<'_> {
    async fn challenges_of(&self, presented: &[Presented]) -> Result<Vec<challenge::Model>, LedgerError> {
        let (mut ids, mut tokens) = (Vec::new(), Vec::new());
        for one in presented {
            match one {
                Presented::Link(token) | Presented::LinkForAgent(token) => {
                    tokens.push(token.as_bytes().to_vec());
                }
                Presented::Challenge(id) => ids.push(*id),
            }
        }
        let mut found = Vec::new();
        if !tokens.is_empty() {
            let rows = challenge::Entity::find().filter(among(challenge::Column::TokenHash, tokens));
            found.extend(rows.all(&self.tx).await?);
        }
        if !ids.is_empty() {
            let rows = challenge::Entity::find().filter(among(challenge::Column::Id, ids));
            found.extend(rows.all(&self.tx).await?);
        }
        Ok(found)
    }

    /// Marks challenges as used that are not. Those that somebody was quicker with are left out.
    async fn use_up(&self, judged: &[Judged]) -> Result<Vec<challenge::Model>, LedgerError> {
        let ids: BTreeSet<Uuid> = judged
            .iter()
            .filter_map(|one| if let Judged::Use(challenge) = one { Some(*challenge) } else { None })
            .collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.stored_now();
        let unended = Condition::any()
            .add(challenge::Column::LinkExpiresAt.gt(now))
            .add(challenge::Column::CodeExpiresAt.gt(now));
        Ok(challenge::Entity::update_many()
            .col_expr(challenge::Column::UsedAt, Expr::value(now))
            .filter(among(challenge::Column::Id, ids))
            .filter(challenge::Column::UsedAt.is_null())
            .filter(unended)
            .exec_with_returning(&self.tx)
            .await?)
    }
}
