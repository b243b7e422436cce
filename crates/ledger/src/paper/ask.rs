use chrono::{DateTime, Utc};
use habeas_domain::{
    Actor, PaperId, PaperKind, PaperState, RequestId, RequestState, TypedId,
    audit::AuditEvent,
    paper::{PaperEvent, PaperRefused},
    text::FreeText,
    verification::{Method, Standing, judge},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use super::{PaperView, row};
use crate::{
    Ledger, LedgerError, NewChallenge, clock,
    corrupt::parse,
    entity::{paper, request},
    evidence, sealed,
    unit::Unit,
};

/// The most papers that one request is ever asked for or given.
const MOST: i64 = 10;

/// Staff ask for a paper.
#[derive(Debug, Clone)]
pub struct PaperAsk {
    /// What it is to show.
    pub kind: PaperKind,
    /// Why it is needed in this case. Kept sealed with the request.
    pub reason: FreeText,
    /// Who asks.
    pub by: Actor,
    /// When the asking ends.
    pub ends: DateTime<Utc>,
    /// The link that takes it, and the mail that carries it.
    pub link: NewChallenge,
}

impl Ledger {
    /// Asks for a paper, and orders the mail. A document that shows who somebody is becomes a part of what this one
    /// request takes: it counts from now on, and the mailed link alone does not. Asking again replaces the link before.
    ///
    /// # Errors
    /// [`LedgerError::Paper`] where the policy forbids it or nothing waits for it.
    pub async fn ask_paper(&self, request: RequestId, ask: PaperAsk) -> Result<PaperView, LedgerError> {
        let mut unit = self.begin().await?;
        let mut requests = unit.lock([request]).await?;
        let row = requests.get_mut(&request).ok_or(LedgerError::NotFound("request"))?;
        let before = unit.open_paper(row, ask.kind).await?;
        unit.may_take(row, ask.kind, before.as_ref())?;
        if ask.kind == PaperKind::IdentityDocument {
            let policy = evidence::policy(row)?.with_document().ok_or(PaperRefused::Forbidden)?;
            row.verification = evidence::stored(&policy)?;
        }
        if let Some(before) = before {
            unit.lapse_paper(before, "asked-again").await?;
        }
        let id = unit.asked(row, ask).await?;
        unit.commit().await?;
        self.paper(id).await
    }
}

impl Unit<'_> {
    /// The paper of a kind that is asked for or waits for its judgement.
    pub(super) async fn open_paper(
        &self,
        of: &request::Model,
        kind: PaperKind,
    ) -> Result<Option<paper::Model>, LedgerError> {
        if of.papers == 0 {
            return Ok(None);
        }
        let open = PaperState::ALL.into_iter().filter(|state| state.is_open()).map(PaperState::as_str);
        Ok(paper::Entity::find()
            .filter(paper::Column::RequestId.eq(of.id))
            .filter(paper::Column::Kind.eq(kind.as_str()))
            .filter(paper::Column::State.is_in(open))
            .one(&self.tx)
            .await?)
    }

    /// Whether anything waits for a paper of this kind, and there may be one more.
    pub(super) fn may_take(
        &self,
        of: &request::Model,
        kind: PaperKind,
        open: Option<&paper::Model>,
    ) -> Result<(), LedgerError> {
        let state: RequestState = parse(&of.state, "request", "state", of.id)?;
        let waits = match kind {
            PaperKind::Mandate => state != RequestState::Closed && of.agent_ended_at.is_none(),
            PaperKind::IdentityDocument | PaperKind::GuardianProof => {
                let (policy, shown) = (evidence::policy(of)?, self.ledger.evidence_of(of)?);
                state == RequestState::AwaitingVerification
                    && judge(&policy, &shown) != Standing::Failed
                    && (kind != PaperKind::GuardianProof || policy.counts(Method::GuardianProof))
            }
        };
        if !waits {
            return Err(PaperRefused::NotAwaited.into());
        }
        if open.is_some_and(|open| open.state == PaperState::Given.as_str()) {
            return Err(PaperRefused::Open.into());
        }
        if of.papers >= MOST {
            return Err(PaperRefused::TooMany.into());
        }
        Ok(())
    }

    async fn asked(&mut self, of: &mut request::Model, ask: PaperAsk) -> Result<PaperId, LedgerError> {
        let link = self.challenge(of, None, ask.link)?;
        let id: PaperId = self.ledger.ids().fresh();
        let vault = self.ledger.vault();
        let key = sealed::key(vault, of)?;
        let new = paper::Model {
            asked_by: Some(ask.by.to_string()),
            asked_at: Some(self.stored_now()),
            reason: Some(vault.seal(&key, &row::reason(id), ask.reason.as_str().as_bytes())?),
            challenge_id: Some(link),
            ..blank(id, of.id, ask.kind, clock::stored(ask.ends))
        };
        new.into_active_model().insert(&self.tx).await?;
        waits_until(of, clock::stored(ask.ends));
        of.papers += 1;
        self.changes.request(of);
        let event = AuditEvent::new("paper-asked", ask.by).with(json!({ "paper": id, "kind": ask.kind }));
        self.audit(RequestId::from_uuid(of.id), event);
        Ok(id)
    }

    /// Ends a paper that is open, and destroys what there is of it.
    pub(super) async fn lapse_paper(
        &mut self,
        paper: paper::Model,
        why: &'static str,
    ) -> Result<(), LedgerError> {
        let id = row::id(&paper);
        let state = row::state(&paper)?.after(PaperEvent::Lapsed)?;
        let request = row::request(&paper);
        self.settle_paper(&paper, state).await?;
        let detail = json!({ "paper": id, "kind": paper.kind, "why": why });
        self.audit(request, AuditEvent::new("paper-lapsed", Actor::System).with(detail));
        Ok(())
    }

    /// Writes the end of a paper, and deletes its bytes in the same transaction.
    pub(super) async fn settle_paper(
        &mut self,
        paper: &paper::Model,
        state: PaperState,
    ) -> Result<(), LedgerError> {
        let held = self.destroy_paper(paper).await?;
        let mut change = paper.clone().into_active_model();
        change.state = Set(state.as_str().to_owned());
        change.decided_at = Set(Some(self.stored_now()));
        change.destroyed_at = Set(held.then(|| self.stored_now()));
        change.update(&self.tx).await?;
        Ok(())
    }
}

/// A request does not lapse while a paper is under way.
pub(super) fn waits_until(of: &mut request::Model, ends: i64) {
    if of.state == RequestState::AwaitingVerification.as_str() {
        of.lapse_at = of.lapse_at.max(ends);
    }
}

/// A paper of which nothing is known yet.
pub(super) fn blank(id: PaperId, request: Uuid, kind: PaperKind, ends_at: i64) -> paper::Model {
    paper::Model {
        id: id.uuid(),
        request_id: request,
        kind: kind.as_str().to_owned(),
        state: PaperState::Asked.as_str().to_owned(),
        asked_by: None,
        asked_at: None,
        reason: None,
        challenge_id: None,
        given_by: None,
        given_at: None,
        media_type: None,
        size: None,
        sha256: None,
        lookup: None,
        reused: false,
        ends_at,
        decided_at: None,
        destroyed_at: None,
    }
}
