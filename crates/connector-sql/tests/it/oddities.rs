//! What databases hold that no textbook shows.

use habeas_connector_api::{Action, Compare, DataStore, code};
use habeas_connector_sql::{SqlOptions, SqlStore};
use habeas_domain::{
    Effect, Value,
    schema::{FieldType, Obstacle},
};

use crate::{
    asking::{apply, by, effect, field, select, step, texts},
    ground::{Ground, Kind},
};

async fn first(store: &impl DataStore, from: &str, key: &str, give: &[&str]) -> Vec<Value> {
    select(store, from, by("id", Compare::Exact, key), give).await.unwrap().remove(0).values
}

#[tokio::test]
async fn strange_values_of_postgres_are_read() {
    let ground = Ground::new(Kind::Postgres).await;
    let sql = "CREATE TYPE mood AS ENUM ('fine', 'O''K'); CREATE DOMAIN mail AS varchar(60) NOT NULL; \
        CREATE TABLE odd (id smallint PRIMARY KEY, padded char(10), feeling mood, address mail, tags text[], at timestamptz, \
            day date, amount numeric, ip inet, span interval, f real, twice int GENERATED ALWAYS AS (2) STORED); \
        INSERT INTO odd VALUES (1, 'abc', 'O''K', 'taro@example.jp', '{a,\"b c\"}', 'infinity', '0044-03-15 BC', 'NaN', \
            '192.0.2.1', '1 day 2 hours', 0.1)";
    ground.execute(sql).await;
    let store = ground.store();
    let fields = ["padded", "feeling", "address", "tags", "at", "day", "amount", "ip", "span", "f"];
    let values = first(&store, "odd", "1", &fields).await;
    let shown: Vec<String> = values.iter().map(Value::to_text).collect();
    let wanted = [
        "abc",
        "O'K",
        "taro@example.jp",
        "{a,\"b c\"}",
        "infinity",
        "0044-03-15 BC",
        "NaN",
        "192.0.2.1/32",
        "P1DT2H",
        "0.1",
    ];
    assert_eq!(shown, wanted);
    for (name, key) in
        [("padded", "abc"), ("feeling", "O'K"), ("address", "taro@example.jp"), ("ip", "192.0.2.1/32")]
    {
        assert_eq!(
            texts(&store, "odd", name, key, "id").await,
            ["1"],
            "{name} is found by what is shown of it"
        );
    }
    for (name, key) in
        [("feeling", "angry"), ("id", "40000"), ("id", "-32769"), ("at", "+12024-01-01T00:00:00Z")]
    {
        assert!(texts(&store, "odd", name, key, "id").await.is_empty(), "{name} = {key}");
    }
    let schema = store.describe().await.unwrap().remove(0);
    assert!(schema.field(&field("twice")).unwrap().generated);
    let address = schema.field(&field("address")).unwrap();
    assert_eq!((address.kind, address.max_chars, address.nullable), (FieldType::Text, Some(60), false));
    let steps = vec![
        step("odd", "id", "1", effect("tags", Effect::Null)),
        step("odd", "id", "1", effect("address", Effect::MaskEmail)),
    ];
    assert_eq!(apply(&store, steps).await.unwrap().changed(), 2);
    assert_eq!(first(&store, "odd", "1", &["tags"]).await, [Value::Null]);
}

#[tokio::test]
async fn other_schemas_and_partitions_of_postgres_are_reached() {
    let ground = Ground::new(Kind::Postgres).await;
    let sql = "CREATE SCHEMA crm; CREATE TABLE crm.person (id int PRIMARY KEY, name text); INSERT INTO crm.person VALUES (1, 'Taro'); \
        CREATE TABLE person (id int PRIMARY KEY, name text); INSERT INTO person VALUES (1, 'Hanako'); \
        CREATE TABLE log (id int, month int, line text, PRIMARY KEY (id, month)) PARTITION BY LIST (month); \
        CREATE TABLE log_1 PARTITION OF log FOR VALUES IN (1); CREATE TABLE log_2 PARTITION OF log FOR VALUES IN (2); \
        INSERT INTO log VALUES (1, 1, 'a'), (1, 2, 'b'), (2, 2, 'c')";
    ground.execute(sql).await;
    let store = ground.store();
    assert_eq!(texts(&store, "crm.person", "id", "1", "name").await, ["Taro"]);
    assert_eq!(texts(&store, "person", "id", "1", "name").await, ["Hanako"]);
    assert_eq!(texts(&store, "log", "id", "1", "line").await, ["a", "b"]);
    let names: Vec<_> =
        store.describe().await.unwrap().into_iter().map(|schema| schema.name.to_string()).collect();
    assert_eq!(names, ["crm.person", "log", "person"], "partitions are part of their table");
    let gone =
        vec![step("log", "id", "1", Action::DeleteRows), step("crm.person", "id", "1", Action::DeleteRows)];
    assert_eq!(apply(&store, gone).await.unwrap().changed(), 3);
    assert_eq!(texts(&store, "person", "id", "1", "name").await, ["Hanako"]);
}

