use habeas_domain::{
    Actor, PaperId, PaperKind, PaperState, RequestId, RequestState, TypedId,
    audit::AuditEvent,
    paper::{Judgement, PaperDecision, PaperEvent, PaperRefused, UploadRefused, decided, may_judge},
    text::FreeText,
    verification::{Evidence, EvidenceOutcome, EvidenceRefused, Method, admit},
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use super::{PaperView, row, view::views_of};
use crate::{
    Ledger, LedgerError, clock,
    corrupt::parse,
    entity::{paper, paper_judgement as judgement, request},
    evidence, sealed,
    unit::Unit,
};

/// What one member of staff makes of a paper, and why.
struct Opinion {
    by: Actor,
    decision: PaperDecision,
    note: FreeText,
    /// Whether it says that the results go to the agent.
    agent_receives: bool,
}

impl Ledger {
    /// Records what a member of staff makes of a paper. One refusal refuses it, and as many different people as the
    /// policy names (two at the least) accept it. With the decision its bytes are deleted, in the same transaction; what
    /// it shows is evidence, judged there too.
    ///
    /// # Errors
    /// [`LedgerError::Paper`] or [`LedgerError::Evidence`] if their judgement does not count.
    pub async fn judge_paper(
        &self,
        paper: PaperId,
        decision: PaperDecision,
        note: FreeText,
        by: Actor,
    ) -> Result<PaperView, LedgerError> {
        self.judge(paper, Opinion { by, decision, note, agent_receives: false }).await
    }

    /// The same for a mandate that says that the results go to the agent. They do if everybody who accepts it says so.
    ///
    /// # Errors
    /// As [`Ledger::judge_paper`].
    pub async fn judge_mandate_that_lets_receive(
        &self,
        paper: PaperId,
        decision: PaperDecision,
        note: FreeText,
        by: Actor,
    ) -> Result<PaperView, LedgerError> {
        self.judge(paper, Opinion { by, decision, note, agent_receives: true }).await
    }

    async fn judge(&self, paper: PaperId, opinion: Opinion) -> Result<PaperView, LedgerError> {
        let request = self.paper(paper).await?.request;
        let mut unit = self.begin().await?;
        let mut requests = unit.lock([request]).await?;
        let of = requests.get_mut(&request).ok_or(LedgerError::NotFound("request"))?;
        unit.judge_paper(of, paper, opinion).await?;
        unit.commit().await?;
        self.paper(paper).await
    }
}

impl Unit<'_> {
    async fn judge_paper(
        &mut self,
        of: &mut request::Model,
        id: PaperId,
        opinion: Opinion,
    ) -> Result<(), LedgerError> {
        let row = paper::Entity::find_by_id(id.uuid()).one(&self.tx).await?;
        let row = row.ok_or(LedgerError::NotFound("paper"))?;
        let view = views_of(&self.tx, std::slice::from_ref(&row)).await?.pop();
        let mut judgements = view.map(|view| view.judgements).unwrap_or_default();
        may_judge(row::state(&row)?, row::whose(of, &row)?, &judgements, opinion.by)?;
        let is_mandate = row::kind(&row)? == PaperKind::Mandate;
        if is_mandate && opinion.decision == PaperDecision::Accepted && self.mandate_has_ended(of) {
            return Err(PaperRefused::from(UploadRefused::Ended).into());
        }
        let shown = self.as_evidence(of, row::kind(&row)?, &opinion)?;
        self.note(of, id, &opinion).await?;
        judgements.push(Judgement { by: opinion.by, decision: opinion.decision, at: self.now });
        let needed = evidence::policy(of)?.reviewers;
        if let Some(decision) = decided(&judgements, needed) {
            self.paper_decided(of, &row, decision, opinion.by).await?;
            if is_mandate && decision == PaperDecision::Accepted {
                self.mandate_lets_receive(of, id).await?;
            }
        }
        if let Some(shown) = shown {
            let mut jobs = self.jobs_of([RequestId::from_uuid(of.id)]).await?;
            self.evidence(of, &mut jobs, shown, None).await?;
        }
        Ok(())
    }

    async fn note(
        &mut self,
        of: &request::Model,
        paper: PaperId,
        opinion: &Opinion,
    ) -> Result<(), LedgerError> {
        let id = self.ledger.ids().fresh::<habeas_domain::MessageId>().uuid();
        let vault = self.ledger.vault();
        let note = vault.seal(&sealed::key(vault, of)?, &row::note(id), opinion.note.as_str().as_bytes())?;
        let new = judgement::Model {
            id,
            paper_id: paper.uuid(),
            judged_by: opinion.by.to_string(),
            decision: opinion.decision.as_str().to_owned(),
            note: Some(note),
            judged_at: clock::stored(self.now),
            agent_receives: opinion.agent_receives,
        };
        new.into_active_model().insert(&self.tx).await?;
        let detail = json!({ "paper": paper, "decision": opinion.decision });
        self.audit(RequestId::from_uuid(of.id), AuditEvent::new("paper-judged", opinion.by).with(detail));
        Ok(())
    }

    async fn paper_decided(
        &mut self,
        of: &request::Model,
        row: &paper::Model,
        decision: PaperDecision,
        by: Actor,
    ) -> Result<(), LedgerError> {
        let event = match decision {
            PaperDecision::Accepted => PaperEvent::Accepted,
            PaperDecision::Refused => PaperEvent::Refused,
        };
        let state: PaperState = row::state(row)?.after(event)?;
        self.settle_paper(row, state).await?;
        let detail = json!({ "paper": row::id(row), "kind": row.kind, "decision": state });
        self.audit(RequestId::from_uuid(of.id), AuditEvent::new("paper-decided", by).with(detail));
        Ok(())
    }

    /// What an accepted mandate says of the results, by everybody who accepted it.
    async fn mandate_lets_receive(
        &mut self,
        of: &mut request::Model,
        paper: PaperId,
    ) -> Result<(), LedgerError> {
        let judged = judgement::Entity::find()
            .filter(judgement::Column::PaperId.eq(paper.uuid()))
            .all(&self.tx)
            .await?;
        let said = judged.iter().all(|one| one.agent_receives);
        if !said || of.agent_receives_at.is_some() || of.agent_ended_at.is_some() {
            return Ok(());
        }
        of.agent_receives_at = Some(self.stored_now());
        self.changes.request(of);
        let detail = json!({ "agent": of.agent_id, "paper": paper });
        let event = AuditEvent::new("agent-may-receive", Actor::System).with(detail);
        self.audit(RequestId::from_uuid(of.id), event);
        Ok(())
    }

    /// The judgement of a paper that shows who somebody is, as evidence; nothing for a mandate that cannot stand in for the
    /// person.
    fn as_evidence(
        &self,
        of: &request::Model,
        kind: PaperKind,
        opinion: &Opinion,
    ) -> Result<Option<Evidence>, LedgerError> {
        let method = shows(kind);
        let state: RequestState = parse(&of.state, "request", "state", of.id)?;
        // A mandate is looked at wherever an agent acts; it is evidence only where the law lets it stand in for the person.
        let stands_in = || -> Result<bool, LedgerError> {
            let awaited = state == RequestState::AwaitingVerification && !of.agent_waits;
            Ok(awaited && of.agent_stopped_at.is_none() && evidence::policy(of)?.counts(Method::Mandate))
        };
        if method == Method::Mandate && !stands_in()? {
            return Ok(None);
        }
        if state != RequestState::AwaitingVerification {
            return Err(EvidenceRefused::NotAwaited.into());
        }
        let outcome = match opinion.decision {
            PaperDecision::Accepted => EvidenceOutcome::Passed,
            PaperDecision::Refused => EvidenceOutcome::Failed,
        };
        let note = Some(opinion.note.clone());
        let shown = Evidence { method, outcome, at: self.now, by: opinion.by, answers: 0, note };
        let submitted_by: Actor = parse(&of.submitted_by, "request", "submitted_by", of.id)?;
        admit(&evidence::policy(of)?, &self.ledger.evidence_of(of)?, &shown, submitted_by)?;
        Ok(Some(shown))
    }
}

/// What a paper of this kind is evidence of.
const fn shows(kind: PaperKind) -> Method {
    match kind {
        PaperKind::IdentityDocument => Method::Document,
        PaperKind::GuardianProof => Method::GuardianProof,
        PaperKind::Mandate => Method::Mandate,
    }
}
