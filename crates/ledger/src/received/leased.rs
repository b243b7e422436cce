//! What waits for a worker and is taken by a lease: mails to be read, and answers to be sent.

use std::time::Duration;

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, LockBehavior, LockType, SimpleExpr},
};

use crate::{
    clock,
    entity::{form_answer, received_mail},
};

/// The columns of a table by which its rows are leased.
pub(super) trait LeaseColumns: ColumnTrait {
    const ID: Self;
    /// How often it has been claimed.
    const ATTEMPTS: Self;
    /// Before this nobody claims it.
    const NEXT_ATTEMPT_AT: Self;
    /// The fencing number: every claim raises it by one.
    const LEASE_EPOCH: Self;
    /// Until when somebody holds it.
    const LEASE_UNTIL: Self;
}

impl LeaseColumns for received_mail::Column {
    const ID: Self = Self::Id;
    const ATTEMPTS: Self = Self::Attempts;
    const NEXT_ATTEMPT_AT: Self = Self::NextAttemptAt;
    const LEASE_EPOCH: Self = Self::LeaseEpoch;
    const LEASE_UNTIL: Self = Self::LeaseUntil;
}

impl LeaseColumns for form_answer::Column {
    const ID: Self = Self::Id;
    const ATTEMPTS: Self = Self::Attempts;
    const NEXT_ATTEMPT_AT: Self = Self::NextAttemptAt;
    const LEASE_EPOCH: Self = Self::LeaseEpoch;
    const LEASE_UNTIL: Self = Self::LeaseUntil;
}

/// Takes a lease on up to `limit` rows that are `open`, due, and held by nobody, the longest waiting first.
pub(super) async fn claim<E: EntityTrait<Column: LeaseColumns>>(
    db: &impl ConnectionTrait,
    open: SimpleExpr,
    limit: u64,
    lease: Duration,
) -> Result<Vec<E::Model>, DbErr> {
    let backend = db.get_database_backend();
    let now = || Expr::cust(clock::now_sql(backend));
    let (id, due, until) = (E::Column::ID, E::Column::NEXT_ATTEMPT_AT, E::Column::LEASE_UNTIL);
    let unheld = Condition::any().add(until.is_null()).add(Expr::col(until).lt(now()));
    let mut free = E::find()
        .select_only()
        .column(id)
        .filter(open)
        .filter(Expr::col(due).lte(now()))
        .filter(unheld)
        .order_by_asc(due)
        .order_by_asc(id)
        .limit(limit)
        .into_query();
    if backend == DbBackend::Postgres {
        free.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    E::update_many()
        .col_expr(E::Column::LEASE_EPOCH, Expr::col(E::Column::LEASE_EPOCH).add(1))
        .col_expr(E::Column::ATTEMPTS, Expr::col(E::Column::ATTEMPTS).add(1))
        .col_expr(until, clock::now_plus(backend, clock::micros(lease)))
        .filter(id.in_subquery(free))
        .exec_with_returning(db)
        .await
}
