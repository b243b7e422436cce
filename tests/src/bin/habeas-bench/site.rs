//! A deployment of its own: PostgreSQL for state and store, RabbitMQ, an SMTP server, and the daemon.

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, Result, ensure};
use habeas_domain::{SystemClock, SystemEntropy};
use habeas_queue::{Queue, RabbitOptions, RabbitQueue};
use habeas_test_support::{Port, Postgres, RabbitMq, SmtpSink, TestDaemon, daemon::DaemonOptions};
use habeas_vault::KeyRing;
use sqlx::{PgPool, postgres::PgPoolOptions};
use tempfile::TempDir;

use crate::shop::{self, Shop};

/// Everything that runs. The daemon is ended first.
pub(crate) struct Site {
    pub(crate) daemon: TestDaemon,
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) sink: Arc<SmtpSink>,
    pub(crate) shop: Shop,
    pub(crate) state: PgPool,
    _postgres: Postgres,
    _rabbitmq: RabbitMq,
    folder: TempDir,
}

impl Site {
    /// Starts the servers, fills the store, and starts the daemon.
    pub(crate) async fn open(people: u32) -> Result<Self> {
        let (postgres, rabbitmq) = tokio::try_join!(postgres(), RabbitMq::start_durable())?;
        let state_url = postgres.create_database("state").await?;
        let shop = Shop::open(postgres.create_database("shop").await?, people).await?;
        let sink = Arc::new(SmtpSink::start().await?);
        let (folder, pages) = (tempfile::tempdir()?, Port::reserve()?);
        let stores = folder.path().join("stores");
        std::fs::create_dir_all(&stores)?;
        std::fs::write(stores.join("shop.toml"), shop::manifest())?;
        KeyRing::generate(&SystemEntropy, &SystemClock).create(&folder.path().join("keyring.json"))?;
        let settings = configuration(folder.path(), &state_url, &rabbitmq.amqp_url(), &sink, &pages);
        let file = folder.path().join("habeas.toml");
        std::fs::write(&file, settings)?;
        let options = || DaemonOptions::new().arg("--config").arg(&file).env("BENCH_SHOP_URL", &shop.url);
        let migrated = options().arg("migrate").command()?.output().context("habeas migrate")?;
        ensure!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
        let listen = format!("127.0.0.1:{}", pages.number());
        // As the shipped units and the image set it.
        let serve = options().arg("serve").env("MALLOC_ARENA_MAX", "4");
        let serve = serve.env("HABEAS__HTTP__LISTEN", listen).ready_port(pages.number());
        let daemon = TestDaemon::start(serve).await?;
        let state = PgPoolOptions::new().max_connections(2).connect(&state_url).await?;
        sqlx::raw_sql("CREATE EXTENSION pg_stat_statements").execute(&state).await?;
        let queue = Arc::new(RabbitQueue::new(RabbitOptions::new(&rabbitmq.amqp_url())?));
        Ok(Self { daemon, queue, sink, shop, state, _postgres: postgres, _rabbitmq: rabbitmq, folder })
    }

    /// A folder to write in.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// How many mails, jobs and pieces of work are not at their end.
    pub(crate) async fn open_ends(&self) -> Result<i64> {
        // One state at a time: each has an index of its own, and finished work may be millions.
        let sql = "SELECT (SELECT count(*) FROM work WHERE state = 'waiting')
            + (SELECT count(*) FROM work WHERE state = 'running')
            + (SELECT count(*) FROM work WHERE state = 'parked') AS bench";
        Ok(sqlx::query_scalar(sql).fetch_one(&self.state).await?)
    }

    /// What work waits for, for an error.
    pub(crate) async fn situation(&self) -> Result<String> {
        let sql = "SELECT kind, state, fault_code, count(*) FROM work WHERE state <> 'done' GROUP BY 1, 2, 3";
        let work: Vec<(String, String, Option<String>, i64)> =
            sqlx::query_as(sql).fetch_all(&self.state).await?;
        let output = self.daemon.output()?;
        let from = output.len().saturating_sub(4_000);
        Ok(format!("work {work:?}\n{}", output.get(from..).unwrap_or_default()))
    }
}

/// Durable as in production, and counting statements.
async fn postgres() -> Result<Postgres> {
    let postgres = Postgres::start_durable().await?;
    postgres.access().execute("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'").await?;
    postgres.stop().await?;
    postgres.start_again().await?;
    Ok(postgres)
}

fn configuration(folder: &Path, state: &str, amqp: &str, sink: &SmtpSink, pages: &Port) -> String {
    format!(
        r#"data_dir = "{folder}"
[state]
url = "{state}"
[queue]
kind = "rabbitmq"
url = "{amqp}"
[http]
base_url = "http://127.0.0.1:{pages}"
trusted_proxies = ["127.0.0.1"]
[mail]
kind = "smtp"
host = "{host}"
port = {port}
security = "plain"
from_address = "privacy@mart.test"
[stores]
folder = "{folder}/stores"
[vault]
keyring = "{folder}/keyring.json"
[controller]
name_en = "Mart of the Benchmark"
[deletion]
grace_hours = 0
[approval.eu_gdpr]
deletion = "automatic"
"#,
        folder = folder.display(),
        pages = pages.number(),
        host = sink.host(),
        port = sink.port(),
    )
}
