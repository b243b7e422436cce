//! A deployment: PostgreSQL for the state, RabbitMQ, an SMTP server, and the daemon in as many processes as wanted.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, ensure};
use habeas_domain::{SystemClock, SystemEntropy};
use habeas_queue::{Queue, RabbitOptions, RabbitQueue};
use habeas_test_support::{
    Port, SmtpSink, TestDaemon, TlsFront, TlsMode,
    daemon::DaemonOptions,
    shared::{self, TestDatabase, TestVhost},
    wait,
};
use habeas_vault::KeyRing;
use sqlx::{PgPool, postgres::PgPoolOptions};
use tempfile::TempDir;

use crate::company::Company;

/// What one process of the daemon does, as `--roles` takes it.
pub type Roles = &'static str;

/// Everything in one process.
pub const ALL: Roles = "";

/// A deployment and its company.
pub struct House {
    /// The company's stores.
    pub company: Company,
    /// Where mails arrive.
    pub sink: Arc<SmtpSink>,
    /// The door to the mail server, if it asks for TLS and a login.
    pub front: Option<TlsFront>,
    /// The broker, as another system would use it.
    pub queue: Arc<dyn Queue>,
    /// The processes.
    pub processes: Vec<TestDaemon>,
    state: PgPool,
    token: Option<String>,
    folder: TempDir,
    pages: Port,
    /// The virtual host, if it is one on the shared broker.
    pub vhost: Option<TestVhost>,
    /// Kept for as long as the house stands.
    _state: Option<TestDatabase>,
}

/// How a house is built.
pub struct Plan {
    /// How many customers the company has.
    pub people: u32,
    /// The roles of each process.
    pub processes: Vec<Roles>,
    /// Another broker than the shared one.
    pub amqp_url: Option<String>,
    /// Another state database than one on the shared server.
    pub state_url: Option<String>,
    /// The mail server is reached through TLS, and wants a login.
    pub mail_tls: Option<TlsMode>,
    /// More environment for every process, such as failpoints.
    pub env: Vec<(String, String)>,
    /// More lines of configuration.
    pub config: String,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            people: 20,
            processes: vec![ALL],
            amqp_url: None,
            state_url: None,
            mail_tls: None,
            env: Vec::new(),
            config: String::new(),
        }
    }
}

impl House {
    /// Builds a deployment and waits until it answers.
    pub async fn build(plan: Plan) -> Result<Self> {
        let company = Company::found(plan.people).await?;
        let (sink, front) = mail_server(plan.mail_tls).await?;
        let (state, state_url) = state_database(plan.state_url).await?;
        let (vhost, amqp_url) = broker(plan.amqp_url).await?;
        let folder = tempfile::tempdir()?;
        let pages = Port::reserve()?;
        company.write_manifests(&folder.path().join("stores"))?;
        KeyRing::generate(&SystemEntropy, &SystemClock).create(&folder.path().join("keyring.json"))?;
        let mail = mail_section(&folder, &sink, front.as_ref(), plan.mail_tls)?;
        let settings = configuration(&folder, &state_url, &amqp_url, &mail, &pages, &plan.config);
        std::fs::write(folder.path().join("habeas.toml"), settings)?;
        let queue = RabbitQueue::new(RabbitOptions::new(&amqp_url)?);
        let mut house = Self {
            company,
            sink,
            front,
            queue: Arc::new(queue),
            processes: Vec::new(),
            state: PgPoolOptions::new().max_connections(4).connect_lazy(&state_url)?,
            token: None,
            folder,
            pages,
            vhost,
            _state: state,
        };
        house.run(&["migrate"])?;
        house.token = Some(house.first_token()?);
        for (index, roles) in plan.processes.iter().enumerate() {
            let process = house.process(index, roles, &plan.env)?;
            house.processes.push(TestDaemon::start(process).await?);
        }
        Ok(house)
    }

