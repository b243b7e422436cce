//! What was shown of a person's identity, sealed on the request and judged in the transaction that records it.

use habeas_domain::{
    Actor, PaperKind, RequestId, RequestState, TypedId,
    audit::AuditEvent,
    verification::{
        Evidence, EvidenceOutcome, EvidenceRefused, Method, Standing, VerificationPolicy, admit, judge,
    },
};
use sea_orm::EntityTrait;
use serde_json::json;
use uuid::Uuid;

use crate::{
    Ledger, LedgerError, OpenRequest,
    corrupt::parse,
    entity::{job, request},
    prove::whoever_proved,
    review::ReviewCause,
    sealed,
    unit::Unit,
};

/// What proof of identity a request takes, what was shown, and how the person stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityView {
    /// Which request.
    pub request: RequestId,
    /// Where it stands.
    pub state: RequestState,
    /// What it takes.
    pub policy: VerificationPolicy,
    /// What was shown, oldest first. Empty once the personal data are gone.
    pub evidence: Vec<Evidence>,
    /// How the person stands by it.
    pub standing: Standing,
}

/// The column for a policy. None is needed for exactly what [`policy`] reads where there is none: a policy that the mailed
/// link meets says more than that, such as what a person must never be asked for.
pub(crate) fn stored(policy: &VerificationPolicy) -> Result<Option<String>, LedgerError> {
    if *policy == VerificationPolicy::mail_link() {
        return Ok(None);
    }
    let unwritable =
        |_| LedgerError::Corrupt { table: "request", column: "verification", row: String::new() };
    serde_json::to_string(policy).map(Some).map_err(unwritable)
}

pub(crate) fn policy(row: &request::Model) -> Result<VerificationPolicy, LedgerError> {
    let Some(text) = &row.verification else { return Ok(VerificationPolicy::mail_link()) };
    serde_json::from_str(text).map_err(|_| LedgerError::Corrupt {
        table: "request",
        column: "verification",
        row: row.id.to_string(),
    })
}

/// Whether a proof under way or a paper can belong to the request: not where the mailed link alone decides.
pub(crate) fn takes_more(policy: &VerificationPolicy) -> bool {
    !policy.is_mail_link_alone() || policy.counts(Method::Mandate)
}

impl Ledger {
    pub(crate) fn evidence_of(&self, row: &request::Model) -> Result<Vec<Evidence>, LedgerError> {
        let Some(bytes) = row.evidence.as_deref() else { return Ok(Vec::new()) };
        let key = sealed::key(self.vault(), row)?;
        let context = sealed::evidence(RequestId::from_uuid(row.id));
        Ok(self.vault().open_json::<Vec<Evidence>>(&key, &context, bytes)?.into_inner())
    }

    /// What proof of identity a request takes and what was shown.
    pub async fn identity(&self, request: RequestId) -> Result<IdentityView, LedgerError> {
        let row = request::Entity::find_by_id(request.uuid()).one(self.db()).await?;
        let row = row.ok_or(LedgerError::NotFound("request"))?;
        let (policy, evidence) = (policy(&row)?, self.evidence_of(&row)?);
        let state = parse(&row.state, "request", "state", request)?;
        let standing = judge(&policy, &evidence);
        Ok(IdentityView { request, state, policy, evidence, standing })
    }

    /// Records evidence, judges all there is by the request's policy, and lets the request go on if that is enough: in
    /// one transaction.
    ///
    /// # Errors
    /// [`LedgerError::Evidence`] if it does not count; then nothing was recorded.
    pub async fn record_evidence(
        &self,
        request: RequestId,
        shown: Evidence,
    ) -> Result<Standing, LedgerError> {
        self.record(request, shown, None).await
    }

    /// The same for what was compared with the stores, when the person had proven so many addresses beside that of the request.
    /// With another one since, what is on file may be another person's.
    ///
    /// # Errors
    /// As [`Ledger::record_evidence`].
    pub async fn record_shown(
        &self,
        request: RequestId,
        shown: Evidence,
        also_proven: usize,
    ) -> Result<Standing, LedgerError> {
        self.record(request, shown, Some(also_proven)).await
    }

