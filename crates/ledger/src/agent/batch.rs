//! Requests that one agent handed in together, and how they stand: without a word on whether anybody exists.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use habeas_domain::{Actor, AgentId, BatchId, EmailAddress, TypedId};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use crate::{
    Ledger, LedgerError, Listed, clock,
    corrupt::parse,
    entity::{batch, request},
};

/// The most batches that are listed.
const MOST: u64 = 500;

/// How the requests of a batch stand, for the agent who handed them in. Whether a person has confirmed, and whether
/// anything is held about them, cannot be read from it: a request is `done` when the person lets the agent have the
/// results, or when the last day for its answer has come, however soon it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchSummary {
    /// Its id.
    pub id: BatchId,
    /// Who handed it in.
    pub submitted_by: Actor,
    /// Which agent asks; nothing until a line was taken.
    pub agent: Option<AgentId>,
    /// When its first lines came.
    pub created_at: DateTime<Utc>,
    /// Lines that became requests.
    pub accepted: u64,
    /// Lines that were refused, as often as they came.
    pub refused: u64,
    /// Requests that wait for the agent to show that their address is theirs.
    pub waiting_for_agent: u64,
    /// Requests that were stopped because the agent was barred.
    pub stopped: u64,
    /// Requests that wait for their person or are worked on.
    pub open: u64,
    /// Requests that are answered to their person, or ended without one.
    pub done: u64,
}

#[derive(Debug, Default, FromQueryResult)]
struct Counts {
    batch_id: Uuid,
    accepted: i64,
    waiting: i64,
    stopped: i64,
    done: i64,
}

impl Ledger {
    /// The batch that `by` calls `name` for the agent of this address, made if there is none.
    pub async fn open_batch(
        &self,
        name: &str,
        agent: &EmailAddress,
        by: Actor,
    ) -> Result<BatchId, LedgerError> {
        let name = format!("{}/{name}", agent.lookup_form().expose());
        let name = self.vault().lookup("batch", &name).as_bytes().to_vec();
        let new = batch::ActiveModel {
            id: Set(self.ids().fresh::<BatchId>().uuid()),
            submitted_by: Set(by.to_string()),
            name_lookup: Set(name.clone()),
            refused: Set(0),
            created_at: Set(clock::stored(self.ids().now())),
        };
        let once = OnConflict::columns([batch::Column::SubmittedBy, batch::Column::NameLookup])
            .do_nothing()
            .to_owned();
        batch::Entity::insert_many([new]).on_conflict(once).exec_without_returning(self.db()).await?;
        let row = batch::Entity::find()
            .filter(batch::Column::SubmittedBy.eq(by.to_string()))
            .filter(batch::Column::NameLookup.eq(name))
            .one(self.db())
            .await?;
        Ok(BatchId::from_uuid(row.ok_or(LedgerError::NotFound("batch"))?.id))
    }

    /// Counts lines of a batch that were refused.
    pub async fn refused_in_batch(&self, id: BatchId, lines: u64) -> Result<(), LedgerError> {
        let more = i64::try_from(lines).unwrap_or(i64::MAX);
        batch::Entity::update_many()
            .col_expr(batch::Column::Refused, Expr::col(batch::Column::Refused).add(more))
            .filter(batch::Column::Id.eq(id.uuid()))
            .exec(self.db())
            .await?;
        Ok(())
    }

    /// How the requests of a batch stand.
    pub async fn batch(&self, id: BatchId) -> Result<BatchSummary, LedgerError> {
        let row = batch::Entity::find_by_id(id.uuid()).one(self.db()).await?;
        let row = row.ok_or(LedgerError::NotFound("batch"))?;
        self.summaries(vec![row]).await?.only("batch")
    }

    /// Batches, latest first: at most 500.
    pub async fn list_batches(&self) -> Result<Listed<BatchSummary>, LedgerError> {
        let rows = batch::Entity::find()
            .order_by_desc(batch::Column::CreatedAt)
            .order_by_desc(batch::Column::Id)
            .limit(MOST)
            .all(self.db())
            .await?;
        self.summaries(rows).await
    }

    async fn summaries(&self, rows: Vec<batch::Model>) -> Result<Listed<BatchSummary>, LedgerError> {
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let counts = self.batch_counts(ids.clone()).await?;
        let agents: HashMap<Uuid, Uuid> = request::Entity::find()
            .select_only()
            .column(request::Column::BatchId)
            .column(request::Column::AgentId)
            .filter(request::Column::BatchId.is_in(ids))
            .filter(request::Column::AgentId.is_not_null())
            .distinct()
            .into_tuple()
            .all(self.db())
            .await?
            .into_iter()
            .collect();
        let none = Counts::default();
        let summary = |row: batch::Model| {
            summary(&row, counts.get(&row.id).unwrap_or(&none), agents.get(&row.id).copied())
        };
        Listed::read(rows, summary)
    }

    async fn batch_counts(&self, ids: Vec<Uuid>) -> Result<HashMap<Uuid, Counts>, LedgerError> {
        let now = clock::stored(self.ids().now());
        let sum = |condition: String| Expr::cust(format!("SUM(CASE WHEN {condition} THEN 1 ELSE 0 END)"));
        // What was stopped and what waits for the agent ends like everything else.
        let done = format!("closed_at IS NOT NULL AND (agent_receives_at IS NOT NULL OR due_at <= {now})");
        let going = format!("NOT ({done})");
        let counts = request::Entity::find()
            .select_only()
            .column(request::Column::BatchId)
            .expr_as(Expr::cust("COUNT(*)"), "accepted")
            .expr_as(sum(format!("{going} AND agent_waits AND agent_stopped_at IS NULL")), "waiting")
            .expr_as(sum(format!("{going} AND agent_stopped_at IS NOT NULL")), "stopped")
            .expr_as(sum(done), "done")
            .filter(request::Column::BatchId.is_in(ids))
            .group_by(request::Column::BatchId)
            .into_model::<Counts>()
            .all(self.db())
            .await?;
        Ok(counts.into_iter().map(|counts| (counts.batch_id, counts)).collect())
    }
}

fn summary(row: &batch::Model, counts: &Counts, agent: Option<Uuid>) -> Result<BatchSummary, LedgerError> {
    let number = |number: i64| u64::try_from(number).unwrap_or(0);
    Ok(BatchSummary {
        id: BatchId::from_uuid(row.id),
        submitted_by: parse(&row.submitted_by, "batch", "submitted_by", row.id)?,
        agent: agent.map(AgentId::from_uuid),
        created_at: clock::moment(row.created_at),
        accepted: number(counts.accepted),
        refused: number(row.refused),
        waiting_for_agent: number(counts.waiting),
        stopped: number(counts.stopped),
        open: number(counts.accepted - counts.waiting - counts.stopped - counts.done),
        done: number(counts.done),
    })
}
