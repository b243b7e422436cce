use habeas_domain::{Actor, PaperKind, PaperState, RequestId, TypedId, audit::AuditEvent};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::Expr,
};
use serde_json::json;
use uuid::Uuid;

use super::{row, scrub};
use crate::{
    Ledger, LedgerError, clock,
    entity::{paper, paper_content, paper_judgement as judgement, request},
    literal::paper_is,
    unit::Unit,
};

/// Papers that something still waits for.
fn is_open() -> Condition {
    let states = PaperState::ALL.into_iter().filter(|state| state.is_open());
    states.fold(Condition::any(), |any, state| any.add(paper_is(state)))
}

impl Ledger {
    /// Ends up to `limit` papers whose time is over, and destroys their bytes. Returns how many.
    pub async fn lapse_papers(&self, limit: u64) -> Result<u64, LedgerError> {
        let now = clock::stored(self.ids().now());
        let due = || paper::Entity::find().filter(is_open()).filter(paper::Column::EndsAt.lte(now));
        let requests: Vec<Uuid> = due()
            .select_only()
            .column(paper::Column::RequestId)
            .order_by_asc(paper::Column::EndsAt)
            .limit(limit)
            .into_tuple()
            .all(self.db())
            .await?;
        if requests.is_empty() {
            return Ok(0);
        }
        let mut unit = self.begin().await?;
        unit.hold(requests.iter().map(|id| RequestId::from_uuid(*id))).await?;
        let over = due().filter(paper::Column::RequestId.is_in(requests)).all(&unit.tx).await?;
        let count = over.len() as u64;
        for row in over {
            unit.lapse_paper(row, "time-over").await?;
        }
        unit.commit().await?;
        Ok(count)
    }
}

impl Unit<'_> {
    /// Ends the open papers of a request that nothing waits for any more: all of them, or those of one kind.
    pub(crate) async fn end_papers(
        &mut self,
        of: &request::Model,
        kind: Option<PaperKind>,
        why: &'static str,
    ) -> Result<(), LedgerError> {
        if of.papers == 0 {
            return Ok(());
        }
        let which = Condition::all()
            .add(paper::Column::RequestId.eq(of.id))
            .add(is_open())
            .add_option(kind.map(|kind| paper::Column::Kind.eq(kind.as_str())));
        for row in paper::Entity::find().filter(which).all(&self.tx).await? {
            self.lapse_paper(row, why).await?;
        }
        Ok(())
    }

    /// Deletes the bytes of a paper. Returns whether there were any. Where the files of the database cannot be written anew
    /// afterwards, the trail says so.
    pub(super) async fn destroy_paper(&mut self, paper: &paper::Model) -> Result<bool, LedgerError> {
        let deleted = paper_content::Entity::delete_by_id(paper.id).exec(&self.tx).await?.rows_affected > 0;
        self.destroyed |= deleted;
        if deleted && !scrub::is_allowed(&self.tx).await? {
            let left = AuditEvent::new("paper-bytes-left", Actor::System);
            self.audit(row::request(paper), left.with(json!({ "paper": row::id(paper) })));
        }
        Ok(deleted)
    }

    /// Destroys what is personal of the papers of requests whose retention is over. What remains says that there was a
    /// paper, of what kind, who judged it, how and when; and the keyed hash by which the same file would be known again.
    pub(crate) async fn erase_papers(
        &mut self,
        requests: impl IntoIterator<Item = Uuid>,
    ) -> Result<(), LedgerError> {
        let requests: Vec<Uuid> = requests.into_iter().collect();
        if requests.is_empty() {
            return Ok(());
        }
        let nothing = || Expr::value(Option::<Vec<u8>>::None);
        let papers = || {
            paper::Entity::find()
                .select_only()
                .column(paper::Column::Id)
                .filter(paper::Column::RequestId.is_in(requests.iter().copied()))
                .into_query()
        };
        let content = paper_content::Column::PaperId.in_subquery(papers());
        let deleted = paper_content::Entity::delete_many().filter(content).exec(&self.tx).await?;
        self.destroyed |= deleted.rows_affected > 0;
        judgement::Entity::update_many()
            .col_expr(judgement::Column::Note, nothing())
            .filter(judgement::Column::PaperId.in_subquery(papers()))
            .exec(&self.tx)
            .await?;
        paper::Entity::update_many()
            .col_expr(paper::Column::Reason, nothing())
            .col_expr(paper::Column::Sha256, nothing())
            .filter(paper::Column::RequestId.is_in(requests.iter().copied()))
            .exec(&self.tx)
            .await?;
        Ok(())
    }
}
