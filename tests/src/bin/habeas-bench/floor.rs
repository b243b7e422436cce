//! The floor: the same rows read or deleted by the same set-based statements in groups of 50, and the same number of
//! package bytes written, with no workflow at all.

use std::{
    ops::Range,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Result;
use futures::{StreamExt as _, TryStreamExt as _};
use sqlx::{AssertSqlSafe, PgConnection, Row as _, postgres::PgRow};

use crate::shop::{self, Shop, TABLES};

const GROUP: usize = 50;
/// As many statements at one time as the daemon has by default.
const AT_ONCE: usize = 4;

/// Reads everything about these people, and writes a file of `package` bytes for each.
pub(crate) async fn read(shop: &Shop, people: Range<u32>, package: usize, folder: &Path) -> Result<Duration> {
    let begun = Instant::now();
    each_group(people, |group| async move {
        let mut connection = shop.pool.acquire().await?;
        let (customers, orders) = keys(&mut connection, &group).await?;
        for (table, column) in TABLES {
            let keys = if column == "order_id" { &orders } else { &customers };
            let sql = format!("SELECT * FROM {table} WHERE {column} = ANY($1)");
            let rows = sqlx::query(AssertSqlSafe(sql)).bind(keys).fetch_all(&mut *connection).await?;
            std::hint::black_box(rows.len());
        }
        for person in group {
            tokio::fs::write(folder.join(format!("floor-{person}")), vec![b'x'; package]).await?;
        }
        Ok(())
    })
    .await?;
    Ok(begun.elapsed())
}

/// Deletes everything about these people, one transaction for a group.
pub(crate) async fn delete(shop: &Shop, people: Range<u32>) -> Result<Duration> {
    let begun = Instant::now();
    each_group(people, |group| async move {
        let mut transaction = shop.pool.begin().await?;
        let (customers, orders) = keys(&mut transaction, &group).await?;
        for (table, column) in TABLES {
            let keys = if column == "order_id" { &orders } else { &customers };
            let sql = format!("DELETE FROM {table} WHERE {column} = ANY($1)");
            sqlx::query(AssertSqlSafe(sql)).bind(keys).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    })
    .await?;
    Ok(begun.elapsed())
}

async fn each_group<F, R>(people: Range<u32>, run: F) -> Result<()>
where
    F: Fn(Vec<u32>) -> R,
    R: Future<Output = Result<()>>,
{
    let people: Vec<u32> = people.collect();
    let groups: Vec<Vec<u32>> = people.chunks(GROUP).map(<[u32]>::to_vec).collect();
    futures::stream::iter(groups).map(run).buffer_unordered(AT_ONCE).try_collect().await
}

/// From the addresses to the customers to their orders.
async fn keys(connection: &mut PgConnection, group: &[u32]) -> Result<(Vec<i64>, Vec<i64>)> {
    let addresses: Vec<String> = group.iter().copied().map(shop::email).collect();
    let id = |row: &PgRow| row.get::<i64, _>(0);
    let customers: Vec<i64> = sqlx::query("SELECT id FROM customers WHERE email = ANY($1)")
        .bind(&addresses)
        .fetch_all(&mut *connection)
        .await?
        .iter()
        .map(id)
        .collect();
    let orders = sqlx::query("SELECT id FROM orders WHERE customer_id = ANY($1)")
        .bind(&customers)
        .fetch_all(&mut *connection)
        .await?
        .iter()
        .map(id)
        .collect();
    Ok((customers, orders))
}
