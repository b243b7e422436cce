//! A program on a schema that a newer one has already brought up to date.

use sqlx::{Connection as _, SqliteConnection};

use crate::program::Program;

/// Records a step that no program knows yet, as a later release would.
async fn take_a_later_step(program: &Program) {
    let file = format!("sqlite://{}", program.path("habeas-data/state.db").display());
    let mut db = SqliteConnection::connect(&file).await.unwrap();
    let step = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 0)";
    sqlx::raw_sql(step).execute(&mut db).await.unwrap();
    db.close().await.unwrap();
}

#[tokio::test]
async fn a_later_schema_stops_nothing_and_is_told() {
    let program = Program::with("");
    assert_eq!(program.run(&["migrate", "--new-keyring"]).code, 0);
    take_a_later_step(&program).await;

    let again = program.run(&["migrate", "--output", "json"]);
    assert_eq!((again.code, &again.json()["steps"]), (0, &0.into()), "{again:?}");
    let found = program.run(&["doctor", "--output", "json"]).json();
    let state = found["findings"].as_array().unwrap().iter().find(|one| one["part"] == "state");
    let state = state.unwrap();
    assert_eq!(state["health"], "warning", "{state}");
    assert!(state["message"].as_str().unwrap().contains("1 steps ahead"), "{state}");
}
