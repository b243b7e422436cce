//! What the README tells a newcomer to type does what it says.

use habeas_test_support::{Port, TestDaemon, shared::postgres_database};
use sqlx::{Connection as _, PgConnection};

use crate::program::Program;

const README: &str = include_str!("../../../../README.md");

/// The block of this language in the part about the first store.
fn block(language: &str) -> &'static str {
    let (_, part) = README.split_once("## Your first store").unwrap();
    let (_, rest) = part.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_store_works_as_typed() {
    let database = postgres_database().await.unwrap();
    let mut db = PgConnection::connect(&database.url).await.unwrap();
    sqlx::raw_sql(block("sql")).execute(&mut db).await.unwrap();
    db.close().await.unwrap();
    let reserved = Port::reserve().unwrap();
    let listen = format!("127.0.0.1:{}", reserved.number());
    let program =
        Program::with("").env("SHOP_DATABASE_URL", &database.url).env("HABEAS__HTTP__LISTEN", &listen);
    program.write("habeas-data/stores/shop.toml", block("toml"));
    let mut daemon = None;
    let mut typed = 0;
    for line in block("sh").lines().filter_map(|line| line.strip_prefix("habeas ")) {
        let command = line.split_once('#').map_or(line, |(command, _)| command);
        let arguments: Vec<&str> = command.split_whitespace().collect();
        typed += 1;
        if arguments == ["serve", "&"] {
            let options = program.serving(reserved.number()).env("SHOP_DATABASE_URL", &database.url);
            daemon = Some(TestDaemon::start(options).await.unwrap());
            continue;
        }
        let ran = program.run(&arguments);
        assert_eq!(ran.code, 0, "{line}: {ran:?}");
        if arguments == ["store", "check"] {
            assert!(ran.out.contains("0 errors, 0 warnings"), "{ran:?}");
        }
        if arguments.contains(&"preview") {
            assert!(ran.out.contains("shop.customers") && ran.out.contains("shop.orders"), "{ran:?}");
        }
    }
    assert_eq!(typed, 4, "the block was not read");
    assert!(daemon.is_some(), "it was never served");
    assert!(program.path("habeas-data/mail").is_dir(), "where the README says that mails are");
}
