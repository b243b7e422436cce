//! Every step goes up, down and up again on both databases, and a schema made twice is the same schema.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use habeas_migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

async fn objects(db: &DatabaseConnection) -> Vec<String> {
    let sql = match db.get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT type || ' ' || name AS object FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1"
        }
        _ => {
            "SELECT 'table ' || tablename AS object FROM pg_tables WHERE schemaname = 'public' \
             UNION ALL SELECT 'index ' || indexname FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
        }
    };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get::<String>("", "object").unwrap()).collect()
}

async fn up_down_up(db: &DatabaseConnection) {
    let steps = u32::try_from(Migrator::migrations().len()).unwrap();
    let mut before_each = Vec::new();
    for _ in 0..steps {
        before_each.push(objects(db).await);
        Migrator::up(db, Some(1)).await.unwrap();
    }
    let whole = objects(db).await;
    for before in before_each.iter().skip(1).rev() {
        Migrator::down(db, Some(1)).await.unwrap();
        assert_eq!(&objects(db).await, before);
    }
    Migrator::up(db, None).await.unwrap();
    assert_eq!(objects(db).await, whole);
    Migrator::fresh(db).await.unwrap();
    assert_eq!(objects(db).await, whole);
}

#[tokio::test]
async fn sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("state.db").display());
    up_down_up(&Database::connect(url).await.unwrap()).await;
}

#[tokio::test]
async fn postgresql() {
    let database = habeas_test_support::shared::postgres_database().await.unwrap();
    up_down_up(&Database::connect(&database.url).await.unwrap()).await;
}