    /// Starts one more process.
    pub async fn add(&mut self, roles: Roles) -> Result<()> {
        let process = self.process(self.processes.len(), roles, &[])?;
        self.processes.push(TestDaemon::start(process).await?);
        Ok(())
    }

    fn config_file(&self) -> PathBuf {
        self.folder.path().join("habeas.toml")
    }

    fn options(&self) -> DaemonOptions {
        DaemonOptions::new()
            .arg("--config")
            .arg(self.config_file())
            .env("TEST_SHOP_URL", &self.company.shop.url)
            .env("TEST_DESK_URL", self.company.desk_url())
    }

    /// The first process serves the pages at the address that links begin with; the others listen elsewhere.
    fn process(&self, index: usize, roles: Roles, env: &[(String, String)]) -> Result<DaemonOptions> {
        let port = if index == 0 { self.pages.number() } else { Port::reserve()?.number() };
        let mut options = self
            .options()
            .arg("serve")
            .env("HABEAS__HTTP__LISTEN", format!("127.0.0.1:{port}"))
            .ready_port(port);
        if !roles.is_empty() {
            options = options.arg("--roles").arg(roles);
        }
        for (name, value) in env {
            options = options.env(name, value);
        }
        Ok(options)
    }

    /// Runs a command of the program that dies where that variable of its environment says.
    pub fn run_killed(&self, arguments: &[&str], (name, value): (&str, &str)) -> Result<()> {
        let mut options = self.options().args(arguments.iter().copied()).env(name, value);
        if let Some(token) = &self.token {
            options = options.env("HABEAS_TOKEN", token);
        }
        let status = options.command()?.output()?.status;
        ensure!(status.code().is_none(), "it ended with {status}, not by a signal");
        Ok(())
    }

    /// Runs a command of the program that is expected to fail, and returns what it printed.
    pub fn run_and_fail(&self, arguments: &[&str]) -> Result<String> {
        let output = self.options().args(arguments.iter().copied()).command()?.output()?;
        ensure!(!output.status.success(), "habeas {} succeeded", arguments.join(" "));
        let printed = [output.stdout, output.stderr].concat();
        Ok(String::from_utf8_lossy(&printed).into_owned())
    }

    /// Runs a command of the program to its end and returns what it printed.
    pub fn run(&self, arguments: &[&str]) -> Result<String> {
        let mut options = self.options().args(arguments.iter().copied());
        if let Some(token) = &self.token {
            options = options.env("HABEAS_TOKEN", token);
        }
        // The program takes seconds on a busy machine; what else runs here must go on meanwhile.
        tokio::task::block_in_place(|| options.run())
    }

    /// Where the pages are.
    pub fn pages(&self) -> String {
        format!("http://127.0.0.1:{}", self.pages.number())
    }

    /// How many requests are in each state.
    pub async fn states(&self) -> Result<Vec<(String, i64)>> {
        let sql = "SELECT state, count(*) FROM request GROUP BY state ORDER BY state";
        Ok(sqlx::query_as(sql).fetch_all(&self.state).await?)
    }

    /// How many requests there are, and how many of them have ended.
    pub async fn requests(&self) -> Result<(usize, usize)> {
        let sql = "SELECT count(*), count(closed_at) FROM request";
        let (all, closed): (i64, i64) = sqlx::query_as(sql).fetch_one(&self.state).await?;
        Ok((usize::try_from(all)?, usize::try_from(closed)?))
    }

    /// Waits until so many requests are there.
    pub async fn accepted(&self, count: usize, limit: Duration) -> Result<()> {
        let taken = wait::until(format!("{count} requests to be taken"), limit, || async {
            self.requests().await.is_ok_and(|(all, _)| all >= count)
        })
        .await;
        match taken {
            Ok(()) => Ok(()),
            Err(error) => Err(error.context(self.situation().await?)),
        }
    }

