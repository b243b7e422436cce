//! The files, ports and commands of a private broker.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context as _, Result};

use crate::account::Account;
use crate::folder::Folder;
use crate::ports::Port;
use crate::{logs, programs};

/// Everything about a private broker that stays the same over its restarts.
#[derive(Debug)]
pub(super) struct Layout {
    folder: Arc<Folder>,
    amqp: Port,
    management: Port,
    distribution: Port,
    port_mapper: Port,
    control: Port,
}

impl Layout {
    /// Reserves the ports and writes the configuration. `durable`: with the broker's own way to flush its log to disk.
    pub(super) fn create(folder: Arc<Folder>, durable: bool) -> Result<Self> {
        let layout = Self {
            folder,
            amqp: Port::reserve()?,
            management: Port::reserve()?,
            distribution: Port::reserve()?,
            port_mapper: Port::reserve()?,
            control: Port::reserve()?,
        };
        for name in ["home", "data", "log"] {
            layout.folder.subfolder(name, Account::PRESENT)?;
        }
        layout.folder.write("plugins", "[rabbitmq_management].\n", Account::PRESENT)?;
        layout.folder.write("rabbitmq.conf", &layout.configuration(), Account::PRESENT)?;
        let advanced = if durable { "[].\n" } else { "[{ra, [{wal_sync_method, none}]}].\n" };
        layout.folder.write("advanced.config", advanced, Account::PRESENT)?;
        Ok(layout)
    }

    fn configuration(&self) -> String {
        format!(
            "listeners.tcp.1 = {}\nmanagement.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {}\n",
            self.amqp.address(),
            self.management.number()
        )
    }

    pub(super) fn amqp_port(&self) -> u16 {
        self.amqp.number()
    }

    pub(super) fn amqp_address(&self) -> String {
        self.amqp.address()
    }

    /// The AMQP URL without a virtual host.
    pub(super) fn amqp_base(&self) -> String {
        format!("amqp://guest:guest@{}", self.amqp.address())
    }

    pub(super) fn management_url(&self) -> String {
        format!("http://{}", self.management.address())
    }

    /// The Erlang port mapper in the foreground; without it the Erlang node would start one that outlives it.
    pub(super) fn port_mapper(&self) -> Result<Command> {
        let folders = programs::versioned("/usr/lib/erlang", "bin");
        let mut command = Command::new(programs::find("epmd", &folders)?);
        command.args(["-port", &self.port_mapper.number().to_string(), "-address", "127.0.0.1"]);
        command.current_dir(self.folder.path());
        Ok(command)
    }

    pub(super) fn broker(&self) -> Result<Command> {
        self.command("rabbitmq-server")
    }

    pub(super) fn control(&self) -> Result<Command> {
        self.command("rabbitmqctl")
    }

    /// The broker's own scripts: those in `PATH` are Debian's wrappers, which switch to the machine's broker account.
    fn command(&self, script: &str) -> Result<Command> {
        let mut folders = vec![PathBuf::from("/usr/lib/rabbitmq/bin")];
        folders.extend(programs::versioned("/usr/lib/rabbitmq/lib", "sbin"));
        let mut command = Command::new(programs::find(script, &folders)?);
        command.current_dir(self.folder.path());
        let inside = |name: &str| self.folder.path().join(name).into_os_string();
        command.env("HOME", inside("home"));
        command.env("RABBITMQ_NODENAME", format!("habeas{}@localhost", self.amqp.number()));
        command.env("RABBITMQ_MNESIA_BASE", inside("data"));
        command.env("RABBITMQ_LOG_BASE", inside("log"));
        command.env("RABBITMQ_PID_FILE", inside("pid"));
        command.env("RABBITMQ_ENABLED_PLUGINS_FILE", inside("plugins"));
        command.env("RABBITMQ_CONFIG_FILE", inside("rabbitmq.conf"));
        command.env("RABBITMQ_ADVANCED_CONFIG_FILE", inside("advanced.config"));
        command.env("RABBITMQ_CONF_ENV_FILE", inside("none"));
        command.env("RABBITMQ_DIST_PORT", self.distribution.number().to_string());
        command.env("RABBITMQ_CTL_DIST_PORT_MIN", self.control.number().to_string());
        command.env("RABBITMQ_CTL_DIST_PORT_MAX", self.control.number().to_string());
        command.env("ERL_EPMD_PORT", self.port_mapper.number().to_string());
        command.env("ERL_EPMD_ADDRESS", "127.0.0.1");
        command.env_remove("NOTIFY_SOCKET");
        Ok(command)
    }

    /// Removes all data of the broker, which must not be running.
    pub(super) fn wipe(&self) -> Result<()> {
        let data = self.folder.path().join("data");
        std::fs::remove_dir_all(&data).with_context(|| format!("removing {}", data.display()))?;
        self.folder.subfolder("data", Account::PRESENT).map(|_path| ())
    }

    /// The end of the broker's own log.
    pub(super) fn log_tail(&self) -> String {
        logs::tail(&self.folder.path().join(format!("log/habeas{}@localhost.log", self.amqp.number())))
    }
}
