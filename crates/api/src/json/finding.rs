use chrono::{DateTime, Utc};
use habeas_domain::{CollectionName, KeyName, Personal, StoreName, review::FindingKind};
use habeas_ledger::{FindingDetail, FindingState, FindingView};
use serde::Serialize;
use utoipa::ToSchema;

use crate::schemas;

/// What a request stopped at for staff to look, and what they decided.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Finding)]
pub(crate) struct FindingJson {
    /// What a decision names: this finding and no other.
    #[schema(schema_with = schemas::sha256)]
    finding: String,
    /// What it is.
    #[schema(schema_with = schemas::finding_kind)]
    kind: FindingKind,
    /// Where it stands.
    #[schema(schema_with = schemas::finding_state)]
    state: FindingState,
    /// Which key it is about.
    #[schema(example = "email", value_type = Option<String>)]
    key: Option<KeyName>,
    /// In which store it was found.
    #[schema(schema_with = schemas::maybe_store)]
    store: Option<StoreName>,
    /// In which collection.
    #[schema(value_type = Option<String>)]
    collection: Option<CollectionName>,
    /// The number that was passed; zero where the kind has none.
    allowed: u32,
    /// When it was found.
    found_at: DateTime<Utc>,
    /// The decisions that it takes; none where it cannot be decided here.
    #[schema(schema_with = schemas::review_decisions)]
    takes: &'static [&'static str],
    /// How many different people have to decide alike; nobody once it is decided or gone.
    needed: usize,
    /// Who decided what, oldest first.
    decisions: Vec<ReviewDecisionJson>,
    /// What was proven. Only where findings are shown by themselves: personal data.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    proven: Option<Vec<String>>,
    /// What was found. Only where findings are shown by themselves: personal data.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    found: Option<Vec<String>>,
}

/// What a member of staff decided about a finding.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReviewDecision)]
pub(crate) struct ReviewDecisionJson {
    /// Who.
    #[schema(schema_with = schemas::actor)]
    by: String,
    /// What.
    #[schema(schema_with = schemas::review_decision)]
    decision: &'static str,
    /// The most that is allowed from then on, where that is what was decided.
    up_to: Option<u32>,
    /// When.
    at: DateTime<Utc>,
    /// Why. Only where findings are shown by themselves: it may hold personal data.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    reason: Option<String>,
}

/// The findings of a request with their values.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Findings)]
pub(crate) struct FindingsJson {
    /// Oldest first. The one that is `open` waits for a decision.
    pub(crate) findings: Vec<FindingJson>,
}

impl From<FindingView> for FindingJson {
    fn from(view: FindingView) -> Self {
        let decisions = view.decisions.into_iter().map(|one| ReviewDecisionJson {
            by: one.by.to_string(),
            decision: one.decision.as_str(),
            up_to: one.decision.up_to(),
            at: one.at,
            reason: None,
        });
        Self {
            finding: view.finding.to_string(),
            kind: view.kind,
            state: view.state,
            key: view.key,
            store: view.store,
            collection: view.collection,
            allowed: view.allowed,
            found_at: view.found_at,
            takes: view.kind.takes(),
            needed: view.needed,
            decisions: decisions.collect(),
            proven: None,
            found: None,
        }
    }
}

impl From<FindingDetail> for FindingJson {
    /// The caller has the scope for it, and the look was recorded.
    fn from(detail: FindingDetail) -> Self {
        let shown =
            |values: Vec<Personal<String>>| Some(values.into_iter().map(Personal::into_inner).collect());
        let mut json = Self::from(detail.view);
        for (decision, reason) in json.decisions.iter_mut().zip(detail.reasons) {
            decision.reason = Some(reason.into_inner());
        }
        Self { proven: shown(detail.proven), found: shown(detail.found), ..json }
    }
}
