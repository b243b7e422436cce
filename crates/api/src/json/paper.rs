use chrono::{DateTime, Utc};
use habeas_domain::{PaperId, PaperKind, PaperState, Personal, RequestId, paper::PaperDecision};
use habeas_ledger::{PaperDetail, PaperView};
use serde::Serialize;
use utoipa::ToSchema;

use crate::schemas;

/// A document given as evidence, without its content.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Paper)]
pub(crate) struct PaperJson {
    /// Its id.
    #[schema(schema_with = schemas::id)]
    id: PaperId,
    /// Of which request.
    #[schema(schema_with = schemas::id)]
    request: RequestId,
    /// What it is to show.
    #[schema(schema_with = schemas::paper_kind)]
    kind: PaperKind,
    /// Where it stands.
    #[schema(schema_with = schemas::paper_state)]
    state: PaperState,
    /// Who asked for it; nobody, if staff brought it unasked.
    #[schema(schema_with = schemas::maybe_actor)]
    asked_by: Option<String>,
    /// When.
    asked_at: Option<DateTime<Utc>>,
    /// Why. Only where papers are listed by themselves: it may hold personal data.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    reason: Option<String>,
    /// Who handed it in.
    #[schema(schema_with = schemas::maybe_actor)]
    given_by: Option<String>,
    /// When.
    given_at: Option<DateTime<Utc>>,
    /// Its type, told by its content.
    #[schema(example = "image/jpeg")]
    media_type: Option<String>,
    /// Its size.
    bytes: Option<u64>,
    /// SHA-256 of its content.
    #[schema(schema_with = schemas::maybe_sha256)]
    sha256: Option<String>,
    /// Whether the very same file was given in another request.
    reused: bool,
    /// When the asking, or its content, ends if nothing happens.
    ends_at: DateTime<Utc>,
    /// When it was decided, or lapsed.
    decided_at: Option<DateTime<Utc>>,
    /// When its content was destroyed.
    destroyed_at: Option<DateTime<Utc>>,
    /// Who judged it, oldest first.
    judgements: Vec<PaperJudgementJson>,
}

/// What a member of staff made of a paper.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PaperJudgement)]
pub(crate) struct PaperJudgementJson {
    /// Who.
    #[schema(schema_with = schemas::actor)]
    by: String,
    /// What they made of it.
    #[schema(schema_with = schemas::paper_decision)]
    decision: PaperDecision,
    /// When.
    at: DateTime<Utc>,
    /// What they noted. Only where papers are listed by themselves: it may hold personal data.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    note: Option<String>,
}

impl From<PaperView> for PaperJson {
    fn from(view: PaperView) -> Self {
        let notes = vec![None; view.judgements.len()];
        PaperDetail { view, reason: None, notes }.into()
    }
}

impl From<PaperDetail> for PaperJson {
    fn from(PaperDetail { view, reason, notes }: PaperDetail) -> Self {
        let judged = view.judgements.into_iter().zip(notes);
        Self {
            id: view.id,
            request: view.request,
            kind: view.kind,
            state: view.state,
            asked_by: view.asked_by.map(|by| by.to_string()),
            asked_at: view.asked_at,
            reason: reason.map(Personal::into_inner),
            given_by: view.given_by.map(|by| by.to_string()),
            given_at: view.given_at,
            media_type: view.media_type,
            bytes: view.bytes,
            sha256: view.sha256,
            reused: view.reused,
            ends_at: view.ends_at,
            decided_at: view.decided_at,
            destroyed_at: view.destroyed_at,
            judgements: judged
                .map(|(one, note)| PaperJudgementJson {
                    by: one.by.to_string(),
                    decision: one.decision,
                    at: one.at,
                    note: note.map(Personal::into_inner),
                })
                .collect(),
        }
    }
}
