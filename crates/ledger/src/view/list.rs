use chrono::{DateTime, Utc};
use habeas_domain::{AgentId, EmailAddress, PaperState, RequestState, Right, TypedId};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Query, SimpleExpr},
};

use super::find::written;
use crate::{
    Cursor, Ledger, LedgerError, Page, RequestView,
    acknowledge::unacknowledged,
    clock,
    entity::{job, paper, request},
    literal::{ALARM_AT, paper_is, request_is},
    page::{MOST, cut},
};

/// Which requests to list. What is not set does not matter.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each narrows the list by itself, as it is typed")]
pub struct RequestFilter {
    /// Only those in this state.
    pub state: Option<RequestState>,
    /// Only those that are not closed.
    pub open: bool,
    /// Only those with an objection that staff have yet to settle, closed ones too.
    pub disputed: bool,
    /// Only those about children.
    pub child: bool,
    /// Only those with a paper that waits to be judged.
    pub paper_to_judge: bool,
    /// Only those that an agent handed in for somebody.
    pub by_agent: bool,
    /// Only those of this agent.
    pub agent: Option<AgentId>,
    /// Only open ones that were stopped because their agent was barred.
    pub agent_stopped: bool,
    /// Only those that claim this right.
    pub right: Option<Right>,
    /// Only open ones whose last day ends before this, as the law can be read at its strictest.
    pub due_before: Option<DateTime<Utc>>,
    /// Only open ones of which the receipt is not confirmed yet, where the law sets a day for that.
    pub unacknowledged: bool,
    /// Only those that people call by this.
    pub reference: Option<String>,
    /// Only those of the person with this address.
    pub email: Option<EmailAddress>,
}

impl Ledger {
    /// Requests, newest first, from `cursor` on. At most 500 at a time.
    pub async fn list_requests(
        &self,
        filter: &RequestFilter,
        cursor: Option<Cursor>,
        limit: u64,
    ) -> Result<Page<RequestView>, LedgerError> {
        let limit = limit.clamp(1, MOST);
        let rows = request::Entity::find()
            .filter(self.wanted(filter))
            .filter(Condition::all().add_option(
                cursor.map(|cursor| cursor.rest(request::Column::ReceivedAt, request::Column::Id)),
            ))
            .order_by_desc(request::Column::ReceivedAt)
            .order_by_desc(request::Column::Id)
            .limit(limit + 1)
            .all(self.db())
            .await?;
        Box::pin(self.views(cut(rows, limit, |row| Cursor { at: row.received_at, id: row.id }))).await
    }

    fn wanted(&self, filter: &RequestFilter) -> Condition {
        let open = filter.open
            || filter.due_before.is_some()
            || filter.agent_stopped
            || filter.unacknowledged
            || filter.state.is_some_and(|state| state != RequestState::Closed);
        Condition::all()
            .add_option(open.then(|| request::Column::ClosedAt.is_null()))
            .add_option(filter.disputed.then(disputed))
            .add_option(filter.child.then(|| request::Column::Guardian.is_not_null()))
            .add_option(filter.paper_to_judge.then(with_paper_to_judge))
            .add_option(filter.by_agent.then(|| request::Column::AgentId.is_not_null()))
            .add_option(filter.agent.map(|agent| request::Column::AgentId.eq(agent.uuid())))
            .add_option(filter.agent_stopped.then(|| request::Column::AgentStoppedAt.is_not_null()))
            .add_option(filter.state.map(request_is))
            .add_option(filter.unacknowledged.then(unacknowledged))
            .add_option(filter.due_before.map(|before| Expr::cust(ALARM_AT).lt(clock::stored(before))))
            .add_option(filter.reference.as_deref().map(|text| request::Column::Reference.eq(written(text))))
            .add_option(
                filter
                    .email
                    .as_ref()
                    .map(|email| request::Column::SubjectLookup.eq(self.subject_lookup(email))),
            )
            .add_option(filter.right.map(claims))
    }
}

/// That claim this right.
fn claims(right: Right) -> SimpleExpr {
    let of_request = Expr::col((job::Entity, job::Column::RequestId));
    let jobs = Query::select()
        .expr(Expr::value(1))
        .from(job::Entity)
        .and_where(of_request.eq(Expr::col((request::Entity, request::Column::Id))))
        .and_where(job::Column::Right.eq(right.as_str()))
        .to_owned();
    Expr::exists(jobs)
}

/// With a paper that was given and waits for staff.
fn with_paper_to_judge() -> SimpleExpr {
    let given = Query::select()
        .column(paper::Column::RequestId)
        .from(paper::Entity)
        .and_where(paper_is(PaperState::Given))
        .to_owned();
    request::Column::Id.in_subquery(given)
}

/// With an objection that staff have yet to settle.
pub(crate) fn disputed() -> Condition {
    Condition::all()
        .add(request::Column::DisputedAt.is_not_null())
        .add(request::Column::DisputeSettledAt.is_null())
}
