//! How many statements and transactions the state database has run, without this program's own.

use anyhow::Result;
use serde_json::{Value, json};
use sqlx::PgPool;

/// A statement, how often it ran, and how long all together.
type Dear = (String, i64, f64);

/// Counts so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Statements {
    /// Everything, `BEGIN` and `COMMIT` included.
    all: i64,
    begun: i64,
    /// Milliseconds in the server.
    time: f64,
}

impl Statements {
    pub(crate) async fn now(state: &PgPool) -> Result<Self> {
        let sql = "SELECT coalesce(sum(calls), 0)::bigint,
                coalesce(sum(calls) FILTER (WHERE query ILIKE 'BEGIN%'), 0)::bigint,
                coalesce(sum(total_exec_time), 0)
            FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid
            WHERE datname = 'state' AND query NOT ILIKE '%bench%' AND query NOT ILIKE '%pg_stat_statements%'";
        let (all, begun, time) = sqlx::query_as(sql).fetch_one(state).await?;
        Ok(Self { all, begun, time })
    }

    pub(crate) fn per_request(self, earlier: Self, requests: u32) -> Value {
        #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
        let each = |now: i64, then: i64| super::rounded((now - then) as f64 / f64::from(requests), 2);
        json!({
            "all": each(self.all, earlier.all),
            "transactions_begun": each(self.begun, earlier.begun),
            "milliseconds_in_the_server": super::rounded((self.time - earlier.time) / f64::from(requests), 2),
        })
    }
}

/// The statements that took the server most time since the counts were last forgotten.
pub(crate) async fn dearest(state: &PgPool, limit: u32) -> Result<Value> {
    let sql = "SELECT left(regexp_replace(query, '\\s+', ' ', 'g'), 200), calls, total_exec_time + total_plan_time
        FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid
        WHERE datname = 'state' AND query NOT ILIKE '%bench%' ORDER BY total_exec_time + total_plan_time DESC LIMIT $1";
    let rows: Vec<Dear> = sqlx::query_as(sql).bind(i64::from(limit)).fetch_all(state).await?;
    let shown =
        |(query, calls, time): Dear| json!({ "calls": calls, "ms": super::rounded(time, 1), "query": query });
    Ok(rows.into_iter().map(shown).collect())
}

/// Begins the counts anew.
pub(crate) async fn forget(state: &PgPool) -> Result<()> {
    sqlx::query("SELECT pg_stat_statements_reset()").execute(state).await?;
    Ok(())
}
