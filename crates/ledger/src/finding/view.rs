use std::collections::HashMap;

use chrono::{DateTime, Utc};
use habeas_domain::{
    Actor, CollectionName, JobState, KeyName, Personal, RequestId, StoreName, TypedId,
    request::UnknownState,
    review::{self, FindingHash, FindingKind, ReviewDecision},
    words,
};
use sea_orm::{ConnectionTrait, EntityTrait};
use serde::Serialize;
use uuid::Uuid;

use super::row;
use crate::{
    JobView, Ledger, LedgerError, clock,
    corrupt::{parse, parse_opt},
    entity::{request, review_decision as decision, review_finding as finding},
    sealed,
};

/// Where a finding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingState {
    /// The request waits for a decision about it.
    Open,
    /// It is decided, and every later resolve obeys.
    Decided,
    /// The request went on without a decision.
    Gone,
}

words!(FindingState, or UnknownState: Open = "open", Decided = "decided", Gone = "gone");

/// What is known of a finding, without its values and without what staff wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingView {
    /// What a decision names.
    pub finding: FindingHash,
    /// Its kind.
    pub kind: FindingKind,
    /// Where it stands.
    pub state: FindingState,
    /// Which key it is about.
    pub key: Option<KeyName>,
    /// In which store it was found.
    pub store: Option<StoreName>,
    /// In which collection.
    pub collection: Option<CollectionName>,
    /// Whether the key identifies a person.
    pub identifying: bool,
    /// The number that was passed; zero where the kind has none.
    pub allowed: u32,
    /// When it was found.
    pub found_at: DateTime<Utc>,
    /// How many different people have to decide alike. Nobody, once it is decided or gone.
    pub needed: usize,
    /// Who decided what, oldest first.
    pub decisions: Vec<OpinionView>,
}

/// What one member of staff decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpinionView {
    /// Who.
    pub by: Actor,
    /// What.
    pub decision: ReviewDecision,
    /// When.
    pub at: DateTime<Utc>,
}

/// A finding with its values and what staff wrote. Holds personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingDetail {
    /// What is known of it.
    pub view: FindingView,
    /// What was proven.
    pub proven: Vec<Personal<String>>,
    /// What was found.
    pub found: Vec<Personal<String>>,
    /// Why each decided as they did, in the order of the decisions.
    pub reasons: Vec<Personal<String>>,
}

impl FindingView {
    fn read(row: &finding::Model, decisions: &[decision::Model]) -> Result<Self, LedgerError> {
        const TABLE: &str = "review_finding";
        let own = decisions.iter().filter(|one| one.finding_id == row.id).map(|one| {
            let opinion = row::opinion(one)?;
            let at = clock::moment(one.decided_at);
            Ok(OpinionView { by: opinion.by, decision: opinion.decision, at })
        });
        Ok(Self {
            finding: row::hash(row)?,
            kind: parse(&row.kind, TABLE, "kind", row.id)?,
            state: parse(&row.state, TABLE, "state", row.id)?,
            key: parse_opt(row.key_name.as_deref(), TABLE, "key_name", row.id)?,
            store: parse_opt(row.store.as_deref(), TABLE, "store", row.id)?,
            collection: parse_opt(row.collection.as_deref(), TABLE, "collection", row.id)?,
            identifying: row.identifying,
            allowed: u32::try_from(row.allowed).unwrap_or_default(),
            found_at: clock::moment(row.found_at),
            needed: 0,
            decisions: own.collect::<Result<_, LedgerError>>()?,
        })
    }
}

/// Says of open findings how many people have to decide alike, given the jobs of their request.
pub(crate) fn still_needed(findings: &mut [FindingView], jobs: &[JobView]) {
    let removes = jobs.iter().any(|job| job.state != JobState::Ended && job.right.removes_data());
    for one in findings.iter_mut().filter(|one| one.state == FindingState::Open) {
        one.needed = review::needed(one.identifying, removes);
    }
}

/// The findings of these requests, oldest first, each as it says or as not readable.
pub(crate) async fn of_requests(
    db: &impl ConnectionTrait,
    requests: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Result<FindingView, LedgerError>>>, LedgerError> {
    if requests.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = row::findings(db, requests.iter().copied()).await?;
    let decisions = row::decisions(db, &rows).await?;
    let mut all: HashMap<Uuid, Vec<Result<FindingView, LedgerError>>> = HashMap::new();
    for one in &rows {
        all.entry(one.request_id).or_default().push(FindingView::read(one, &decisions));
    }
    Ok(all)
}

impl Ledger {
    /// The findings of a request with their values, oldest first, for staff to compare. The caller records the look.
    ///
    /// # Errors
    /// [`LedgerError::Erased`] once the personal data of the request are gone.
    pub async fn findings(&self, request: RequestId) -> Result<Vec<FindingDetail>, LedgerError> {
        let of = request::Entity::find_by_id(request.uuid()).one(self.db()).await?;
        let of = of.ok_or(LedgerError::NotFound("request"))?;
        let key = sealed::key(self.vault(), &of)?;
        let jobs = self.request_view(request).await?.jobs;
        let rows = row::findings(self.db(), [of.id]).await?;
        let decisions = row::decisions(self.db(), &rows).await?;
        let mut all = Vec::with_capacity(rows.len());
        for one in &rows {
            let mut view = FindingView::read(one, &decisions)?;
            still_needed(std::slice::from_mut(&mut view), &jobs);
            let own = decisions.iter().filter(|decision| decision.finding_id == one.id);
            let reasons = own.map(|decision| {
                let sealed = decision.reason.as_deref().ok_or(LedgerError::Erased)?;
                let bytes = self.vault().open(&key, &row::reason(decision.id), sealed)?;
                Ok(Personal::new(String::from_utf8_lossy(bytes.expose()).into_owned()))
            });
            let values = self.values(&of, one)?;
            all.push(FindingDetail {
                view,
                proven: values.proven,
                found: values.found,
                reasons: reasons.collect::<Result<_, LedgerError>>()?,
            });
        }
        Ok(all)
    }
}
