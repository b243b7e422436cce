use habeas_domain::{
    RequestId, RequestState, TypedId,
    audit::AuditEvent,
    review::{self, FindingHash, Opinion, ReviewRefused, ToDecide, alike},
    text::FreeText,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
};
use serde_json::json;

use super::{FindingState, row};
use crate::{
    Ledger, LedgerError,
    corrupt::parse,
    entity::{job, request, review_decision as decision, review_finding as finding},
    job_step, sealed,
    unit::Unit,
};

/// What a decision led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingOutcome {
    /// It is in force, and the request is resolved with it.
    Decided,
    /// It counts, and so many more people have to decide alike.
    Counted {
        /// How many more.
        missing: usize,
    },
}

impl Ledger {
    /// Counts what a member of staff decides about the finding that a request stopped at, and lets the request go on with it
    /// once enough people decide alike.
    ///
    /// # Errors
    /// [`LedgerError::Review`] if the decision does not count.
    pub async fn decide_finding(
        &self,
        request: RequestId,
        hash: FindingHash,
        opinion: Opinion,
        reason: FreeText,
    ) -> Result<FindingOutcome, LedgerError> {
        let mut unit = self.begin().await?;
        let requests = unit.lock([request]).await?;
        let of = requests.get(&request).ok_or(LedgerError::NotFound("request"))?;
        let jobs = unit.jobs_of([request]).await?;
        let open = unit.open_finding(of).await?;
        let earlier = row::decisions(&unit.tx, std::slice::from_ref(&open)).await?;
        let mut opinions = earlier.iter().map(row::opinion).collect::<Result<Vec<_>, _>>()?;
        let what = ToDecide {
            finding: row::hash(&open)?,
            kind: parse(&open.kind, "review_finding", "kind", open.id)?,
            allowed: u32::try_from(open.allowed).unwrap_or_default(),
            submitted_by: parse(&of.submitted_by, "request", "submitted_by", of.id)?,
        };
        review::check(opinion, hash, &opinions, &what)?;
        unit.add_opinion(of, &open, opinion, &reason).await?;
        opinions.push(opinion);
        let needed = review::needed(open.identifying, removes_data(&jobs)?);
        let missing = needed.saturating_sub(alike(opinion.decision, &opinions));
        let detail = json!({
            "finding": what.finding.to_string(), "kind": what.kind, "key": open.key_name, "store": open.store,
            "collection": open.collection, "decision": opinion.decision.as_str(),
            "up_to": opinion.decision.up_to(), "missing": missing,
        });
        unit.audit(request, AuditEvent::new("review-decided", opinion.by).with(detail));
        if missing == 0 {
            unit.go_on_with(of, &open, opinion).await?;
        }
        unit.commit().await?;
        Ok(if missing == 0 { FindingOutcome::Decided } else { FindingOutcome::Counted { missing } })
    }
}

/// Whether anything that is still to be done takes data away.
fn removes_data(jobs: &[job::Model]) -> Result<bool, LedgerError> {
    for job in jobs.iter().filter(|job| job.ended_at.is_none()) {
        if job_step::right(job)?.removes_data() {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Unit<'_> {
    /// The finding that a request waits for.
    async fn open_finding(&self, of: &request::Model) -> Result<finding::Model, LedgerError> {
        let open = finding::Entity::find()
            .filter(finding::Column::RequestId.eq(of.id))
            .filter(finding::Column::State.eq(FindingState::Open.as_str()))
            .one(&self.tx)
            .await?;
        let waits = of.state == RequestState::AwaitingReview.as_str();
        open.filter(|_| waits).ok_or_else(|| ReviewRefused::NotAwaited.into())
    }

    async fn add_opinion(
        &self,
        of: &request::Model,
        finding: &finding::Model,
        opinion: Opinion,
        reason: &FreeText,
    ) -> Result<(), LedgerError> {
        let id = self.ledger.ids().fresh::<habeas_domain::MessageId>().uuid();
        let vault = self.ledger.vault();
        let reason = vault.seal(&sealed::key(vault, of)?, &row::reason(id), reason.as_str().as_bytes())?;
        let new = decision::Model {
            id,
            finding_id: finding.id,
            decided_by: opinion.by.to_string(),
            decision: opinion.decision.as_str().to_owned(),
            up_to: opinion.decision.up_to().map(i64::from),
            reason: Some(reason),
            decided_at: self.stored_now(),
        };
        new.into_active_model().insert(&self.tx).await?;
        Ok(())
    }

    /// Puts a decision in force and has the request resolved with it.
    async fn go_on_with(
        &mut self,
        of: &request::Model,
        finding: &finding::Model,
        opinion: Opinion,
    ) -> Result<(), LedgerError> {
        let decided = finding::ActiveModel {
            id: Unchanged(finding.id),
            state: Set(FindingState::Decided.as_str().to_owned()),
            decision: Set(Some(opinion.decision.as_str().to_owned())),
            up_to: Set(opinion.decision.up_to().map(i64::from)),
            ..Default::default()
        };
        decided.update(&self.tx).await?;
        self.leave_review(of).await
    }
}
