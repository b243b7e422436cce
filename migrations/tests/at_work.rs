//! A step is taken while processes are at work.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::time::Duration;

use habeas_migrations::{Migrator, MigratorTrait, Standing};
use habeas_test_support::wait;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, TransactionTrait};

/// Longer than anything that is expected to happen, the two seconds of a deadlock included.
const LIMIT: Duration = Duration::from_mins(1);

/// The steps before `m0013_agents`, which changes the table `agent` and then the table `request`.
const BEFORE: &str = "m0013_agents";

async fn steps_taken(db: &DatabaseConnection) -> usize {
    Migrator::migrations().len() - Standing::of(db).await.unwrap().lacking.len()
}

async fn waits(db: &DatabaseConnection, table: &str) -> bool {
    let sql = format!(
        "SELECT 1 FROM pg_locks l JOIN pg_class c ON c.oid = l.relation \
         WHERE c.relname = '{table}' AND NOT l.granted AND l.mode = 'AccessExclusiveLock'"
    );
    let statement = sea_orm::Statement::from_string(db.get_database_backend(), sql);
    db.query_one_raw(statement).await.unwrap().is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_loses_against_a_process_at_work_is_taken_again() {
    let database = habeas_test_support::shared::postgres_database().await.unwrap();
    let db = Database::connect(&database.url).await.unwrap();
    let before = Migrator::migrations().iter().position(|step| step.name() == BEFORE).unwrap();
    Migrator::up(&db, Some(u32::try_from(before).unwrap())).await.unwrap();
    let name = database.url.rsplit('/').next().unwrap().to_owned();
    // The step is the one to find the deadlock, and so to be undone: the process never looks.
    db.execute_unprepared(&format!("ALTER DATABASE \"{name}\" SET deadlock_timeout = '2s'")).await.unwrap();
    let at_work = db.begin().await.unwrap();
    at_work.execute_unprepared("SET LOCAL deadlock_timeout = '1h'").await.unwrap();
    at_work.execute_unprepared("LOCK TABLE request IN ROW EXCLUSIVE MODE").await.unwrap();
    let url = database.url.clone();
    let step = tokio::spawn(async move {
        let db = Database::connect(&url).await.unwrap();
        habeas_migrations::up(&db).await
    });
    wait::until("the step to wait for the process", LIMIT, || waits(&db, "request")).await.unwrap();
    // Granted only once the step has given up what it held.
    at_work.execute_unprepared("LOCK TABLE agent IN ROW EXCLUSIVE MODE").await.unwrap();
    assert_eq!(steps_taken(&db).await, before, "the step was undone");
    at_work.commit().await.unwrap();
    tokio::time::timeout(LIMIT, step).await.unwrap().unwrap().unwrap();
    assert_eq!(steps_taken(&db).await, Migrator::migrations().len());
}
