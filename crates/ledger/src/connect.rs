use std::{sync::Arc, time::Duration};

use habeas_domain::{Ids, Personal};
use habeas_vault::Vault;
use sea_orm::{ConnectOptions, Database, DatabaseConnection};

use crate::{
    Inner, Ledger, LedgerError,
    announce::Announcer,
    bounded::{self, Bounded},
};

/// Where the state database is, and how to use it.
#[derive(Debug, Clone)]
pub struct LedgerOptions {
    /// `sqlite://path?mode=rwc` or `postgres://...`. May hold a password, so it prints redacted.
    pub url: Personal<String>,
    /// The most connections at once. SQLite takes one writer at a time in any case.
    pub max_connections: u32,
    /// How long to wait for a connection.
    pub connect_timeout: Duration,
    /// How long one statement may take (PostgreSQL).
    pub statement_timeout: Duration,
    /// How long a transaction may lie open without a statement (PostgreSQL). A process that is stopped inside one,
    /// by a signal or by the host of its machine, keeps its connection and with it every lock until then.
    pub idle_in_transaction: Duration,
}

/// How many statements a connection keeps prepared: ours, in some sizes each.
const STATEMENTS_KEPT: usize = 250;

/// How long a connection that lies idle is taken for alive.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

impl LedgerOptions {
    /// Sensible values for a database at `url`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: Personal::new(url.into()),
            max_connections: 16,
            connect_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(30),
            idle_in_transaction: Duration::from_secs(30),
        }
    }

    /// The longest that any call may take, the wait for a connection included: a little more than the database is
    /// told, whose own answer says more.
    pub const fn limit(&self) -> Duration {
        self.connect_timeout.saturating_add(self.statement_timeout).saturating_add(Duration::from_secs(1))
    }

    /// Opens the connections, without a ledger around them: for migrations.
    pub async fn open(&self) -> Result<DatabaseConnection, LedgerError> {
        let url = self.url.expose();
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(self.max_connections)
            .connect_timeout(self.connect_timeout)
            .acquire_timeout(self.connect_timeout)
            .statement_timeout(self.statement_timeout)
            .record_stmt_in_spans(false)
            .sqlx_logging(false);
        // A connection that was used a moment ago need not be asked whether it lives.
        if url.starts_with("sqlite") {
            options.test_before_acquire(false);
        } else {
            options.test_before_acquire_if_idle_for(TRUSTED_FOR);
        }
        let idle = format!("{}ms", self.idle_in_transaction.as_millis());
        options.map_sqlx_postgres_opts(move |postgres| {
            postgres
                .options([("idle_in_transaction_session_timeout", idle.as_str())])
                .statement_cache_capacity(STATEMENTS_KEPT)
        });
        let answer_within = self.connect_timeout;
        options.map_sqlx_postgres_pool_opts(move |pool| {
            pool.after_release(move |connection, _| {
                Box::pin(bounded::still_answers(connection, answer_within))
            })
        });
        options.map_sqlx_sqlite_opts(|sqlite| {
            use sqlite_settings::{JOURNAL, SYNCHRONOUS};
            sqlite
                .pragma("journal_mode", JOURNAL)
                .pragma("synchronous", SYNCHRONOUS)
                .pragma("foreign_keys", "ON")
                // What is deleted is overwritten: destroyed papers must not lie on in free pages.
                .pragma("secure_delete", "ON")
                .busy_timeout(Duration::from_secs(10))
        });
        Ok(Database::connect(options).await?)
    }
}

/// WAL lets readers go on while one writes. FULL, because WAL with NORMAL may roll back commits on power loss.
mod sqlite_settings {
    pub(super) const JOURNAL: &str = "WAL";
    pub(super) const SYNCHRONOUS: &str = "FULL";
}

impl Ledger {
    /// Opens the state database. Its schema must be up to date (`habeas migrate`).
    pub async fn connect(options: &LedgerOptions, vault: Vault, ids: Ids) -> Result<Self, LedgerError> {
        Ok(Self::within(options.limit(), options.open().await?, vault, ids))
    }

    /// A ledger on connections that are open already, with the limit of default options.
    pub fn new(db: DatabaseConnection, vault: Vault, ids: Ids) -> Self {
        Self::within(LedgerOptions::new("").limit(), db, vault, ids)
    }

    /// The same; a call that has no answer after `limit` ([`LedgerOptions::limit`]) is given up.
    pub fn within(limit: Duration, db: DatabaseConnection, vault: Vault, ids: Ids) -> Self {
        let db = Bounded::new(db, limit);
        Self(Arc::new(Inner { db, vault, ids, announcer: Announcer::default() }))
    }

    /// Asks the database for a sign of life.
    pub async fn ping(&self) -> Result<(), LedgerError> {
        Ok(self.db().ping().await?)
    }
}
