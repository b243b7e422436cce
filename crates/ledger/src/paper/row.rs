use habeas_domain::{PaperId, PaperKind, PaperState, RequestId, TypedId, paper::Whose};
use habeas_vault::Context;

use crate::{
    LedgerError,
    corrupt::{parse, parse_opt},
    entity::{paper, request},
};

pub(super) fn id(row: &paper::Model) -> PaperId {
    PaperId::from_uuid(row.id)
}

pub(super) fn request(row: &paper::Model) -> RequestId {
    RequestId::from_uuid(row.request_id)
}

pub(super) fn kind(row: &paper::Model) -> Result<PaperKind, LedgerError> {
    parse(&row.kind, "paper", "kind", row.id)
}

pub(super) fn state(row: &paper::Model) -> Result<PaperState, LedgerError> {
    parse(&row.state, "paper", "state", row.id)
}

/// Who had a hand in it.
pub(super) fn whose(of: &request::Model, row: &paper::Model) -> Result<Whose, LedgerError> {
    Ok(Whose {
        submitted_by: parse(&of.submitted_by, "request", "submitted_by", of.id)?,
        asked_by: parse_opt(row.asked_by.as_deref(), "paper", "asked_by", row.id)?,
        given_by: parse_opt(row.given_by.as_deref(), "paper", "given_by", row.id)?,
    })
}

pub(super) fn content(paper: PaperId) -> Context {
    Context::new("paper.content", paper)
}

pub(super) fn reason(paper: PaperId) -> Context {
    Context::new("paper.reason", paper)
}

pub(super) fn note(judgement: uuid::Uuid) -> Context {
    Context::new("paper_judgement.note", judgement)
}
