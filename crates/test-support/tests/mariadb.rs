//! The private MariaDB starts, answers, survives what it must survive, and is gone after drop.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails by panicking")]

mod support;

use habeas_test_support::MariaDb;
use sqlx::{Connection as _, MySqlConnection};
use support::{assert_gone, listeners};

#[tokio::test]
async fn mariadb_lives_and_dies_as_told() {
    let mariadb = MariaDb::start().await.unwrap();
    let url = mariadb.create_database("shop").await.unwrap();
    let mut connection = MySqlConnection::connect(&url).await.unwrap();
    let sql = "CREATE TABLE kept (n varchar(20)); INSERT INTO kept VALUES ('山田太郎😀')";
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();

    mariadb.kill().unwrap();
    assert!(sqlx::raw_sql("SELECT 1").execute(&mut connection).await.is_err());
    mariadb.start_again().await.unwrap();
    assert_eq!(name(&url).await, "山田太郎😀");

    mariadb.stop().await.unwrap();
    assert!(MySqlConnection::connect(&url).await.is_err());
    mariadb.start_again().await.unwrap();
    mariadb.restart().await.unwrap();
    assert_eq!(name(&url).await, "山田太郎😀");

    let port = mariadb.port();
    assert_eq!(listeners(port).len(), 1);
    drop(mariadb);
    assert_gone(port);
}

async fn name(url: &str) -> String {
    let mut connection = MySqlConnection::connect(url).await.unwrap();
    sqlx::query_scalar("SELECT n FROM kept").fetch_one(&mut connection).await.unwrap()
}