    /// Waits until every request has ended and every mail is out.
    pub async fn finished(&self, limit: Duration) -> Result<()> {
        let done = wait::until("every request to end and every mail to be out", limit, || async {
            let open = "SELECT (SELECT count(*) FROM request WHERE closed_at IS NULL)
                + (SELECT count(*) FROM mail WHERE state <> 'sent')";
            sqlx::query_scalar::<_, i64>(open).fetch_one(&self.state).await.is_ok_and(|open| open == 0)
        })
        .await;
        match done {
            Ok(()) => Ok(()),
            Err(error) => Err(error.context(self.situation().await?)),
        }
    }

    /// How many mails that came in are in this state.
    pub async fn mails_in(&self, state: &str) -> Result<usize> {
        let sql = "SELECT count(*) FROM received_mail WHERE state = $1";
        let count: i64 = sqlx::query_scalar(sql).bind(state).fetch_one(&self.state).await?;
        Ok(usize::try_from(count)?)
    }

    /// How many mails were ordered and are not out.
    pub async fn unsent(&self) -> Result<usize> {
        let sql = "SELECT count(*) FROM mail WHERE state <> 'sent'";
        let unsent: i64 = sqlx::query_scalar(sql).fetch_one(&self.state).await?;
        Ok(usize::try_from(unsent)?)
    }

    /// What everything waits for, for the message of a failed test.
    pub async fn situation(&self) -> Result<String> {
        let work: Vec<(String, String, Option<String>, i64)> = sqlx::query_as(
            "SELECT kind, state, fault_code, count(*) FROM work WHERE state <> 'done' GROUP BY 1, 2, 3",
        )
        .fetch_all(&self.state)
        .await
        .context("reading the situation")?;
        let logs: Vec<String> = self
            .processes
            .iter()
            .filter_map(|process| process.output().ok())
            .map(|output| output.chars().rev().take(4_000).collect::<String>().chars().rev().collect())
            .collect();
        Ok(format!("requests {:?}; work {work:?}\n{}", self.states().await?, logs.join("\n---\n")))
    }

    /// The outcome of the jobs of this right.
    pub async fn outcomes(&self, right: &str) -> Result<Vec<(Option<String>, i64)>> {
        let sql = "SELECT outcome, count(*) FROM job WHERE \"right\" = $1 GROUP BY 1 ORDER BY 1";
        Ok(sqlx::query_as(sql).bind(right).fetch_all(&self.state).await?)
    }

    async fn count(&self, sql: &'static str) -> Result<i64> {
        Ok(sqlx::query_scalar(sql).fetch_one(&self.state).await?)
    }

    /// How often mails have been tried, all together.
    pub async fn mail_attempts(&self) -> Result<i64> {
        self.count("SELECT coalesce(sum(attempts), 0)::bigint FROM work WHERE kind = 'mail'").await
    }

    /// How much work is leased right now.
    pub async fn running_work(&self) -> Result<i64> {
        self.count("SELECT count(*) FROM work WHERE state = 'running' AND kind = 'task'").await
    }

    /// How much work bears a fault.
    pub async fn faults(&self) -> Result<i64> {
        self.count("SELECT count(*) FROM work WHERE fault_code IS NOT NULL").await
    }

    /// How many jobs wait for ops.
    pub async fn stalled(&self) -> Result<i64> {
        self.count("SELECT count(*) FROM job WHERE state = 'stalled'").await
    }

    /// A task that a worker holds right now and has gone to work on in the store, and how often it has been claimed.
    pub async fn entered_task(&self) -> Result<Option<(String, i64)>> {
        let sql = "SELECT id::text, lease_epoch FROM work
            WHERE state = 'running' AND kind = 'task' AND entered LIMIT 1";
        Ok(sqlx::query_as(sql).fetch_optional(&self.state).await?)
    }

    /// How often that work has been claimed.
    pub async fn claims(&self, work: &str) -> Result<i64> {
        let sql = "SELECT lease_epoch FROM work WHERE id::text = $1";
        Ok(sqlx::query_scalar(sql).bind(work).fetch_one(&self.state).await?)
    }

