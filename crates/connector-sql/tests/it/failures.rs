//! What goes wrong with a database, and what it is called.

use std::time::{Duration, Instant};

use habeas_connector_api::{Action, Compare, DataStore, code};
use habeas_connector_sql::{SqlOptions, SqlStore};
use habeas_domain::Retry;
use habeas_test_support::wait;
use sqlx::{AssertSqlSafe, Connection, MySqlConnection, PgConnection, SqliteConnection};

use crate::{
    asking::{apply, by, select, step, texts},
    ground::{Ground, KINDS, Kind},
};

/// Longer than anything that is expected to happen, and shorter than what a database waits for by itself.
const SOON: Duration = Duration::from_secs(40);

const PERSON: &str =
    "CREATE TABLE person (id INTEGER PRIMARY KEY, name VARCHAR(60)); INSERT INTO person VALUES (1, 'Taro');";

#[tokio::test]
async fn a_database_that_is_away_may_come_back() {
    for url in [
        "postgres://habeas@127.0.0.1:1/shop",
        "mysql://habeas@127.0.0.1:1/shop",
        "sqlite:///nonexistent/folder/store.db",
    ] {
        let options = SqlOptions { connect_timeout: Duration::from_secs(1), ..SqlOptions::new(url) };
        let begun = Instant::now();
        let error = SqlStore::connect(&options).await.unwrap_err();
        assert_eq!((error.code(), error.retry()), (code::UNAVAILABLE, Retry::Later), "{url}");
        assert!(begun.elapsed() < SOON);
    }
}

#[tokio::test]
async fn a_wrong_url_is_permanent_and_never_quoted() {
    for url in
        ["postgres://u:hunter2@host:port/x", "mysql://u:hunter2@host:port/x", "oracle://u:hunter2@host/x"]
    {
        let error = SqlStore::open(&SqlOptions::new(url)).unwrap_err();
        assert_eq!((error.code(), error.retry()), (code::OPTIONS, Retry::Never));
        assert!(!format!("{error:?} {}", error.to_fault()).contains("hunter2"));
    }
}

#[tokio::test]
async fn a_held_lock_ends_the_wait() {
    for kind in KINDS {
        let ground = Ground::new(kind).await;
        ground.execute(PERSON).await;
        let store = ground.store();
        assert_eq!(texts(&store, "person", "id", "1", "name").await, ["Taro"]);
        let held = "UPDATE person SET name = 'Jiro' WHERE id = 1";
        let delete = async || apply(&store, vec![step("person", "id", "1", Action::DeleteRows)]).await;
        let begun = Instant::now();
        let outcome = match kind {
            Kind::Postgres => {
                let mut other = PgConnection::connect(&ground.url).await.unwrap();
                let mut transaction = other.begin().await.unwrap();
                sqlx::query(held).execute(&mut *transaction).await.unwrap();
                delete().await
            }
            Kind::MariaDb => {
                let mut other = MySqlConnection::connect(&ground.url).await.unwrap();
                let mut transaction = other.begin().await.unwrap();
                sqlx::query(held).execute(&mut *transaction).await.unwrap();
                delete().await
            }
            Kind::Sqlite => {
                let mut other = SqliteConnection::connect(&ground.url).await.unwrap();
                let mut transaction = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
                sqlx::query(held).execute(&mut *transaction).await.unwrap();
                delete().await
            }
        };
        let error = outcome.unwrap_err();
        assert_eq!((error.code(), error.retry()), (code::CONFLICT, Retry::Later), "{kind:?}");
        assert!(begun.elapsed() < SOON, "{kind:?}");
        assert_eq!(delete().await.unwrap().changed(), 1, "{kind:?}: done once the lock is gone");
    }
}

/// Deleting takes two minutes.
const SLOW: [(Kind, &str); 2] = [
    (
        Kind::Postgres,
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN PERFORM pg_sleep(120); RETURN OLD; END $$; \
         CREATE TRIGGER slow BEFORE DELETE ON person FOR EACH ROW EXECUTE FUNCTION slow();",
    ),
    (Kind::MariaDb, "CREATE TRIGGER slow BEFORE DELETE ON person FOR EACH ROW DO SLEEP(120);"),
];

