//! What a mandate document has to be: the one that the agent named, of this person, and not ended. And what is noted
//! where it is not.

use habeas_domain::{Actor, AgentId, RequestId, TypedId, audit::AuditEvent, paper::UploadRefused};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use crate::{
    Ledger, LedgerError, OpenRequest,
    entity::{paper, request},
    race::again_after_race,
    review::ReviewCause,
    unit::Unit,
};

/// What staff read on a request whose agent gave a document that does not count.
const REFUSED: &str = "a mandate document of its agent was refused; see the audit trail";

impl Ledger {
    /// By the SHA-256 of the bytes, in hexadecimal.
    pub(crate) fn paper_lookup(&self, sha256: &str) -> Vec<u8> {
        self.vault().lookup("paper", sha256).as_bytes().to_vec()
    }

    /// Has staff see that a mandate document was refused, after the transaction that refused it was given up.
    pub(crate) async fn mandate_refused(
        &self,
        request: RequestId,
        why: UploadRefused,
        by: Actor,
    ) -> Result<(), LedgerError> {
        again_after_race(|| self.mandate_refused_once(request, why, by)).await
    }

    async fn mandate_refused_once(
        &self,
        request: RequestId,
        why: UploadRefused,
        by: Actor,
    ) -> Result<(), LedgerError> {
        let found = request::Entity::find_by_id(request.uuid()).one(self.db()).await?;
        let Some(agent) = found.and_then(|row| row.agent_id).map(AgentId::from_uuid) else { return Ok(()) };
        let mut unit = self.begin().await?;
        let mut row = unit.agent(agent).await?;
        let mut requests = unit.lock([request]).await?;
        row.mandates_refused += 1;
        unit.save_agent(row).await?;
        let detail = json!({ "why": why.code(), "request": request });
        unit.audit_agent(agent, AuditEvent::new("mandate-refused", by).with(detail.clone()));
        unit.audit(request, AuditEvent::new("mandate-refused", by).with(detail));
        if let Some(of) = requests.get_mut(&request) {
            of.ask_review_too(ReviewCause::MandateRefused, || REFUSED.to_owned());
            unit.changes.request(of);
        }
        unit.commit().await?;
        metrics::counter!("habeas_mandates_refused_total", "why" => why.code()).increment(1);
        tracing::warn!(%request, why = why.code(), "a mandate document was refused");
        Ok(())
    }
}

impl Unit<'_> {
    /// Whether a mandate document of these bytes may be taken for this request.
    pub(crate) async fn check_mandate(
        &self,
        of: &request::Model,
        sha256: &str,
        lookup: &[u8],
    ) -> Result<(), LedgerError> {
        if self.mandate_has_ended(of) {
            return Err(refused(UploadRefused::Ended));
        }
        let said = OpenRequest::open(self.ledger.vault(), of)?.submission.agent;
        let named = said.and_then(|agent| agent.mandate.sha256);
        if named.is_some_and(|named| named != sha256) {
            return Err(refused(UploadRefused::OtherDocument));
        }
        if self.is_somebody_elses(of, lookup).await? {
            return Err(refused(UploadRefused::ForSomebodyElse));
        }
        Ok(())
    }

    /// Whether the agent's mandate is over by now.
    pub(crate) fn mandate_has_ended(&self, of: &request::Model) -> bool {
        of.mandate_ends_at.is_some_and(|ends| ends <= self.stored_now())
    }

    async fn is_somebody_elses(&self, of: &request::Model, lookup: &[u8]) -> Result<bool, LedgerError> {
        let given = paper::Entity::find()
            .filter(paper::Column::Lookup.eq(lookup.to_vec()))
            .filter(paper::Column::RequestId.ne(of.id))
            .all(&self.tx)
            .await?;
        let elsewhere = request::Entity::find()
            .filter(request::Column::Id.is_in(given.iter().map(|row| row.request_id)))
            .filter(request::Column::SubjectLookup.ne(of.subject_lookup.clone()))
            .one(&self.tx)
            .await?;
        Ok(elsewhere.is_some())
    }
}

fn refused(why: UploadRefused) -> LedgerError {
    LedgerError::Paper(why.into())
}
