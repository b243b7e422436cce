//! Using challenges up: what they prove takes effect in the same transaction.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use habeas_domain::{
    Actor, JobState, RequestId, RequestState, Right, TypedId, WorkKind,
    approval::{Approval, ApprovalPolicy, PlanHash},
    audit::AuditEvent,
    job::JobEvent,
    request::RequestEvent,
    text::FreeText,
    verification::{Evidence, EvidenceOutcome, Method, Standing as Identity},
};
use habeas_vault::TokenHash;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;
use uuid::Uuid;

use crate::{
    GuardianStanding, Ledger, LedgerError, Purpose, Standing,
    among::among,
    corrupt::parse,
    entity::{challenge, job, request},
    job_step,
    unit::{NewWork, Unit},
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

/// What staff read beside the proof of a person who lets the agent have the results.
const AGENT_RECEIVES: &str = "the person lets the agent have the results, too";

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

    async fn take_effect(
        &mut self,
        met: &[challenge::Model],
        requests: &mut Requests,
    ) -> Result<HashMap<Uuid, Proven>, LedgerError> {
        let mut proven = HashMap::with_capacity(met.len());
        let all = if met.is_empty() {
            Vec::new()
        } else {
            self.jobs_of(met.iter().map(|row| RequestId::from_uuid(row.request_id))).await?
        };
        let mut jobs: BTreeMap<Uuid, Vec<job::Model>> = BTreeMap::new();
        for job in all {
            jobs.entry(job.request_id).or_default().push(job);
        }
        for row in met {
            let Some(of) = requests.get_mut(&RequestId::from_uuid(row.request_id)) else { continue };
            let jobs = jobs.entry(of.id).or_default();
            let purpose = purpose(row)?;
            let mut more = false;
            match purpose {
                Purpose::Identity => {
                    more = !self.shown_by(of, jobs, (Method::MailLink, Actor::Subject, row)).await?;
                }
                Purpose::Phone => {
                    more = !self.shown_by(of, jobs, (Method::SmsCode, Actor::Subject, row)).await?;
                }
                Purpose::Guardian => {
                    of.guardian = Some(GuardianStanding::Confirmed.as_str().to_owned());
                    more = !self.shown_by(of, jobs, (Method::GuardianLink, Actor::Guardian, row)).await?;
                    // Whether the stores hold their address is asked when nobody waits for it.
                    if more && crate::evidence::policy(of)?.counts(Method::GuardianOnFile) {
                        self.look_up(RequestId::from_uuid(of.id));
                    }
                }
                // Their standing is never open here.
                Purpose::Another | Purpose::Stop | Purpose::Agent | Purpose::AgentEnd | Purpose::Paper => {}
                Purpose::OnFile => {
                    self.on_file_proven(of, row).await?;
                    more = true;
                }
                Purpose::NewAddress => self.address_confirmed(of, jobs, row).await?,
                Purpose::Download => {
                    self.audit(
                        RequestId::from_uuid(of.id),
                        AuditEvent::new(DOWNLOAD_ALLOWED, Actor::Subject),
                    );
                }
                Purpose::AgentDownload => {
                    self.audit(RequestId::from_uuid(of.id), AuditEvent::new(DOWNLOAD_ALLOWED, Actor::Agent));
                }
            }
            proven.insert(row.id, of_request(of, purpose, jobs, more)?);
        }
        Ok(proven)
    }

    /// Records the person's word that the agent who acts for them may have the results, too.
    fn agent_may_receive(&mut self, of: &mut request::Model, met: &challenge::Model) {
        // What is held about a child goes to nobody on the child's word.
        if of.agent_id.is_none() || of.agent_ended_at.is_some() || of.guardian.is_some() {
            return;
        }
        of.agent_receives_at = Some(self.stored_now());
        let detail = json!({ "agent": of.agent_id, "challenge": met.id });
        let event = AuditEvent::new("agent-may-receive", Actor::Subject).with(detail);
        self.audit(RequestId::from_uuid(of.id), event);
    }

    /// Records what meeting a challenge shows. Returns whether it is enough.
    async fn shown_by(
        &mut self,
        row: &mut request::Model,
        jobs: &mut [job::Model],
        (method, by, met): (Method, Actor, &challenge::Model),
    ) -> Result<bool, LedgerError> {
        let shown = Evidence {
            method,
            outcome: EvidenceOutcome::Passed,
            at: self.now,
            by,
            answers: 0,
            note: row.agent_receives_at.and_then(|_| FreeText::parse(AGENT_RECEIVES).ok()),
        };
        Ok(self.evidence(row, jobs, shown, Some(met.id)).await? == Identity::Proven)
    }

    /// The one place where the gate is opened: what was shown is enough, judged in this transaction.
    pub(crate) fn identity_proven(
        &mut self,
        row: &mut request::Model,
        jobs: &mut [job::Model],
    ) -> Result<(), LedgerError> {
        let id = RequestId::from_uuid(row.id);
        let state: RequestState = parse(&row.state, "request", "state", row.id)?;
        state.after(RequestEvent::IdentityProven)?.as_str().clone_into(&mut row.state);
        row.verified_at = Some(self.stored_now());
        let waiting = JobState::AwaitingVerification.as_str();
        for job in jobs.iter_mut().filter(|job| job.state == waiting) {
            self.step(job, JobEvent::IdentityProven, whoever_proved(row))?;
            // Somebody at an address on file said meanwhile that a request of this person is not theirs.
            if row.disputed_at.is_some() {
                self.step(job, JobEvent::Disputed, Actor::System)?;
            }
        }
        if row.disputed_at.is_none() {
            self.resolve(id);
        }
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
        row: &mut request::Model,
        jobs: &mut [job::Model],
        met: &challenge::Model,
    ) -> Result<(), LedgerError> {
        self.audit(
            RequestId::from_uuid(row.id),
            AuditEvent::new("address-confirmed", Actor::Subject).with(json!({ "job": met.job_id })),
        );
        let siblings: Vec<_> = jobs.iter().filter(|other| Some(other.id) != met.job_id).cloned().collect();
        let Some(job) = jobs.iter_mut().find(|job| Some(job.id) == met.job_id) else { return Ok(()) };
        job.unconfirmed = Ord::max(job.unconfirmed - 1, 0);
        self.save(job);
        if job.unconfirmed == 0 {
            self.new_addresses_proven(row, met)?;
        }
        if job.unconfirmed > 0 || job_step::state(job)? != JobState::AwaitingApproval {
            return Ok(());
        }
        let policy: ApprovalPolicy = parse(&job.policy, "job", "policy", job.id)?;
        let (approvals, plan): (Vec<Approval>, PlanHash) = self.approvals_of(job).await?;
        if habeas_domain::approval::is_enough(policy, &approvals, plan) {
            self.approved(row, job, &siblings, Actor::Subject).await?;
        }
        Ok(())
    }
}

/// For a child that is the guardian.
pub(crate) const fn whoever_proved(of: &request::Model) -> Actor {
    if of.guardian.is_some() { Actor::Guardian } else { Actor::Subject }
}

fn of_request(
    of: &request::Model,
    purpose: Purpose,
    jobs: &[job::Model],
    more: bool,
) -> Result<Proven, LedgerError> {
    let mut rights = jobs.iter().map(job_step::right).collect::<Result<Vec<Right>, _>>()?;
    rights.sort_unstable();
    Ok(Proven {
        request: RequestId::from_uuid(of.id),
        purpose,
        rights,
        due_on: parse(&of.due_on, "request", "due_on", of.id)?,
        more,
        child: of.guardian.is_some(),
    })
}