#[tokio::test]
async fn strange_values_of_mariadb_are_read() {
    let ground = Ground::new(Kind::MariaDb).await;
    let sql = "SET sql_mode = ''; CREATE TABLE odd (id bigint unsigned PRIMARY KEY, day date, at datetime, flag bit(1), flags bit(8), \
            small tinyint(1), feeling enum('fine', 'bad'), born year, west varchar(60) CHARACTER SET latin1, \
            kana varchar(60) CHARACTER SET sjis, exact varchar(60) COLLATE utf8mb4_bin, f float, tall bigint unsigned, \
            twice int AS (2) STORED); \
        INSERT INTO odd (id, day, at, flag, flags, small, feeling, born, west, kana, exact, f, tall) VALUES \
            (1, '0000-00-00', '0000-00-00 00:00:00', b'1', b'101', 2, 'bad', 1985, 'José', 'カナ', 'Taro', 0.1, 18446744073709551615)";
    ground.execute(sql).await;
    let store = ground.store();
    let fields = ["day", "at", "flag", "flags", "small", "feeling", "born", "west", "kana", "tall"];
    let values = first(&store, "odd", "1", &fields).await;
    let shown: Vec<String> = values.iter().map(Value::to_text).collect();
    let wanted = [
        "0000-00-00",
        "0000-00-00 00:00:00",
        "true",
        "5",
        "2",
        "bad",
        "1985",
        "José",
        "カナ",
        "18446744073709551615",
    ];
    assert_eq!(shown, wanted);
    for (name, key, found) in [
        ("west", "José", 1),
        ("west", "山田", 0),
        ("west", "?", 0),
        ("kana", "カナ", 1),
        ("kana", "👩", 0),
        ("exact", "taro", 0),
        ("tall", "18446744073709551615", 1),
        ("feeling", "bad", 1),
        ("feeling", "angry", 0),
        ("born", "1985", 1),
        ("flags", "5", 1),
    ] {
        assert_eq!(texts(&store, "odd", name, key, "id").await.len(), found, "{name} = {key}");
    }
    let lower = select(&store, "odd", by("exact", Compare::Caseless, "TARO"), &["id"]).await.unwrap();
    assert_eq!(lower.len(), 1, "a column that knows case is compared without it where asked");
}

#[tokio::test]
async fn rows_of_mariadb_without_identity_are_refused_clearly() {
    let ground = Ground::new(Kind::MariaDb).await;
    ground.execute("CREATE TABLE log (person int, line varchar(60)); INSERT INTO log VALUES (1, 'a')").await;
    let error =
        apply(&ground.store(), vec![step("log", "person", "1", Action::DeleteRows)]).await.unwrap_err();
    assert_eq!(error.code(), code::UNSUPPORTED, "{:?}", error.to_fault());
    assert!(error.to_string().contains("primary key"), "{error}");
}

#[tokio::test]
async fn whatever_sqlite_holds_is_found_and_changed() {
    let ground = Ground::new(Kind::Sqlite).await;
    let sql = "CREATE TABLE odd (id, code INTEGER, ref UUID, at DATETIME, rowid TEXT, flag BOOLEAN, name TEXT); \
        INSERT INTO odd VALUES \
            ('1', 'abc', '7D444840-9DC0-11D1-B245-5FFDCE74FAD2', '2024-02-29T10:02:03+09:00', 'x', 1, 'a'), \
            (2, 42, NULL, '2024-02-29 01:02:03', 'y', 0, 'b'), \
            (x'00ff', 42.5, NULL, 1709168523, 'z', 7, CAST(x'ff41' AS TEXT)); \
        CREATE TABLE keyed (line TEXT, number INTEGER, name TEXT, PRIMARY KEY (line, number)) WITHOUT ROWID; \
        INSERT INTO keyed VALUES ('a', 1, 'Taro'), ('a', 2, 'Jiro');";
    ground.execute(sql).await;
    let store = ground.store();
    for (name, key, found) in [
        ("id", "1", vec!["a"]),
        ("id", "2", vec!["b"]),
        ("code", "abc", vec!["a"]),
        ("code", "42", vec!["b"]),
        ("code", "042", vec![]),
        ("ref", "7d444840-9dc0-11d1-b245-5ffdce74fad2", vec!["a"]),
    ] {
        assert_eq!(texts(&store, "odd", name, key, "name").await, found, "{name} = {key}");
    }
    let third =
        select(&store, "odd", by("rowid", Compare::Exact, "z"), &["flag", "name", "at"]).await.unwrap();
    assert_eq!(third[0].values, [Value::Int(7), Value::Bytes(vec![0xff, 0x41]), Value::Int(1_709_168_523)]);
    let steps = vec![
        step("odd", "rowid", "x", effect("at", Effect::Anonymise)),
        step("odd", "rowid", "z", Action::DeleteRows),
        step("keyed", "line", "a", effect("name", Effect::MaskText)),
        step("keyed", "name", "********", Action::DeleteRows),
    ];
    assert_eq!(apply(&store, steps).await.unwrap().changed(), 6);
    assert!(texts(&store, "odd", "rowid", "z", "name").await.is_empty());
}

