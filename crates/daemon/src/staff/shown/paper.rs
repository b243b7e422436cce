//! What is shown of a paper.

use chrono::{DateTime, Utc};
use habeas_ledger::PaperView;
use serde::Serialize;

/// A document given as evidence, without its content and without what staff wrote.
#[derive(Debug, Serialize)]
pub(crate) struct Paper {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) asked_by: Option<String>,
    pub(crate) asked_at: Option<DateTime<Utc>>,
    pub(crate) given_by: Option<String>,
    pub(crate) given_at: Option<DateTime<Utc>>,
    pub(crate) media_type: Option<String>,
    pub(crate) bytes: Option<u64>,
    pub(crate) sha256: Option<String>,
    pub(crate) reused: bool,
    pub(crate) ends_at: DateTime<Utc>,
    pub(crate) decided_at: Option<DateTime<Utc>>,
    pub(crate) destroyed_at: Option<DateTime<Utc>>,
    pub(crate) judgements: Vec<PaperJudgement>,
}

/// What a member of staff made of a paper.
#[derive(Debug, Serialize)]
pub(crate) struct PaperJudgement {
    pub(crate) by: String,
    pub(crate) decision: String,
    pub(crate) at: DateTime<Utc>,
}

impl From<&PaperView> for Paper {
    fn from(view: &PaperView) -> Self {
        Self {
            id: view.id.to_string(),
            kind: view.kind.to_string(),
            status: view.state.to_string(),
            asked_by: view.asked_by.map(|by| by.to_string()),
            asked_at: view.asked_at,
            given_by: view.given_by.map(|by| by.to_string()),
            given_at: view.given_at,
            media_type: view.media_type.clone(),
            bytes: view.bytes,
            sha256: view.sha256.clone(),
            reused: view.reused,
            ends_at: view.ends_at,
            decided_at: view.decided_at,
            destroyed_at: view.destroyed_at,
            judgements: view
                .judgements
                .iter()
                .map(|one| PaperJudgement {
                    by: one.by.to_string(),
                    decision: one.decision.to_string(),
                    at: one.at,
                })
                .collect(),
        }
    }
}
