use habeas_domain::{
    RequestId, TypedId,
    review::{FindingHash, Opinion, ReviewDecision},
};
use habeas_vault::Context;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::{
    LedgerError,
    corrupt::parse,
    entity::{review_decision as decision, review_finding as finding},
};

pub(super) fn found(finding: Uuid) -> Context {
    Context::new("review_finding.found", finding)
}

pub(super) fn reason(decision: Uuid) -> Context {
    Context::new("review_decision.reason", decision)
}

pub(super) fn hash(row: &finding::Model) -> Result<FindingHash, LedgerError> {
    let unreadable =
        |_| LedgerError::Corrupt { table: "review_finding", column: "hash", row: row.id.to_string() };
    row.hash.as_slice().try_into().map(FindingHash).map_err(unreadable)
}

pub(super) fn decision(
    table: &'static str,
    row: Uuid,
    word: &str,
    up_to: Option<i64>,
) -> Result<ReviewDecision, LedgerError> {
    let unreadable = || LedgerError::Corrupt { table, column: "decision", row: row.to_string() };
    let up_to = up_to.map(u32::try_from).transpose().map_err(|_| unreadable())?;
    ReviewDecision::read(word, up_to).map_err(|_| unreadable())
}

pub(super) fn opinion(row: &decision::Model) -> Result<Opinion, LedgerError> {
    const TABLE: &str = "review_decision";
    let by = parse(&row.decided_by, TABLE, "decided_by", row.id)?;
    Ok(Opinion { by, decision: decision(TABLE, row.id, &row.decision, row.up_to)? })
}

/// The findings of these requests, oldest first.
pub(super) async fn findings(
    db: &impl ConnectionTrait,
    requests: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<finding::Model>, LedgerError> {
    Ok(finding::Entity::find()
        .filter(finding::Column::RequestId.is_in(requests))
        .order_by_asc(finding::Column::FoundAt)
        .order_by_asc(finding::Column::Id)
        .all(db)
        .await?)
}

/// What was decided about these findings, oldest first.
pub(super) async fn decisions(
    db: &impl ConnectionTrait,
    findings: &[finding::Model],
) -> Result<Vec<decision::Model>, LedgerError> {
    if findings.is_empty() {
        return Ok(Vec::new());
    }
    Ok(decision::Entity::find()
        .filter(decision::Column::FindingId.is_in(findings.iter().map(|row| row.id)))
        .order_by_asc(decision::Column::DecidedAt)
        .order_by_asc(decision::Column::Id)
        .all(db)
        .await?)
}

pub(super) fn request(row: &finding::Model) -> RequestId {
    RequestId::from_uuid(row.request_id)
}