#[tokio::test]
async fn tables_of_sqlite_that_refer_to_each_other_are_emptied_together() {
    let ground = Ground::new(Kind::Sqlite).await;
    let sql = "CREATE TABLE team (id INTEGER PRIMARY KEY, lead INTEGER REFERENCES member (id)); \
        CREATE TABLE member (id INTEGER PRIMARY KEY, team INTEGER NOT NULL REFERENCES team (id)); \
        BEGIN; PRAGMA defer_foreign_keys = ON; INSERT INTO team VALUES (1, 10); INSERT INTO member VALUES (10, 1); COMMIT;";
    ground.execute(sql).await;
    let store = ground.store();
    let alone = apply(&store, vec![step("team", "id", "1", Action::DeleteRows)]).await;
    assert_eq!(alone.unwrap_err().code(), code::CONSTRAINT);
    let both =
        vec![step("team", "id", "1", Action::DeleteRows), step("member", "id", "10", Action::DeleteRows)];
    assert_eq!(apply(&store, both).await.unwrap().changed(), 2);
}

/// What `habeas store check` refuses, because a deletion there could neither be whole nor be proven.
#[tokio::test]
async fn tables_of_mariadb_without_transactions_or_with_a_history_are_told() {
    let ground = Ground::new(Kind::MariaDb).await;
    let sql = "CREATE TABLE loose (id int PRIMARY KEY) ENGINE = MyISAM; CREATE TABLE plain (id int PRIMARY KEY); \
        CREATE TABLE versions (id int PRIMARY KEY) WITH SYSTEM VERSIONING";
    ground.execute(sql).await;
    let schemas = ground.store().describe().await.unwrap();
    let told: Vec<_> = schemas.iter().map(|one| (one.name.as_str(), one.obstacles.as_slice())).collect();
    let wanted: [(&str, &[Obstacle]); 3] =
        [("loose", &[Obstacle::NoTransactions]), ("plain", &[]), ("versions", &[Obstacle::KeepsHistory])];
    assert_eq!(told, wanted);
}

/// Rows that a policy hides would stay, and be proven gone.
#[tokio::test]
async fn rows_that_postgres_may_hide_are_not_called_gone() {
    let ground = Ground::new(Kind::Postgres).await;
    let sql = "CREATE TABLE person (id int PRIMARY KEY, email text); INSERT INTO person VALUES (1, 'a'), (2, 'a'); \
        CREATE TABLE open_to_all (id int PRIMARY KEY); \
        ALTER TABLE person ENABLE ROW LEVEL SECURITY; CREATE POLICY half ON person USING (id < 2); \
        GRANT ALL ON person, open_to_all TO pg_monitor";
    ground.execute(sql).await;
    let begin = if ground.url.contains('?') { '&' } else { '?' };
    let as_clerk = format!("{}{begin}options[role]=pg_monitor", ground.url);
    let store = SqlStore::open(&SqlOptions::new(&as_clerk)).unwrap();
    let gone = || vec![step("person", "email", "a", Action::DeleteRows)];
    let refused = apply(&store, gone()).await.unwrap_err();
    assert_eq!(refused.code(), code::DENIED, "{:?}", refused.to_fault());
    let read = select(&store, "person", by("email", Compare::Exact, "a"), &["id"]).await.unwrap_err();
    assert_eq!(read.code(), code::DENIED);
    let schemas = store.describe().await.unwrap();
    let told: Vec<_> = schemas.iter().map(|one| (one.name.as_str(), one.obstacles.as_slice())).collect();
    let wanted: [(&str, &[Obstacle]); 2] = [("open_to_all", &[]), ("person", &[Obstacle::HidesRows])];
    assert_eq!(told, wanted);
    // Whoever says so means to see a part alone.
    let part = SqlStore::open(&SqlOptions::new(format!("{as_clerk}&options[row_security]=on"))).unwrap();
    assert_eq!(part.describe().await.unwrap()[1].obstacles, []);
    assert_eq!(apply(&part, gone()).await.unwrap().changed(), 1);
    assert_eq!(texts(&ground.store(), "person", "email", "a", "id").await, ["2"]);
}
