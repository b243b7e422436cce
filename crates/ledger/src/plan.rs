use std::collections::BTreeSet;

use habeas_domain::{
    Actor, EmailAddress, HeldKey, HoldId, JobId, JobState, Letter, Personal, RequestId, RequestState, Right,
    StoreName, TypedId,
    approval::{self, ApprovalPolicy, PlanHash},
    audit::AuditEvent,
    job::JobEvent,
    personal::in_the_clear,
    request::RequestEvent,
};
use serde::{Deserialize, Serialize};

use crate::{
    Ledger, LedgerError,
    challenge::NewChallenge,
    claim::Lease,
    corrupt::parse,
    entity::{job, request},
    hold::Met,
    job_step, sealed,
    unit::Unit,
};

/// What one job will do, made by the resolve and shown at approval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobPlan {
    /// The stores that hold something; one task each.
    pub stores: Vec<StoreName>,
    /// What fulfilment needs to run and to show the plan, such as the old and new values of a correction.
    #[serde(with = "in_the_clear")]
    pub detail: Personal<serde_json::Value>,
    /// Who is warned before the job begins; nothing for a job that warns nobody.
    #[serde(default)]
    pub notice: Option<Notice>,
}

/// A warning before something that cannot be undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// For how many seconds after it the job can still be stopped.
    pub grace_seconds: u64,
    /// Every address on file.
    #[serde(with = "in_the_clear::list")]
    pub addresses: Vec<Personal<String>>,
    /// Whom an earlier plan of the same job had warned, and the time to object is over: they are not warned of it again. Empty
    /// in a first plan; the ledger fills it in.
    #[serde(with = "in_the_clear::list", default)]
    pub told: Vec<Personal<String>>,
}

impl Notice {
    /// Those on file who were not warned of this job before.
    pub fn untold(&self) -> impl Iterator<Item = &Personal<String>> {
        let told: BTreeSet<String> = self.told.iter().map(as_compared).collect();
        self.addresses.iter().filter(move |address| !told.contains(&as_compared(address)))
    }

    /// Takes over whom the plan before this one warned.
    fn follows(&mut self, before: Self) {
        self.told = before.told;
        for address in before.addresses {
            if !self.told.iter().any(|told| as_compared(told) == as_compared(&address)) {
                self.told.push(address);
            }
        }
    }
}

/// The form in which equal addresses are identical.
fn as_compared(address: &Personal<String>) -> String {
    let parsed = EmailAddress::parse(address.expose());
    parsed.map_or_else(|_| address.expose().clone(), |address| address.lookup_form().expose().clone())
}

/// The plan of one job, with what an approval of it is bound to.
#[derive(Debug, Clone)]
pub struct PlannedJob {
    /// Which job.
    pub job: JobId,
    /// SHA-256 over the manifests, the keys and the changes.
    pub hash: PlanHash,
    /// The plan.
    pub plan: JobPlan,
    /// New addresses that have to be confirmed before the job may run, each by a link mailed to it.
    pub confirmations: Vec<NewChallenge>,
}

/// Word to a company on whose orders data are held.
#[derive(Debug, Clone)]
pub struct NewReferral {
    /// The first of its stores, by which it is told once.
    pub store: StoreName,
    /// Its address.
    pub to: Personal<String>,
    /// The mail.
    pub letter: Letter,
}

/// A resolved request: its keys and a plan per job.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The lease of the resolve work.
    pub lease: Lease,
    /// Which request.
    pub request: RequestId,
    /// The person's keys, kept sealed on the request so that a deletion can be retried and proven afterwards.
    pub keys: Personal<serde_json::Value>,
    /// One plan per job that is waiting for one.
    pub jobs: Vec<PlannedJob>,
    /// Those who are told that the person came to us: each is told once for a request.
    pub referrals: Vec<NewReferral>,
    /// Where a plan takes data away: every key of the person, and what they said of themselves. They are compared with the
    /// legal holds, now and when a hold is placed later.
    pub removes: Vec<HeldKey>,
    /// Whether a job could not be planned: it is tried again on its own, and the others go on.
    pub again: bool,
}

impl Ledger {
    /// Stores keys and plans, and starts every job that needs no approval. One transaction for the group. What was resolved while
    /// a store was closed is resolved again once it is reopened: a half-restored store holds less than there is.
    pub async fn planned(&self, group: Vec<Planned>) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        if group.iter().any(|one| !one.removes.is_empty()) {
            unit.meet_holds().await?;
        }
        let mut requests = unit.lock(group.iter().map(|one| one.request)).await?;
        let leases: Vec<Lease> = group.iter().map(|one| one.lease).collect();
        let leases = unit.unless_closed(&leases).await?;
        let held = crate::fence::leases(&unit.finish(&leases).await?);
        let holds = unit.holds_of(&group).await?;
        let mut jobs = unit.jobs_of(group.iter().map(|one| one.request)).await?;
        for one in group.into_iter().filter(|one| held.contains(&one.lease)) {
            if let Some(row) = requests.get_mut(&one.request) {
                unit.plan_request(row, &mut jobs, one, &holds).await?;
            }
        }
        unit.commit().await
    }
}

