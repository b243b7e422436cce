//! The embedded program, whose state is one SQLite file, is killed again and again in mid-write.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use futures::future::join_all;
use habeas_domain::{Entropy, SeededEntropy};
use habeas_test_support::{Port, TestDaemon, daemon::DaemonOptions, http_client, wait};
use serde_json::{Value, json};
use sqlx::{SqlitePool, sqlite::SqlitePoolOptions};
use tempfile::TempDir;

use crate::attack::Shop;

/// How many write at once.
const WRITERS: usize = 4;

/// The longest that a restarted program may take to accept a request.
const LIMIT: Duration = Duration::from_mins(4);

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Requests that were handed in until an answer came.
    pub attempted: usize,
    /// Requests whose acceptance was answered.
    pub acknowledged: usize,
    /// Kills of the program.
    pub kills: usize,
    /// Accepted, as an answer said, and not in the state database.
    pub lost: usize,
    /// Made more than once for one idempotency key.
    pub doubled: usize,
    /// What `PRAGMA integrity_check` says.
    pub integrity: String,
}

impl Report {
    /// The figures.
    pub fn figures(&self) -> Value {
        json!({
            "attempted": self.attempted, "acknowledged": self.acknowledged, "kills": self.kills,
            "lost": self.lost, "doubled": self.doubled, "integrity": self.integrity,
        })
    }

    /// Whether nothing was lost or doubled and the file is whole.
    pub fn is_settled(&self) -> bool {
        self.lost == 0 && self.doubled == 0 && self.integrity == "ok" && self.acknowledged > 0
    }
}

/// Kills the program so many times while requests are handed in.
pub async fn run(kills: usize, seed: u64) -> Result<Report> {
    let desk = Desk::open().await?;
    let writing = join_all((0..WRITERS).map(|writer| desk.write(writer)));
    let killing = async {
        let killed = desk.kill(kills, seed).await;
        desk.done.store(true, Ordering::SeqCst);
        killed
    };
    let (written, killed) = futures::future::join(writing, killing).await;
    killed?;
    written.into_iter().collect::<Result<Vec<()>>>()?;
    desk.report(kills).await
}

/// The program, and what it has said.
struct Desk {
    program: TestDaemon,
    folder: TempDir,
    pages: String,
    token: String,
    attempted: AtomicUsize,
    acknowledged: Mutex<Vec<String>>,
    done: AtomicBool,
    _port: Port,
}

impl Desk {
    async fn open() -> Result<Self> {
        let (folder, port) = (tempfile::tempdir()?, Port::reserve()?);
        let data = folder.path().join("habeas-data");
        Shop::open(folder.path()).await?;
        let options = DaemonOptions::new()
            .arg("serve")
            .current_dir(folder.path())
            .env("HABEAS__STORES__FOLDER", folder.path().join("stores"))
            .env("HABEAS__HTTP__LISTEN", port.address())
            .ready_port(port.number());
        let program = TestDaemon::start(options).await?;
        let token = std::fs::read_to_string(data.join("admin.token"))?.trim().to_owned();
        let pages = format!("http://{}", port.address());
        let (attempted, acknowledged) = (AtomicUsize::new(0), Mutex::default());
        let done = AtomicBool::new(false);
        Ok(Self { program, folder, pages, token, attempted, acknowledged, done, _port: port })
    }

    fn count(&self) -> usize {
        self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Hands in one request after another, each with the same key until it is answered.
    async fn write(&self, writer: usize) -> Result<()> {
        let client = http_client()?;
        for number in 0_usize.. {
            if self.done.load(Ordering::SeqCst) {
                break;
            }
            let key = format!("{writer}-{number}");
            self.attempted.fetch_add(1, Ordering::SeqCst);
            let answered = wait::ok(format!("an answer to {key}"), LIMIT, || self.hand_in(&client, &key));
            let id = answered.await?;
            self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner).push(id);
        }
        Ok(())
    }

    async fn hand_in(&self, client: &reqwest::Client, key: &str) -> Result<String> {
        let body = json!({
            "subject": { "email": format!("person{key}@people.test") }, "rights": ["access"], "regime": "eu_gdpr",
        });
        let request = client.post(format!("{}/v1/requests", self.pages)).bearer_auth(&self.token);
        let request = request.header("Idempotency-Key", key).timeout(Duration::from_secs(30)).json(&body);
        let answer = request.send().await?;
        ensure!(answer.status().is_success(), "{}: {}", answer.status(), answer.text().await?);
        let answer: Value = answer.json().await?;
        Ok(answer["id"].as_str().context("an id")?.to_owned())
    }

    /// Each time a few more were acknowledged, and a moment later, so that kills meet every part of a write.
    async fn kill(&self, kills: usize, seed: u64) -> Result<()> {
        let entropy = SeededEntropy::new(seed);
        for kill in 1..=kills {
            let before = self.count();
            let more = || async { self.count() >= before + WRITERS };
            wait::until(format!("writes before kill {kill}"), LIMIT, more)
                .await
                .with_context(|| self.program.output().unwrap_or_default())?;
            let mut random = [0];
            entropy.fill(&mut random);
            tokio::time::sleep(Duration::from_micros(u64::from(random[0]) * 200)).await;
            self.program.sigkill()?;
            self.program.start_again().await?;
        }
        Ok(())
    }

    async fn report(&self, kills: usize) -> Result<Report> {
        self.program.sigkill()?;
        let state = self.folder.path().join("habeas-data/state.db");
        let pool: SqlitePool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect(&format!("sqlite://{}?mode=rw", state.display()))
            .await?;
        let integrity = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&pool).await?;
        let held: Vec<String> =
            sqlx::query_scalar("SELECT lower(hex(id)) FROM request").fetch_all(&pool).await?;
        let held: BTreeSet<String> = held.into_iter().collect();
        let acknowledged = self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let lost = acknowledged.iter().filter(|id| !held.contains(&id.replace('-', ""))).count();
        let attempted = self.attempted.load(Ordering::SeqCst);
        let doubled = held.len().saturating_sub(attempted);
        Ok(Report { attempted, acknowledged: acknowledged.len(), kills, lost, doubled, integrity })
    }
}
