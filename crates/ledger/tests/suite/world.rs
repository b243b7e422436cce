//! A ledger on a database of its own, in which nothing is.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeZone, Utc};
use habeas_domain::{Ids, ManualClock, SystemEntropy};
use habeas_ledger::{Ledger, LedgerOptions};
use habeas_test_support::{shared::TestDatabase, state};
use habeas_vault::{CodeCost, CodeOptions, KeyRing, Vault};
use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult, Statement};
use tempfile::TempDir;

/// A ledger, the connections under it, and a clock that stands still.
pub(crate) struct World {
    pub(crate) ledger: Ledger,
    pub(crate) db: DatabaseConnection,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ring: KeyRing,
    statements: Arc<AtomicUsize>,
    home: Home,
}

/// What goes away with the world.
enum Home {
    Folder(TempDir),
    Database { _database: TestDatabase },
}

/// When every test begins.
pub(crate) fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2025, 3, 3, 9, 0, 0).unwrap()
}

impl World {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = state::sqlite(folder.path()).await.unwrap();
        Self::new(LedgerOptions::new(url), Home::Folder(folder)).await
    }

    pub(crate) async fn postgresql() -> Self {
        Self::postgresql_with(16).await
    }

    /// PostgreSQL over at most so many connections.
    pub(crate) async fn postgresql_with(max_connections: u32) -> Self {
        let database = state::postgres().await.unwrap();
        let options = LedgerOptions { max_connections, ..LedgerOptions::new(database.url.clone()) };
        Self::new(options, Home::Database { _database: database }).await
    }

    /// PostgreSQL that ends a transaction in which nothing was said for so long.
    pub(crate) async fn postgresql_idle(idle_in_transaction: Duration) -> Self {
        let database = state::postgres().await.unwrap();
        let options = LedgerOptions { idle_in_transaction, ..LedgerOptions::new(database.url.clone()) };
        Self::new(options, Home::Database { _database: database }).await
    }

    /// PostgreSQL whose tables belong to somebody else: the ledger connects as a role that may only use them.
    pub(crate) async fn postgresql_of_another_owner() -> Self {
        let world = Self::postgresql().await;
        let Home::Database { _database: database } = &world.home else { panic!("no PostgreSQL") };
        let role = &database.name;
        world.run(&format!("CREATE ROLE {role} LOGIN PASSWORD 'guest'")).await;
        world
            .run(&format!("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"))
            .await;
        let ledger =
            Ledger::new(world.guest().await, world.ledger.vault().clone(), world.ledger.ids().clone());
        Self { ledger, ..world }
    }

    /// A connection as that role.
    pub(crate) async fn guest(&self) -> DatabaseConnection {
        let Home::Database { _database: database } = &self.home else { panic!("no PostgreSQL") };
        let (_, server) = database.url.rsplit_once('@').unwrap();
        LedgerOptions::new(format!("postgres://{}:guest@{server}", database.name)).open().await.unwrap()
    }

    /// Takes the role away again, which no database would do by itself.
    pub(crate) async fn without_guest(self) {
        let Home::Database { _database: database } = &self.home else { return };
        let role = &database.name;
        self.run(&format!("DROP OWNED BY {role}")).await;
        self.run(&format!("DROP ROLE {role}")).await;
    }

    async fn new(options: LedgerOptions, home: Home) -> Self {
        let clock = Arc::new(ManualClock::new(start()));
        let ring = KeyRing::generate(&SystemEntropy, &*clock);
        let cost = CodeCost { memory_kib: 8, passes: 1, lanes: 1 };
        let codes = CodeOptions { cost, ..CodeOptions::default() };
        let vault = Vault::new(&ring, Arc::new(SystemEntropy), codes).unwrap();
        let ids = Ids::new(Arc::<ManualClock>::clone(&clock), Arc::new(SystemEntropy));
        let mut db = options.open().await.unwrap();
        let statements = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&statements);
        db.set_metric_callback(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        let ledger = Ledger::new(db.clone(), vault, ids);
        Self { ledger, db, clock, ring, statements, home }
    }

    /// The present moment.
    pub(crate) fn clock_now(&self) -> DateTime<Utc> {
        self.ledger.ids().now()
    }

    /// Every file of the database, as it lies on the disk.
    pub(crate) async fn files(&self) -> Vec<Vec<u8>> {
        let Home::Folder(folder) = &self.home else {
            self.run("CHECKPOINT").await;
            let all = "SELECT pg_read_binary_file(folder || '/' || file, 0, 100000000, true) AS n \
                       FROM (SELECT 'base/' || oid AS folder FROM pg_database WHERE datname = current_database()) AS here, \
                       LATERAL pg_ls_dir(folder) AS file";
            let files = self.rows(all).await;
            return files.iter().filter_map(|row| row.try_get("", "n").unwrap()).collect();
        };
        let files = std::fs::read_dir(folder.path()).unwrap();
        files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }

    /// How many statements were sent so far.
    pub(crate) fn statements(&self) -> usize {
        self.statements.load(Ordering::Relaxed)
    }

    pub(crate) async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        let statement = Statement::from_string(self.db.get_database_backend(), sql);
        self.db.query_all_raw(statement).await.unwrap()
    }

    /// The one number that `sql` selects as `n`.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        self.rows(sql).await.first().unwrap().try_get("", "n").unwrap()
    }

    pub(crate) async fn run(&self, sql: &str) -> u64 {
        self.db.execute_unprepared(sql).await.unwrap().rows_affected()
    }
}
