//! What a daemon under test is started with.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};

use super::binary;

/// Arguments, environment and folder of a `habeas` process. The configuration is the caller's business.
#[derive(Debug, Clone, Default)]
pub struct DaemonOptions {
    program: Option<PathBuf>,
    arguments: Vec<OsString>,
    environment: BTreeMap<OsString, OsString>,
    working_folder: Option<PathBuf>,
    port: Option<u16>,
}

impl DaemonOptions {
    /// `habeas` as this test run has built it, without arguments.
    pub fn new() -> Self {
        Self::default()
    }

    /// Another program.
    #[must_use]
    pub fn program(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = Some(program.into());
        self
    }

    /// One more argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// More arguments.
    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// An environment variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// The folder that the process starts in.
    #[must_use]
    pub fn current_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.working_folder = Some(folder.into());
        self
    }

    /// The port where `/readyz` answers; without it, a start does not wait.
    #[must_use]
    pub fn ready_port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Runs the program to its end and returns what it printed. Fails unless it succeeded.
    pub fn run(&self) -> Result<String> {
        let output = self.command()?.output()?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        ensure!(
            output.status.success(),
            "habeas {:?} ended with {}:\n{printed}\n{}",
            self.arguments,
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(printed)
    }

    pub(super) fn port(&self) -> Option<u16> {
        self.port
    }

    /// The command, for a test that runs the program to its end itself. `HABEAS__...` variables of the caller's
    /// environment are not passed on.
    pub fn command(&self) -> Result<Command> {
        let program = self.program.clone().map_or_else(binary::habeas, Ok)?;
        let mut command = Command::new(program);
        let inherited = std::env::vars_os().map(|(name, _)| name);
        for name in inherited.filter(|name| name.to_string_lossy().starts_with("HABEAS__")) {
            command.env_remove(name);
        }
        command.args(&self.arguments).envs(&self.environment);
        if let Some(folder) = &self.working_folder {
            command.current_dir(folder);
        }
        Ok(command)
    }
}
