//! What a program finds on a schema of another release.

use habeas_migrations::{Migrator, MigratorTrait, Standing};
use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};

#[tokio::test]
async fn steps_of_other_releases_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("state.db").display());
    let db = Database::connect(url).await.unwrap();
    let all = Migrator::migrations().len();
    assert_eq!(Standing::of(&db).await.unwrap().lacking.len(), all);
    let made =
        db.query_one_raw(Statement::from_string(DbBackend::Sqlite, "SELECT name FROM sqlite_master")).await;
    assert!(made.unwrap().is_none(), "looking makes nothing");

    Migrator::up(&db, Some(1)).await.unwrap();
    let standing = Standing::of(&db).await.unwrap();
    assert_eq!((standing.lacking.len(), standing.later.len()), (all - 1, 0));
    assert!(!standing.lacking.contains(&"m0001_requests".to_owned()), "{standing:?}");

    Migrator::up(&db, None).await.unwrap();
    assert_eq!(Standing::of(&db).await.unwrap(), Standing::default());

    let later = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 0)";
    db.execute_unprepared(later).await.unwrap();
    assert_eq!(Standing::of(&db).await.unwrap().later, ["m9999_later"]);
}
