//! The rows of a request that is taken, and what is ordered with it.

use habeas_domain::{
    JobId, JobState, Letter, RequestId, RequestState, Right, TypedId, WorkKind, approval::ApprovalPolicy,
    audit::AuditEvent,
};
use sea_orm::ActiveValue::Set;
use serde_json::{Value, json};

use super::{Accepted, NewRequest, known::OpenRequests};
use crate::{
    LedgerError,
    agent::OnBehalf,
    clock,
    entity::{job, request},
    guardian::GuardianStanding,
    sealed,
    unit::{NewWork, Unit},
};

impl Unit<'_> {
    pub(super) fn add(
        &mut self,
        new: &NewRequest,
        (lookup, on_behalf): (Vec<u8>, OnBehalf),
        fingerprint: [u8; 32],
        open: &OpenRequests,
        rows: &mut (Vec<request::ActiveModel>, Vec<job::ActiveModel>),
    ) -> Result<Accepted, LedgerError> {
        let id: RequestId = self.ledger.ids().fresh();
        let rights = &new.submission.rights;
        let duplicate_of =
            rights.iter().find_map(|right| open.rights.get(&(lookup.clone(), *right)).copied());
        let disputed = open.disputed.get(&lookup).copied();
        let mut row = self.request_row(id, new, lookup, fingerprint, duplicate_of)?;
        self.owe_receipt(new, &mut row, on_behalf.agent.is_some())?;
        row.agent_id = on_behalf.agent;
        row.mandate_lookup = on_behalf.mandate;
        row.mandate_reused = on_behalf.reused;
        row.mandate_digest = on_behalf.digest;
        row.mandate_ends_at = on_behalf.ends_at;
        row.agent_waits = on_behalf.waits;
        self.work(&NewWork {
            kind: WorkKind::Challenge,
            request: id,
            job: None,
            target: id.uuid(),
            store: None,
            not_before: on_behalf.not_before,
        });
        if on_behalf.ask {
            self.ask_agent(id);
        }
        if on_behalf.agent.is_some() {
            self.offer_end(id);
        }
        self.audit(id, AuditEvent::new("received", new.submitted_by).with(detail(new, &row)));
        // Whoever made the other one may go on with this.
        if let Some(of) = disputed {
            self.stop_with_sibling(&mut row, of);
        }
        rows.0.push(row.into());
        for right in rights {
            rows.1.push(self.job_row(id, *right, new.policies.get(right).copied()));
        }
        let due_on = new.deadline.due_on;
        Ok(Accepted { id, reference: id.reference(), due_on, duplicate_of, repeated: false })
    }

    /// Orders the mail that says that it was received. For an agent's request the person is written to in its turn, receipt and
    /// challenge together. A child is told by the one mail that asks for the guardian.
    fn owe_receipt(
        &mut self,
        new: &NewRequest,
        row: &mut request::Model,
        on_behalf: bool,
    ) -> Result<(), LedgerError> {
        let receipt = new.receipt && new.submission.child.is_none();
        row.receipt_owed = receipt && on_behalf;
        if !receipt || on_behalf {
            return Ok(());
        }
        let letter = Letter::Received {
            rights: new.submission.rights.clone(),
            received_at: new.submission.received_at,
            due_on: new.deadline.due_on,
        };
        let address = new.submission.subject.email.as_str();
        let dedupe = format!("{}/received", RequestId::from_uuid(row.id));
        self.mail(row, None, address, &letter, dedupe)
    }

    fn request_row(
        &self,
        id: RequestId,
        new: &NewRequest,
        lookup: Vec<u8>,
        fingerprint: [u8; 32],
        duplicate_of: Option<RequestId>,
    ) -> Result<request::Model, LedgerError> {
        let vault = self.ledger.vault();
        let (key, wrapped) = vault.new_request_key(&sealed::owner(id))?;
        let (submission, deadline) = (&new.submission, &new.deadline);
        let asked_in = new
            .asked_in
            .as_ref()
            .map(|message| vault.seal(&key, &sealed::asked_in(id), message.expose().as_bytes()));
        Ok(request::Model {
            id: id.uuid(),
            reference: id.reference(),
            state: RequestState::AwaitingVerification.as_str().to_owned(),
            outcome: None,
            regime: submission.regime.to_string(),
            language: submission.language.to_string(),
            channel: submission.channel.to_string(),
            submitted_by: new.submitted_by.to_string(),
            subject_lookup: lookup,
            duplicate_of: duplicate_of.map(TypedId::uuid),
            idempotency_key: new.idempotency_key.as_deref().map(|key| self.ledger.keyed(key)),
            fingerprint: fingerprint.to_vec(),
            wrapped_key: Some(wrapped.to_bytes()),
            personal: Some(vault.seal_json(&key, &sealed::personal(id), submission)?),
            keys: None,
            review_reason: None,
            review_cause: None,
            received_at: clock::stored(submission.received_at),
            verified_at: None,
            due_on: deadline.due_on.to_string(),
            due_at: clock::stored(deadline.due_at),
            lapse_at: clock::stored(new.lapse_at),
            extensions: 0,
            alerts: 0,
            jobs_open: i64::try_from(submission.rights.len()).unwrap_or(i64::MAX),
            disputed_at: None,
            dispute_settled_at: None,
            agent_id: None,
            mandate_lookup: None,
            mandate_reused: false,
            agent_waits: false,
            receipt_owed: false,
            agent_stopped_at: None,
            agent_ended_at: None,
            agent_receives_at: None,
            mandate_ends_at: None,
            mandate_digest: None,
            batch_id: new.batch.map(TypedId::uuid),
            closed_at: None,
            asked_in: asked_in.transpose()?,
            verification: crate::evidence::stored(&new.verification)?,
            evidence: None,
            papers: 0,
            findings: 0,
            guardian: submission.child.as_ref().map(|child| GuardianStanding::of(child).as_str().to_owned()),
            also_proven: None,
            halted_at: None,
            alert_on: Some(deadline.alert_on.to_string()),
            alert_at: Some(clock::stored(deadline.alert_at)),
            acknowledge_by: deadline.acknowledge_by.map(|day| day.to_string()),
            acknowledge_at: deadline.acknowledge_at.map(clock::stored),
            acknowledged_at: None,
            acknowledge_told_at: None,
        })
    }

    fn job_row(&self, request: RequestId, right: Right, policy: Option<ApprovalPolicy>) -> job::ActiveModel {
        let policy = policy.unwrap_or(ApprovalPolicy::OnePerson);
        job::ActiveModel {
            id: Set(self.ledger.ids().fresh::<JobId>().uuid()),
            request_id: Set(request.uuid()),
            right: Set(right.as_str().to_owned()),
            state: Set(JobState::AwaitingVerification.as_str().to_owned()),
            outcome: Set(None),
            policy: Set(policy.as_str().to_owned()),
            plan_hash: Set(None),
            plan: Set(None),
            unconfirmed: Set(0),
            grace: Set(None),
            noticed_at: Set(None),
            grace_until: Set(None),
            tasks_open: Set(0),
            tasks_parked: Set(0),
            tasks_held: Set(0),
            held_at: Set(None),
            started_at: Set(None),
            ended_at: Set(None),
            planned_at: Set(None),
            plan_withdrawn: Set(false),
            taken_back_at: Set(None),
            copy_confirmed_at: Set(None),
        }
    }
}

/// What the audit trail says of a request that was received.
fn detail(new: &NewRequest, row: &request::Model) -> Value {
    let mut detail = json!({
        "rights": new.submission.rights, "regime": row.regime, "channel": row.channel, "due_on": row.due_on,
        "basis": new.deadline.basis, "duplicate_of": row.duplicate_of,
    });
    if let Some(named) = &new.law_not_taken {
        detail["law_not_taken"] = json!(named);
    }
    if row.guardian.is_some() {
        detail["child"] = json!(true);
    }
    if let Some(agent) = row.agent_id {
        detail["agent"] = json!(agent);
        detail["mandate_reused"] = json!(row.mandate_reused);
        detail["batch"] = json!(new.batch);
    }
    detail
}
