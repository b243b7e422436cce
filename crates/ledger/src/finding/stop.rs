use std::collections::HashMap;

use habeas_domain::{
    Actor, RequestId, RequestState, TypedId, audit::AuditEvent, request::RequestEvent, review::ReviewDecision,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::Expr,
};
use serde_json::json;
use uuid::Uuid;

use super::{DecidedFinding, FindingState, NewFinding, Values, row};
use crate::{
    Ledger, LedgerError,
    among::among,
    claim::Lease,
    corrupt::{parse, parse_opt},
    entity::{request, review_decision as decision, review_finding as finding},
    review::ReviewCause,
    sealed,
    unit::Unit,
};

impl Ledger {
    /// Stops a request for a person to look at: its keys contradict each other, or are too many. What was found is kept sealed
    /// with the request, for staff to decide.
    pub async fn review_needed(
        &self,
        lease: Lease,
        request: RequestId,
        found: &NewFinding,
    ) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        let requests = unit.lock([request]).await?;
        let leases = unit.unless_closed(&[lease]).await?;
        if unit.finish(&leases).await?.is_empty() {
            return unit.commit().await;
        }
        let row = requests.get(&request).ok_or(LedgerError::NotFound("request"))?;
        let state: RequestState = parse(&row.state, "request", "state", row.id)?;
        let next = state.after(RequestEvent::ReviewNeeded)?;
        let changes = request::ActiveModel {
            id: Unchanged(row.id),
            state: Set(next.as_str().to_owned()),
            review_reason: Set(Some(found.reason.clone())),
            review_cause: Set(Some(ReviewCause::Keys.as_str().to_owned())),
            findings: Set(row.findings + 1),
            ..Default::default()
        };
        changes.update(&unit.tx).await?;
        let hash = unit.keep_finding(row, found).await?;
        let detail = json!({ "reason": found.reason, "finding": hash });
        unit.audit(request, AuditEvent::new("review-needed", Actor::System).with(detail));
        unit.commit().await
    }

    /// Whether staff said of something that a request found that it is somebody else's. Known for as long as the request is,
    /// its personal data or not.
    pub async fn left_rows_to_others(&self, request: RequestId) -> Result<bool, LedgerError> {
        let left = finding::Entity::find()
            .filter(finding::Column::RequestId.eq(request.uuid()))
            .filter(finding::Column::Decision.eq(ReviewDecision::AnotherPerson.as_str()));
        Ok(left.count(self.db()).await? > 0)
    }

    /// What staff decided about findings of these requests, oldest first. Nothing of requests whose personal data are gone.
    pub async fn decided_findings(
        &self,
        requests: &[RequestId],
    ) -> Result<HashMap<RequestId, Vec<DecidedFinding>>, LedgerError> {
        let mut all: HashMap<RequestId, Vec<DecidedFinding>> = HashMap::new();
        if requests.is_empty() {
            return Ok(all);
        }
        let mut rows = row::findings(self.db(), requests.iter().map(|id| id.uuid())).await?;
        rows.retain(|row| row.state == FindingState::Decided.as_str());
        if rows.is_empty() {
            return Ok(all);
        }
        let of = request::Entity::find()
            .filter(among(request::Column::Id, rows.iter().map(|row| row.request_id)))
            .all(self.db())
            .await?;
        for finding in &rows {
            let of = of.iter().find(|of| of.id == finding.request_id && of.wrapped_key.is_some());
            let Some(of) = of else { continue };
            let decided = self.decided(of, finding)?;
            all.entry(row::request(finding)).or_default().push(decided);
        }
        Ok(all)
    }

    fn decided(&self, of: &request::Model, finding: &finding::Model) -> Result<DecidedFinding, LedgerError> {
        let word = finding.decision.as_deref().unwrap_or_default();
        Ok(DecidedFinding {
            kind: parse(&finding.kind, "review_finding", "kind", finding.id)?,
            key: parse_opt(finding.key_name.as_deref(), "review_finding", "key_name", finding.id)?,
            found: self.values(of, finding)?.found,
            decision: row::decision("review_finding", finding.id, word, finding.up_to)?,
        })
    }

    /// The values of a finding of this request.
    pub(super) fn values(
        &self,
        of: &request::Model,
        finding: &finding::Model,
    ) -> Result<Values, LedgerError> {
        let found = finding.found.as_deref().ok_or(LedgerError::Erased)?;
        let key = sealed::key(self.vault(), of)?;
        Ok(self.vault().open_json::<Values>(&key, &row::found(finding.id), found)?.into_inner())
    }
}

impl Unit<'_> {
    /// Keeps a finding as the one that is open. One that was found before is open anew, and to be decided anew.
    async fn keep_finding(&mut self, of: &request::Model, new: &NewFinding) -> Result<String, LedgerError> {
        self.drop_open_findings(of.id).await?;
        let vault = self.ledger.vault();
        let hash = new.hash(RequestId::from_uuid(of.id), vault)?;
        let before = finding::Entity::find()
            .filter(finding::Column::RequestId.eq(of.id))
            .filter(finding::Column::Hash.eq(hash.0.to_vec()))
            .one(&self.tx)
            .await?;
        if let Some(before) = before {
            let old = decision::Entity::delete_many().filter(decision::Column::FindingId.eq(before.id));
            old.exec(&self.tx).await?;
            finding::Entity::delete_by_id(before.id).exec(&self.tx).await?;
        }
        let id = self.ledger.ids().fresh::<habeas_domain::MessageId>().uuid();
        let found = vault.seal_json(&sealed::key(vault, of)?, &row::found(id), &new.values())?;
        let (store, collection) = new.place.clone().unzip();
        let row = finding::Model {
            id,
            request_id: of.id,
            hash: hash.0.to_vec(),
            kind: new.kind.as_str().to_owned(),
            state: FindingState::Open.as_str().to_owned(),
            key_name: new.key.as_ref().map(ToString::to_string),
            store: store.map(|store| store.to_string()),
            collection: collection.map(|collection| collection.to_string()),
            identifying: new.identifying,
            allowed: i64::from(new.allowed),
            found: Some(found),
            found_at: self.stored_now(),
            decision: None,
            up_to: None,
        };
        row.into_active_model().insert(&self.tx).await?;
        Ok(hash.to_string())
    }

    /// The request goes on without a decision about what it stopped at.
    pub(crate) async fn drop_open_findings(&self, request: Uuid) -> Result<(), LedgerError> {
        finding::Entity::update_many()
            .col_expr(finding::Column::State, Expr::value(FindingState::Gone.as_str()))
            .filter(finding::Column::RequestId.eq(request))
            .filter(finding::Column::State.eq(FindingState::Open.as_str()))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// What was found and decided stays, as far as it is about nobody.
    pub(crate) async fn erase_findings(&self, requests: Vec<Uuid>) -> Result<(), LedgerError> {
        let nothing = || Expr::value(Option::<Vec<u8>>::None);
        let of = finding::Column::RequestId.is_in(requests.iter().copied());
        let theirs = finding::Entity::find().select_only().column(finding::Column::Id).filter(of.clone());
        decision::Entity::update_many()
            .col_expr(decision::Column::Reason, nothing())
            .filter(decision::Column::FindingId.in_subquery(theirs.into_query()))
            .exec(&self.tx)
            .await?;
        finding::Entity::update_many()
            .col_expr(finding::Column::Found, nothing())
            .filter(of)
            .exec(&self.tx)
            .await?;
        Ok(())
    }
}
