//! What is shown of what a request stopped at.

use chrono::{DateTime, Utc};
use habeas_ledger::FindingView;
use serde::Serialize;

/// What a request stopped at, without its values and without what staff wrote.
#[derive(Debug, Serialize)]
pub(crate) struct Finding {
    #[serde(rename = "finding")]
    pub(crate) hash: String,
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) key: Option<String>,
    pub(crate) store: Option<String>,
    pub(crate) collection: Option<String>,
    pub(crate) allowed: u32,
    pub(crate) found_at: DateTime<Utc>,
    pub(crate) takes: &'static [&'static str],
    pub(crate) needed: usize,
    pub(crate) decisions: Vec<FindingDecision>,
}

/// What a member of staff decided about a finding.
#[derive(Debug, Serialize)]
pub(crate) struct FindingDecision {
    pub(crate) by: String,
    pub(crate) decision: &'static str,
    pub(crate) up_to: Option<u32>,
    pub(crate) at: DateTime<Utc>,
}

impl From<&FindingView> for Finding {
    fn from(view: &FindingView) -> Self {
        let decisions = view.decisions.iter().map(|one| FindingDecision {
            by: one.by.to_string(),
            decision: one.decision.as_str(),
            up_to: one.decision.up_to(),
            at: one.at,
        });
        Self {
            hash: view.finding.to_string(),
            kind: view.kind.to_string(),
            status: view.state.to_string(),
            key: view.key.as_ref().map(ToString::to_string),
            store: view.store.as_ref().map(ToString::to_string),
            collection: view.collection.as_ref().map(ToString::to_string),
            allowed: view.allowed,
            found_at: view.found_at,
            takes: view.kind.takes(),
            needed: view.needed,
            decisions: decisions.collect(),
        }
    }
}
