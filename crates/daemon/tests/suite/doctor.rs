//! What the doctor finds wrong with the parts that no start would notice.

use habeas_test_support::shared::{TestDatabase, postgres_database};
use serde_json::Value;
use sqlx::{Connection as _, PgConnection};

use crate::program::Program;

async fn sql(database: &TestDatabase, sql: String) {
    let mut db = PgConnection::connect(&database.url).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut db).await.unwrap();
    db.close().await.unwrap();
}

fn papers(program: &Program) -> Value {
    let found = program.run(&["doctor", "--output", "json"]).json();
    let papers = found["findings"].as_array().unwrap().iter().find(|one| one["part"] == "papers");
    papers.cloned().unwrap()
}

/// What is right about the others would read as if all were.
#[test]
fn a_store_that_is_away_has_no_ok_beneath_it() {
    let program = Program::with("");
    program.write("habeas-data/stores/shop.toml", crate::house::MANIFEST);
    let found = program.run(&["doctor", "--output", "json"]).json();
    let stores: Vec<&Value> =
        found["findings"].as_array().unwrap().iter().filter(|one| one["part"] == "stores").collect();
    assert_eq!(stores.len(), 1, "{found}");
    assert_eq!(stores[0]["health"], "wrong", "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_does_not_own_the_papers_is_told_how_to() {
    let database = postgres_database().await.unwrap();
    let owner = Program::with(&format!("[state]\nurl = \"{}\"\n", database.url));
    assert_eq!(owner.run(&["migrate", "--new-keyring"]).code, 0);
    assert_eq!(papers(&owner)["health"], "ok");
    let role = &database.name;
    let rights = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO";
    let schema = "GRANT USAGE ON SCHEMA public TO";
    sql(&database, format!("CREATE ROLE {role} LOGIN PASSWORD 'guest'; {rights} {role}; {schema} {role}"))
        .await;
    let (_, server) = database.url.rsplit_once('@').unwrap();
    let guest = Program::with(&format!(
        "[state]\nurl = \"postgres://{role}:guest@{server}\"\n[vault]\nkeyring = \"{}\"\n",
        owner.path("habeas-data/keyring.json").display()
    ));
    let found = papers(&guest);
    assert_eq!(found["health"], "warning", "{found}");
    assert!(found["fix"].as_str().unwrap().contains("ALTER TABLE paper_content OWNER TO"), "{found}");
    assert!(!found.to_string().contains("guest@"), "no part of the URL");
    sql(&database, format!("ALTER TABLE paper_content OWNER TO {role}")).await;
    assert_eq!(papers(&guest)["health"], "ok", "the fix");
    let back = format!("REASSIGN OWNED BY {role} TO CURRENT_USER; DROP OWNED BY {role}; DROP ROLE {role}");
    sql(&database, back).await;
}