#[tokio::test]
async fn a_statement_that_takes_too_long_is_ended_by_the_database() {
    for (kind, trigger) in SLOW {
        let ground = Ground::new(kind).await;
        ground.execute(PERSON).await;
        ground.execute(trigger).await;
        let options = SqlOptions { write_timeout: Duration::from_secs(1), ..ground.options() };
        let store = SqlStore::open(&options).unwrap();
        let begun = Instant::now();
        let error = apply(&store, vec![step("person", "id", "1", Action::DeleteRows)]).await.unwrap_err();
        assert_eq!((error.code(), error.retry()), (code::TIMEOUT, Retry::Later), "{kind:?}");
        assert!(begun.elapsed() < SOON, "{kind:?}");
    }
}

/// Whether the server works on a deletion in this database.
async fn is_deleting(ground: &Ground) -> bool {
    let of_postgres = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DELETE%' \
                       AND datname = current_database()";
    let of_mariadb = "SELECT count(*) FROM information_schema.processlist WHERE state = 'User sleep' \
                      AND db = database()";
    let found: i64 = if ground.kind == Kind::Postgres {
        let mut other = PgConnection::connect(&ground.url).await.unwrap();
        sqlx::query_scalar(of_postgres).fetch_one(&mut other).await.unwrap()
    } else {
        let mut other = MySqlConnection::connect(&ground.url).await.unwrap();
        sqlx::query_scalar(of_mariadb).fetch_one(&mut other).await.unwrap()
    };
    found > 0
}

/// Whoever gave up comes back in a moment, and must not find their own locks.
#[tokio::test]
async fn a_change_that_was_given_up_ends_on_the_server_too() {
    for (kind, trigger) in SLOW {
        let ground = Ground::new(kind).await;
        ground.execute(PERSON).await;
        ground.execute(trigger).await;
        let store =
            SqlStore::open(&SqlOptions { max_connections: 1, ..SqlOptions::new(&ground.url) }).unwrap();
        let delete = async || apply(&store, vec![step("person", "id", "1", Action::DeleteRows)]).await;
        tokio::select! {
            done = delete() => panic!("{kind:?}: {done:?}"),
            seen = wait::until("the deletion to begin", SOON, || is_deleting(&ground)) => seen.unwrap(),
        }
        let given_up = Instant::now();
        let of = if kind == Kind::Postgres { " ON person" } else { "" };
        ground.execute(&format!("DROP TRIGGER slow{of}")).await;
        assert_eq!(delete().await.unwrap().changed(), 1, "{kind:?}");
        assert!(given_up.elapsed() < SOON, "{kind:?}: {:?}", given_up.elapsed());
    }
}

#[tokio::test]
async fn a_rule_that_keeps_rows_undoes_the_change() {
    let ground = Ground::new(Kind::Postgres).await;
    ground.execute(PERSON).await;
    let keep = "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; \
                CREATE TRIGGER keep BEFORE DELETE ON person FOR EACH ROW EXECUTE FUNCTION keep();";
    ground.execute(keep).await;
    let error =
        apply(&ground.store(), vec![step("person", "id", "1", Action::DeleteRows)]).await.unwrap_err();
    assert_eq!(error.code(), code::CONFLICT, "nothing is reported as deleted that is still there");
}

#[tokio::test]
async fn a_schema_that_changed_is_read_again() {
    for kind in KINDS {
        let ground = Ground::new(kind).await;
        ground.execute(PERSON).await;
        let store = ground.store();
        assert_eq!(texts(&store, "person", "id", "1", "name").await, ["Taro"]);
        ground.execute("ALTER TABLE person DROP COLUMN name").await;
        let error = select(&store, "person", by("id", Compare::Exact, "1"), &["name"]).await.unwrap_err();
        assert_eq!(error.code(), code::UNKNOWN_FIELD, "{kind:?}");
        ground.execute("ALTER TABLE person ADD COLUMN nick VARCHAR(60); UPDATE person SET nick = 'T'").await;
        assert_eq!(texts(&store, "person", "id", "1", "nick").await, ["T"], "{kind:?}");
    }
}

#[tokio::test]
async fn broken_connections_are_replaced() {
    let ground = Ground::new(Kind::Postgres).await;
    ground.execute(PERSON).await;
    let store = ground.store();
    store.ping().await.unwrap();
    let mut other = PgConnection::connect(&ground.url).await.unwrap();
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    sqlx::query(AssertSqlSafe(end)).execute(&mut other).await.unwrap();
    assert_eq!(texts(&store, "person", "id", "1", "name").await, ["Taro"]);
}