impl Unit<'_> {
    async fn plan_request(
        &mut self,
        row: &mut request::Model,
        jobs: &mut [job::Model],
        one: Planned,
        holds: &Met,
    ) -> Result<(), LedgerError> {
        let state: RequestState = parse(&row.state, "request", "state", row.id)?;
        if state == RequestState::Closed {
            return Ok(());
        }
        let key = sealed::key(self.ledger.vault(), row)?;
        let keys = self.ledger.vault().seal_json(&key, &sealed::keys(one.request), one.keys.expose())?;
        if state == RequestState::Resolving {
            state.after(RequestEvent::KeysResolved)?.as_str().clone_into(&mut row.state);
        }
        row.keys = Some(keys);
        self.changes.request(row);
        self.audit(one.request, AuditEvent::new("keys-resolved", Actor::System));
        for referral in one.referrals {
            let dedupe = format!("{}/controller/{}", one.request, referral.store);
            self.mail(row, None, referral.to.expose(), &referral.letter, dedupe)?;
        }
        if one.again {
            self.resolve(one.request);
        }
        // Whoever goes first is planned first: a deletion looks whether a correction is there.
        let (first, rest): (Vec<_>, Vec<_>) = one.jobs.into_iter().partition(|planned| {
            let right = jobs.iter().find(|job| job.id == planned.job.uuid()).map(|job| job.right.as_str());
            right == Some(Right::Correction.as_str())
        });
        for planned in first.into_iter().chain(rest) {
            self.plan_job(row, jobs, planned, holds).await?;
        }
        Ok(())
    }

    async fn plan_job(
        &mut self,
        of: &request::Model,
        jobs: &mut [job::Model],
        planned: PlannedJob,
        holds: &Met,
    ) -> Result<(), LedgerError> {
        let siblings: Vec<job::Model> = jobs
            .iter()
            .filter(|job| job.request_id == of.id && job.id != planned.job.uuid())
            .cloned()
            .collect();
        let Some(job) = jobs.iter_mut().find(|job| job.id == planned.job.uuid()) else { return Ok(()) };
        if job_step::state(job)? != JobState::AwaitingPlan {
            return Ok(());
        }
        let key = sealed::key(self.ledger.vault(), of)?;
        let had_a_plan = job.plan_hash.is_some();
        let plan = self.with_those_told(of, job, planned.plan)?;
        job.planned_at = Some(self.stored_now());
        job.plan_withdrawn = false;
        job.plan_hash = Some(planned.hash.0.to_vec());
        job.plan = Some(self.ledger.vault().seal_json(&key, &sealed::plan(planned.job), &plan)?);
        if plan.stores.is_empty() {
            self.step(job, JobEvent::NothingPlanned, Actor::System)?;
            self.conclude_later(job);
            return Ok(());
        }
        job.unconfirmed = 0;
        if !planned.confirmations.is_empty() {
            self.ask_new_addresses(of, job, planned.confirmations).await?;
        }
        self.step(job, JobEvent::Planned, Actor::System)?;
        if job_step::right(job)?.removes_data()
            && let Some(holds) = holds.get(&RequestId::from_uuid(of.id))
        {
            return self.hold_planned(job, holds).await;
        }
        if job.unconfirmed > 0 {
            return Ok(());
        }
        let policy: ApprovalPolicy = parse(&job.policy, "job", "policy", job.id)?;
        let agreed =
            policy == ApprovalPolicy::Automatic || had_a_plan && self.is_still_approved(job, policy).await?;
        if agreed {
            self.approved(of, job, &siblings, Actor::System).await?;
        }
        Ok(())
    }

    /// A plan that follows one whose warnings are over says so: whom that one warned is not warned again.
    fn with_those_told(
        &self,
        of: &request::Model,
        job: &job::Model,
        mut plan: JobPlan,
    ) -> Result<JobPlan, LedgerError> {
        if job.plan.is_some() && Self::has_had_grace(job) {
            let before = self.plan_of(of, job)?.notice;
            if let Some((notice, before)) = plan.notice.as_mut().zip(before) {
                notice.follows(before);
            }
        }
        Ok(plan)
    }

    /// A plan that meets a hold waits for it, whoever would have had to agree.
    async fn hold_planned(
        &mut self,
        job: &mut job::Model,
        holds: &BTreeSet<HoldId>,
    ) -> Result<(), LedgerError> {
        for hold in holds {
            self.note_hold(*hold, job, None, Actor::System).await?;
        }
        self.step(job, JobEvent::Held, Actor::System)
    }

    /// Whether a job that is planned anew was approved before, by this very plan.
    async fn is_still_approved(&self, job: &job::Model, policy: ApprovalPolicy) -> Result<bool, LedgerError> {
        let (approvals, current) = self.approvals_of(job).await?;
        Ok(approval::is_enough(policy, &approvals, current))
    }
}
