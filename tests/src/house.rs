//! A deployment: PostgreSQL for the state, RabbitMQ, an SMTP server, and the daemon in as many processes as wanted.

mod commands;
mod configuration;
pub(crate) mod lines;
mod plan;
mod reading;
mod servers;
mod upgrade;

use std::{path::PathBuf, sync::Arc};

use anyhow::Result;
use habeas_domain::{SystemClock, SystemEntropy};
use habeas_queue::{Queue, RabbitOptions, RabbitQueue};
use habeas_test_support::{
    Port, SmtpSink, TestDaemon, TlsFront,
    daemon::DaemonOptions,
    shared::{TestDatabase, TestVhost},
};
use habeas_vault::KeyRing;
use sqlx::{PgPool, postgres::PgPoolOptions};
use tempfile::TempDir;

pub use commands::Ended;
use configuration::Addresses;
pub use lines::Lines;
pub use plan::{ALL, Plan, Roles};
pub use reading::Held;

use crate::company::Company;

/// A deployment and its company.
pub struct House {
    /// The company's stores.
    pub company: Company,
    /// Where mails arrive.
    pub sink: Arc<SmtpSink>,
    /// The door to the mail server, if it asks for TLS and a login.
    pub front: Option<TlsFront>,
    /// The lines between the daemon and its servers, if the plan asked for them.
    pub lines: Option<Lines>,
    /// The broker, as another system would use it.
    pub queue: Arc<dyn Queue>,
    /// The processes.
    pub processes: Vec<TestDaemon>,
    state: PgPool,
    state_url: String,
    roles: Vec<Roles>,
    env: Vec<(String, String)>,
    program: Option<PathBuf>,
    token: Option<String>,
    folder: TempDir,
    pages: Port,
    /// The virtual host, if it is one on the shared broker.
    pub vhost: Option<TestVhost>,
    /// Kept for as long as the house stands.
    _state: Option<TestDatabase>,
}

impl House {
    /// Builds a deployment and waits until it answers.
    pub async fn build(plan: Plan) -> Result<Self> {
        let company = Company::found(plan.people, plan.every_kind_of_store).await?;
        let (sink, front) = servers::mail(plan.mail_tls).await?;
        let (state, state_url) = servers::state(plan.state_url).await?;
        let (vhost, amqp_url) = servers::broker(plan.amqp_url).await?;
        let lines = if plan.lines { Some(Lines::lay(&state_url, &amqp_url).await?) } else { None };
        let folder = tempfile::tempdir()?;
        let pages = Port::reserve()?;
        company.write_manifests(&folder.path().join("stores"), &plan.desk_limits)?;
        KeyRing::generate(&SystemEntropy, &SystemClock).create(&folder.path().join("keyring.json"))?;
        let addresses = Addresses::of(lines.as_ref(), &state_url, &amqp_url, &sink)?;
        let mail = addresses.mail_section(&folder, front.as_ref(), plan.mail_tls)?;
        let settings = addresses.configuration(&folder, &mail, &pages, &plan.config);
        std::fs::write(folder.path().join("habeas.toml"), settings)?;
        let queue = RabbitQueue::new(RabbitOptions::new(&amqp_url)?);
        let mut house = Self {
            company,
            sink,
            front,
            lines,
            queue: Arc::new(queue),
            processes: Vec::new(),
            state: PgPoolOptions::new().max_connections(4).connect_lazy(&state_url)?,
            state_url,
            roles: plan.processes,
            env: plan.env,
            program: plan.program,
            token: None,
            folder,
            pages,
            vhost,
            _state: state,
        };
        house.run(&["migrate"])?;
        house.token = Some(house.first_token()?);
        for (index, roles) in house.roles.clone().into_iter().enumerate() {
            let process = house.process(index, roles, &house.env)?;
            house.processes.push(TestDaemon::start(process).await?);
        }
        Ok(house)
    }

    /// Starts one more process.
    pub async fn add(&mut self, roles: Roles) -> Result<()> {
        let process = self.process(self.processes.len(), roles, &[])?;
        self.processes.push(TestDaemon::start(process).await?);
        self.roles.push(roles);
        Ok(())
    }

    fn config_file(&self) -> PathBuf {
        self.folder.path().join("habeas.toml")
    }

    fn options(&self) -> Result<DaemonOptions> {
        let mut options = DaemonOptions::new().arg("--config").arg(self.config_file());
        for (name, value) in self.company.environment()? {
            options = options.env(name, value);
        }
        Ok(match &self.program {
            Some(program) => options.program(program),
            None => options,
        })
    }

    /// The first process serves the pages at the address that links begin with; the others listen elsewhere.
    fn process(&self, index: usize, roles: Roles, env: &[(String, String)]) -> Result<DaemonOptions> {
        let port = if index == 0 { self.pages.number() } else { Port::reserve()?.number() };
        let mut options = self
            .options()?
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

    /// Where the pages are.
    pub fn pages(&self) -> String {
        format!("http://127.0.0.1:{}", self.pages.number())
    }

    /// Starts every process again that has ended.
    pub async fn restart_the_dead(&self) -> Result<()> {
        for process in self.processes.iter().filter(|process| !process.is_running()) {
            process.start_again().await?;
        }
        Ok(())
    }

    /// Everything that the processes wrote.
    pub fn logs(&self) -> Result<String> {
        let logs: Result<Vec<String>> = self.processes.iter().map(TestDaemon::output).collect();
        Ok(logs?.join("\n"))
    }
}
