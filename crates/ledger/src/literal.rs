//! States written into a statement itself instead of being bound: only so is it plain to the database, for every
//! plan that it keeps, that a partial index over that state will do.

use habeas_domain::WorkState;
use sea_orm::{
    ExprTrait,
    sea_query::{Expr, SimpleExpr},
};

use crate::entity::{job, paper, request, work};

/// Work in this state.
pub(crate) fn work_is(state: WorkState) -> SimpleExpr {
    Expr::col((work::Entity, work::Column::State)).eq(SimpleExpr::Constant(state.as_str().into()))
}

/// The same of work that is found by its id. Here an index over the state would be a temptation: all work of that state is
/// many times what is named, and what left the state a moment ago is in that index still.
pub(crate) fn named_work_is(state: WorkState) -> SimpleExpr {
    Expr::cust("work.state || ''").eq(SimpleExpr::Constant(state.as_str().into()))
}

/// Requests in this state.
pub(crate) fn request_is(state: habeas_domain::RequestState) -> SimpleExpr {
    Expr::col((request::Entity, request::Column::State)).eq(SimpleExpr::Constant(state.as_str().into()))
}

/// Jobs in this state.
pub(crate) fn job_is(state: habeas_domain::JobState) -> SimpleExpr {
    Expr::col((job::Entity, job::Column::State)).eq(SimpleExpr::Constant(state.as_str().into()))
}

/// When the alarm about a request's last day stands: at the earliest reading of the law, where one is stored. The words
/// are those of the index over it.
pub(crate) const ALARM_AT: &str = "(CASE WHEN alert_at < due_at THEN alert_at ELSE due_at END)";

/// Papers in this state.
pub(crate) fn paper_is(state: habeas_domain::PaperState) -> SimpleExpr {
    Expr::col((paper::Entity, paper::Column::State)).eq(SimpleExpr::Constant(state.as_str().into()))
}

/// Work that may still happen: waiting, running, parked or held.
pub(crate) const UNSETTLED: [WorkState; 4] =
    [WorkState::Waiting, WorkState::Running, WorkState::Parked, WorkState::Held];