    async fn record(
        &self,
        request: RequestId,
        shown: Evidence,
        also_proven: Option<usize>,
    ) -> Result<Standing, LedgerError> {
        let mut unit = self.begin().await?;
        let mut requests = unit.lock([request]).await?;
        let row = requests.get_mut(&request).ok_or(LedgerError::NotFound("request"))?;
        if row.state != RequestState::AwaitingVerification.as_str() || row.agent_stopped_at.is_some() {
            return Err(EvidenceRefused::NotAwaited.into());
        }
        if let Some(judged_with) = also_proven
            && OpenRequest::open(self.vault(), row)?.also_proven.len() != judged_with
        {
            return Err(EvidenceRefused::NotAwaited.into());
        }
        if matches!(shown.method, Method::Document | Method::GuardianProof | Method::Mandate) {
            return Err(EvidenceRefused::ThroughPaper.into());
        }
        let submitted_by: Actor = parse(&row.submitted_by, "request", "submitted_by", row.id)?;
        admit(&policy(row)?, &self.evidence_of(row)?, &shown, submitted_by)?;
        unit.called_on_file(request, &shown).await?;
        let mut jobs = unit.jobs_of([request]).await?;
        let standing = unit.evidence(row, &mut jobs, shown, None).await?;
        unit.commit().await?;
        Ok(standing)
    }
}

/// What stays when the person proves another address on file: how the request began, what they declared, and that it was denied.
fn holds_for_any_address(shown: &Evidence) -> bool {
    shown.method.begins() || shown.method == Method::Declaration || shown.outcome == EvidenceOutcome::Denied
}

impl Unit<'_> {
    /// Drops what was shown of who the person is by what the stores held under the addresses that were proven so far. The audit
    /// trail keeps that it was shown.
    pub(crate) fn drop_shown(&self, row: &mut request::Model) -> Result<(), LedgerError> {
        let mut all = self.ledger.evidence_of(row)?;
        let before = all.len();
        all.retain(holds_for_any_address);
        if all.len() < before {
            let (vault, context) = (self.ledger.vault(), sealed::evidence(RequestId::from_uuid(row.id)));
            row.evidence = Some(vault.seal_json(&sealed::key(vault, row)?, &context, &all)?);
        }
        Ok(())
    }

    /// Adds evidence to a locked request that waits for it, and opens the gate if that is enough. What the proofs under
    /// way kept is destroyed with it.
    pub(crate) async fn evidence(
        &mut self,
        row: &mut request::Model,
        jobs: &mut [job::Model],
        shown: Evidence,
        challenge: Option<Uuid>,
    ) -> Result<Standing, LedgerError> {
        let id = RequestId::from_uuid(row.id);
        let policy = policy(row)?;
        let mut all = self.ledger.evidence_of(row)?;
        let detail = match (shown.method, challenge) {
            (_, Some(challenge)) => json!({ "method": shown.method, "challenge": challenge }),
            (Method::RecentDealings, None) => json!({ "method": shown.method, "right": shown.answers }),
            (_, None) => json!({ "method": shown.method }),
        };
        let event = match shown.outcome {
            EvidenceOutcome::Passed => "identity-evidence",
            EvidenceOutcome::Failed => "identity-not-shown",
            EvidenceOutcome::Denied => "identity-denied",
        };
        let noted = AuditEvent::new(event, shown.by).with(detail);
        all.push(shown);
        let vault = self.ledger.vault();
        row.evidence = Some(vault.seal_json(&sealed::key(vault, row)?, &sealed::evidence(id), &all)?);
        let standing = judge(&policy, &all);
        // What is proof by itself is one entry of the audit trail.
        if all.len() > 1 || standing != Standing::Proven {
            self.audit(id, noted);
        }
        if standing == Standing::Proven {
            let methods: Vec<Method> = all.iter().map(|one| one.method).collect();
            let detail = json!({ "level": policy.level, "methods": methods, "challenge": challenge });
            self.audit(id, AuditEvent::new("identity-proven", whoever_proved(row)).with(detail));
            self.identity_proven(row, jobs)?;
        }
        if standing == Standing::Failed {
            let words = "whoever holds what is on file says that the request is not theirs; refuse it";
            row.ask_review(ReviewCause::Denied, words.to_owned());
        }
        if takes_more(&policy) && !matches!(standing, Standing::Needs { .. }) {
            self.drop_steps([row.id]).await?;
            for kind in [PaperKind::IdentityDocument, PaperKind::GuardianProof] {
                self.end_papers(row, Some(kind), "not-needed").await?;
            }
        }
        self.changes.request(row);
        Ok(standing)
    }
}
