use std::collections::HashMap;

use chrono::{DateTime, Utc};
use habeas_domain::{
    Actor, PaperId, PaperKind, PaperState, Personal, RequestId,
    paper::{Judgement, PaperDecision},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::row;
use crate::{
    LedgerError, clock,
    corrupt::{parse, parse_opt},
    entity::{paper, paper_judgement as judgement},
};

/// What is known of a paper, without its content and without what staff wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperView {
    /// Its id.
    pub id: PaperId,
    /// Of which request.
    pub request: RequestId,
    /// What it is to show.
    pub kind: PaperKind,
    /// Where it stands.
    pub state: PaperState,
    /// Who asked for it; nobody, if staff brought it unasked.
    pub asked_by: Option<Actor>,
    /// When.
    pub asked_at: Option<DateTime<Utc>>,
    /// Who handed it in.
    pub given_by: Option<Actor>,
    /// When.
    pub given_at: Option<DateTime<Utc>>,
    /// Its type, told by its content.
    pub media_type: Option<String>,
    /// Its size in bytes.
    pub bytes: Option<u64>,
    /// SHA-256 of its content, in hexadecimal. Gone with the personal data of its request.
    pub sha256: Option<String>,
    /// Whether the very same file was given in another request.
    pub reused: bool,
    /// When the asking, or its content, ends if nothing happens.
    pub ends_at: DateTime<Utc>,
    /// When it was decided, or lapsed.
    pub decided_at: Option<DateTime<Utc>>,
    /// When its content was destroyed.
    pub destroyed_at: Option<DateTime<Utc>>,
    /// Who judged it and how, oldest first.
    pub judgements: Vec<Judgement>,
}

/// A paper with what staff wrote. Holds personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperDetail {
    /// What is known of it.
    pub view: PaperView,
    /// Why it was asked for.
    pub reason: Option<Personal<String>>,
    /// What was noted with each judgement, in their order.
    pub notes: Vec<Option<Personal<String>>>,
}

impl PaperView {
    fn read(row: &paper::Model, judgements: &[judgement::Model]) -> Result<Self, LedgerError> {
        let judgements = judgements.iter().map(|one| {
            Ok(Judgement {
                by: parse(&one.judged_by, "paper_judgement", "judged_by", one.id)?,
                decision: parse::<PaperDecision>(&one.decision, "paper_judgement", "decision", one.id)?,
                at: clock::moment(one.judged_at),
            })
        });
        Ok(Self {
            id: row::id(row),
            request: row::request(row),
            kind: row::kind(row)?,
            state: row::state(row)?,
            asked_by: parse_opt(row.asked_by.as_deref(), "paper", "asked_by", row.id)?,
            asked_at: row.asked_at.map(clock::moment),
            given_by: parse_opt(row.given_by.as_deref(), "paper", "given_by", row.id)?,
            given_at: row.given_at.map(clock::moment),
            media_type: row.media_type.clone(),
            bytes: row.size.and_then(|size| u64::try_from(size).ok()),
            sha256: row.sha256.as_deref().map(hex::encode),
            reused: row.reused,
            ends_at: clock::moment(row.ends_at),
            decided_at: row.decided_at.map(clock::moment),
            destroyed_at: row.destroyed_at.map(clock::moment),
            judgements: judgements.collect::<Result<_, LedgerError>>()?,
        })
    }
}

/// The judgements of these papers, oldest first.
pub(super) async fn judgements(
    db: &impl ConnectionTrait,
    papers: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, Vec<judgement::Model>>, LedgerError> {
    let rows = judgement::Entity::find()
        .filter(judgement::Column::PaperId.is_in(papers))
        .order_by_asc(judgement::Column::JudgedAt)
        .order_by_asc(judgement::Column::Id)
        .all(db)
        .await?;
    let mut of: HashMap<Uuid, Vec<judgement::Model>> = HashMap::new();
    for one in rows {
        of.entry(one.paper_id).or_default().push(one);
    }
    Ok(of)
}

/// Views of these papers, in their order.
pub(super) async fn views_of(
    db: &impl ConnectionTrait,
    rows: &[paper::Model],
) -> Result<Vec<PaperView>, LedgerError> {
    read_all(db, rows).await?.into_iter().collect()
}

/// What each of these papers says, in their order, or that it cannot be read.
pub(crate) async fn read_all(
    db: &impl ConnectionTrait,
    rows: &[paper::Model],
) -> Result<Vec<Result<PaperView, LedgerError>>, LedgerError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let judgements = judgements(db, rows.iter().map(|row| row.id)).await?;
    let none = Vec::new();
    let read = |row: &paper::Model| PaperView::read(row, judgements.get(&row.id).unwrap_or(&none));
    Ok(rows.iter().map(read).collect())
}
