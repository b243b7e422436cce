//! The suite, on each database.

use habeas_connector_conformance::run;

use crate::{factory::Databases, ground::Kind};

async fn conforms(kind: Kind) {
    let report =
        run(&Databases::new(kind)).await.unwrap().verdict().unwrap_or_else(|error| panic!("{error}"));
    println!("{report}");
    assert_eq!(report.not_applicable(), 0, "a SQL database can do everything");
}

#[tokio::test]
async fn postgres_conforms() {
    conforms(Kind::Postgres).await;
}

#[tokio::test]
async fn mariadb_conforms() {
    conforms(Kind::MariaDb).await;
}

#[tokio::test]
async fn sqlite_conforms() {
    conforms(Kind::Sqlite).await;
}
