//! Databases and virtual hosts on shared servers are apart from each other and go away.

use habeas_test_support::shared;
use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;
use lapin::{Connection as Broker, ConnectionProperties};
use sqlx::{Connection as _, MySqlConnection, PgConnection};

#[tokio::test]
async fn postgres_databases_are_apart_and_go_away() {
    let (one, two) = (shared::postgres_database().await.unwrap(), shared::postgres_database().await.unwrap());
    for database in [&one, &two] {
        let mut connection = PgConnection::connect(&database.url).await.unwrap();
        sqlx::raw_sql("CREATE TABLE t (n int)").execute(&mut connection).await.unwrap();
    }
    let open = PgConnection::connect(&one.url).await.unwrap();
    let url = one.url.clone();
    drop(one);
    assert!(PgConnection::connect(&url).await.is_err());
    PgConnection::connect(&two.url).await.unwrap();
    drop(open);
}

#[tokio::test]
async fn mariadb_databases_are_apart_and_go_away() {
    let (one, two) = (shared::mariadb_database().await.unwrap(), shared::mariadb_database().await.unwrap());
    for database in [&one, &two] {
        let mut connection = MySqlConnection::connect(&database.url).await.unwrap();
        sqlx::raw_sql("CREATE TABLE t (n int)").execute(&mut connection).await.unwrap();
    }
    let url = one.url.clone();
    drop(one);
    assert!(MySqlConnection::connect(&url).await.is_err());
    MySqlConnection::connect(&two.url).await.unwrap();
}

#[tokio::test]
async fn virtual_hosts_are_apart_and_go_away() {
    let (one, two) = (shared::amqp_vhost().await.unwrap(), shared::amqp_vhost().await.unwrap());
    let broker = Broker::connect(&one.url, ConnectionProperties::default()).await.unwrap();
    let channel = broker.create_channel().await.unwrap();
    channel.queue_declare("q".into(), QueueDeclareOptions::default(), FieldTable::default()).await.unwrap();
    let path = |vhost: &str| format!("queues/{vhost}/q");
    assert_eq!(one.access().get(&path(&one.name)).await.unwrap()["name"], "q");
    assert!(two.access().get(&path(&two.name)).await.unwrap().is_null());
    let url = one.url.clone();
    drop(one);
    assert!(Broker::connect(&url, ConnectionProperties::default()).await.is_err());
    Broker::connect(&two.url, ConnectionProperties::default()).await.unwrap();
}