    /// Has ops put all parked work back, fault by fault.
    pub async fn requeue_all(&self) -> Result<()> {
        let sql = "SELECT DISTINCT fault_code FROM work WHERE state = 'parked' AND fault_code IS NOT NULL";
        let faults: Vec<String> = sqlx::query_scalar(sql).fetch_all(&self.state).await?;
        for fault in faults {
            self.run(&["task", "requeue", "--fault", &fault])?;
        }
        Ok(())
    }

    /// Starts every process again that has ended.
    pub async fn restart_the_dead(&self) -> Result<()> {
        for process in self.processes.iter().filter(|process| !process.is_running()) {
            process.start_again().await?;
        }
        Ok(())
    }

    /// The first token of an installation needs no token.
    fn first_token(&self) -> Result<String> {
        let printed = self.run(&["--output", "json", "token", "create", "ops", "--scope", "admin"])?;
        let answer: serde_json::Value = serde_json::from_str(&printed)?;
        answer
            .get("token")
            .and_then(|secret| secret.as_str())
            .map(str::to_owned)
            .context("no token in the answer")
    }

    /// Everything that the processes wrote.
    pub fn logs(&self) -> Result<String> {
        let logs: Result<Vec<String>> = self.processes.iter().map(TestDaemon::output).collect();
        Ok(logs?.join("\n"))
    }
}

/// The given one, or a new one on the shared server.
async fn state_database(given: Option<String>) -> Result<(Option<TestDatabase>, String)> {
    if let Some(url) = given {
        return Ok((None, url));
    }
    let database = shared::postgres_database().await?;
    let url = database.url.clone();
    Ok((Some(database), url))
}

/// The given one, or a virtual host on the shared broker.
async fn broker(given: Option<String>) -> Result<(Option<TestVhost>, String)> {
    if let Some(url) = given {
        return Ok((None, url));
    }
    let vhost = shared::amqp_vhost().await?;
    let url = vhost.url.clone();
    Ok((Some(vhost), url))
}

/// What the mail server lets in, and the password that it asks for behind TLS.
const MAIL_LOGIN: (&str, &str) = ("habeas", "a password for tests");

async fn mail_server(tls: Option<TlsMode>) -> Result<(Arc<SmtpSink>, Option<TlsFront>)> {
    let Some(mode) = tls else { return Ok((Arc::new(SmtpSink::start().await?), None)) };
    let sink = SmtpSink::start_with_login(MAIL_LOGIN.0, MAIL_LOGIN.1).await?;
    let front = TlsFront::start(format!("{}:{}", sink.host(), sink.port()), mode).await?;
    Ok((Arc::new(sink), Some(front)))
}

fn mail_section(
    folder: &TempDir,
    sink: &SmtpSink,
    front: Option<&TlsFront>,
    tls: Option<TlsMode>,
) -> Result<String> {
    let Some(front) = front else {
        return Ok(format!("host = \"{}\"\nport = {}\nsecurity = \"plain\"", sink.host(), sink.port()));
    };
    let ca_file = folder.path().join("mail-ca.pem");
    std::fs::write(&ca_file, front.authority())?;
    Ok(format!(
        "host = \"{}\"\nport = {}\nsecurity = \"{}\"\nuser = \"{}\"\npassword = \"{}\"\nca_file = \"{}\"",
        front.host(),
        front.port(),
        if tls == Some(TlsMode::Tls) { "tls" } else { "starttls" },
        MAIL_LOGIN.0,
        MAIL_LOGIN.1,
        ca_file.display(),
    ))
}

fn configuration(folder: &TempDir, state: &str, amqp: &str, mail: &str, pages: &Port, more: &str) -> String {
    let folder = folder.path().display();
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
{mail}
from_address = "privacy@mart.test"
[stores]
folder = "{folder}/stores"
[vault]
keyring = "{folder}/keyring.json"
[controller]
name_en = "Mart of the Tests"
[deletion]
grace_hours = 0
[approval.eu_gdpr]
deletion = "automatic"
correction = "automatic"
{more}
"#,
        pages = pages.number(),
    )
}
