//! The private PostgreSQL starts, answers, survives what it must survive, and is gone after drop.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails by panicking")]

mod support;

use habeas_test_support::Postgres;
use sqlx::{Connection as _, PgConnection};
use support::{assert_gone, listeners};

#[tokio::test]
async fn postgres_lives_and_dies_as_told() {
    let postgres = Postgres::start().await.unwrap();
    let url = postgres.create_database("shop").await.unwrap();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)")
        .execute(&mut connection)
        .await
        .unwrap();

    postgres.kill().unwrap();
    assert!(sqlx::raw_sql("SELECT 1").execute(&mut connection).await.is_err());
    postgres.start_again().await.unwrap();
    assert_eq!(count(&url).await, 1);

    postgres.stop().await.unwrap();
    assert!(PgConnection::connect(&url).await.is_err());
    postgres.start_again().await.unwrap();
    postgres.restart().await.unwrap();
    assert_eq!(count(&url).await, 1);

    let port = postgres.port();
    assert_eq!(listeners(port).len(), 1);
    let open = PgConnection::connect(&url).await.unwrap();
    drop(postgres);
    assert_gone(port);
    drop(open);
}

async fn count(url: &str) -> i64 {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::query_scalar("SELECT count(*) FROM kept").fetch_one(&mut connection).await.unwrap()
}
