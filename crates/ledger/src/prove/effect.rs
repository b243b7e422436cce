//! What a challenge that was met changes about its request.

use std::collections::{BTreeMap, HashMap};

use habeas_domain::{
    Actor, JobState, RequestId, RequestState, Right, TypedId, WorkKind,
    approval::{Approval, ApprovalPolicy, PlanHash},
    audit::AuditEvent,
    job::JobEvent,
    request::RequestEvent,
    text::FreeText,
    verification::{Evidence, EvidenceOutcome, Method, Standing as Identity},
};
use serde_json::json;
use uuid::Uuid;

use super::{DOWNLOAD_ALLOWED, Proven, Requests, purpose};
use crate::{
    GuardianStanding, LedgerError, Purpose,
    corrupt::parse,
    entity::{challenge, job, request},
    job_step,
    unit::{NewWork, Unit},
};

/// What staff read beside the proof of a person who lets the agent have the results.
const AGENT_RECEIVES: &str = "the person lets the agent have the results, too";

impl Unit<'_> {
    pub(super) async fn take_effect(
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
            let more = self.effect_of(purpose, of, jobs, row).await?;
            proven.insert(row.id, of_request(of, purpose, jobs, more)?);
        }
        Ok(proven)
    }

    /// What one challenge changes about its request. Returns whether the request takes more proof of identity than this.
    async fn effect_of(
        &mut self,
        purpose: Purpose,
        of: &mut request::Model,
        jobs: &mut [job::Model],
        met: &challenge::Model,
    ) -> Result<bool, LedgerError> {
        match purpose {
            Purpose::Identity => {
                return Ok(!self.shown_by(of, jobs, (Method::MailLink, Actor::Subject, met)).await?);
            }
            Purpose::Phone => {
                return Ok(!self.shown_by(of, jobs, (Method::SmsCode, Actor::Subject, met)).await?);
            }
            Purpose::Guardian => return self.guardian_confirmed(of, jobs, met).await,
            Purpose::OnFile => {
                self.on_file_proven(of, met).await?;
                return Ok(true);
            }
            Purpose::NewAddress => self.address_confirmed(of, jobs, met).await?,
            Purpose::Download => self.download_allowed(of, Actor::Subject),
            Purpose::AgentDownload => self.download_allowed(of, Actor::Agent),
            // Their standing is never open here.
            Purpose::Another | Purpose::Stop | Purpose::Agent | Purpose::AgentEnd | Purpose::Paper => {}
        }
        Ok(false)
    }

    /// Records that the guardian holds their address. Returns whether the request takes more than that.
    async fn guardian_confirmed(
        &mut self,
        of: &mut request::Model,
        jobs: &mut [job::Model],
        met: &challenge::Model,
    ) -> Result<bool, LedgerError> {
        of.guardian = Some(GuardianStanding::Confirmed.as_str().to_owned());
        let more = !self.shown_by(of, jobs, (Method::GuardianLink, Actor::Guardian, met)).await?;
        // Whether the stores hold their address is asked when nobody waits for it.
        if more && crate::evidence::policy(of)?.counts(Method::GuardianOnFile) {
            self.look_up(RequestId::from_uuid(of.id));
        }
        Ok(more)
    }

    fn download_allowed(&mut self, of: &request::Model, by: Actor) {
        self.audit(RequestId::from_uuid(of.id), AuditEvent::new(DOWNLOAD_ALLOWED, by));
    }

    /// Records the person's word that the agent who acts for them may have the results, too.
    pub(super) fn agent_may_receive(&mut self, of: &mut request::Model, met: &challenge::Model) {
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
