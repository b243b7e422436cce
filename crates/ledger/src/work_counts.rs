use std::time::Duration;

use habeas_domain::{StoreName, WorkKind, WorkState};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, SimpleExpr},
};

use crate::{
    Ledger, LedgerError,
    claim::is_known,
    clock,
    corrupt::parse,
    entity::work,
    literal::{UNSETTLED, work_is},
};

/// How much work of one kind, store and state there is. Work that has ended is not counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkCount {
    /// What kind.
    pub kind: WorkKind,
    /// In which store, for tasks.
    pub store: Option<StoreName>,
    /// Waiting, running, parked or held.
    pub state: WorkState,
    /// How many pieces.
    pub count: u64,
    /// For how long the oldest of them has been due. Zero if none is due yet.
    pub oldest: Duration,
}

/// Parked work with one fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedFault {
    /// The code of the fault.
    pub code: String,
    /// What kind of work.
    pub kind: WorkKind,
    /// In which store, for tasks.
    pub store: Option<StoreName>,
    /// How many pieces.
    pub count: u64,
    /// For how long the oldest of them has been due.
    pub oldest: Duration,
}

impl Ledger {
    /// How much work waits, runs, is parked or is held. Finished work, however much, costs nothing.
    pub async fn work_counts(&self) -> Result<Vec<WorkCount>, LedgerError> {
        let mut counts = Vec::new();
        for state in UNSETTLED {
            let rows: Vec<(String, String, i64, i64)> = work::Entity::find()
                .select_only()
                .columns([work::Column::Kind, work::Column::Store])
                .column_as(work::Column::Id.count(), "count")
                .expr_as(self.longest_due(), "oldest")
                .filter(work_is(state))
                .filter(is_known())
                .group_by(work::Column::Kind)
                .group_by(work::Column::Store)
                .into_tuple()
                .all(self.db())
                .await?;
            for (kind, name, count, oldest) in rows {
                counts.push(WorkCount {
                    kind: parse(&kind, "work", "kind", "counted")?,
                    store: readable_store(&name),
                    state,
                    count: count.unsigned_abs(),
                    oldest: age(oldest),
                });
            }
        }
        Ok(counts)
    }

    /// What is parked, by the code of its fault; most first.
    pub async fn parked_by_fault(&self) -> Result<Vec<ParkedFault>, LedgerError> {
        let rows: Vec<(Option<String>, String, String, i64, i64)> = work::Entity::find()
            .select_only()
            .columns([work::Column::FaultCode, work::Column::Kind, work::Column::Store])
            .column_as(work::Column::Id.count(), "count")
            .expr_as(self.longest_due(), "oldest")
            .filter(work_is(WorkState::Parked))
            .filter(is_known())
            .group_by(work::Column::FaultCode)
            .group_by(work::Column::Kind)
            .group_by(work::Column::Store)
            .into_tuple()
            .all(self.db())
            .await?;
        let mut parked = rows
            .into_iter()
            .map(|(code, kind, name, count, oldest)| {
                Ok(ParkedFault {
                    code: code.unwrap_or_default(),
                    kind: parse(&kind, "work", "kind", "counted")?,
                    store: readable_store(&name),
                    count: count.unsigned_abs(),
                    oldest: age(oldest),
                })
            })
            .collect::<Result<Vec<_>, LedgerError>>()?;
        parked.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.code.cmp(&b.code)));
        Ok(parked)
    }

    /// For how long the longest due of a group has been due, in microseconds, by the database's clock.
    fn longest_due(&self) -> SimpleExpr {
        let now = clock::now_sql(self.db().get_database_backend());
        Expr::cust(format!(
            "{now} - MIN(CASE WHEN next_attempt_at > created_at THEN next_attempt_at ELSE created_at END)"
        ))
    }
}

/// Work whose store has no name that can be read counts as work of no store: what it is parked for says more.
fn readable_store(name: &str) -> Option<StoreName> {
    name.parse().ok()
}

fn age(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}
