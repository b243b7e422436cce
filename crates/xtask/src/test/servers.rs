//! The servers that all tests of one run share.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// The running servers. They end when the input of the program that holds them ends: when this value is ended or
/// dropped, and also when this process is killed.
#[derive(Debug)]
pub(super) struct Servers {
    holder: Child,
    variables: Vec<(String, String)>,
}

impl Servers {
    /// Starts them; returns when all of them answer.
    pub(super) fn start(program: &Path) -> Result<Self> {
        let mut holder = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let output = holder.stdout.take().context("the output is piped")?;
        let mut variables = Vec::new();
        for line in BufReader::new(output).lines() {
            let line = line.context("reading how to reach the servers")?;
            let (name, value) = line.split_once('=').with_context(|| format!("{line:?} is no variable"))?;
            if name == "READY" {
                return Ok(Self { holder, variables });
            }
            variables.push((name.to_owned(), value.to_owned()));
        }
        let status = holder.wait().context("waiting for the servers")?;
        bail!("the servers did not start ({status}); see above")
    }

    /// The environment variables that tell the tests where the servers are.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Ends them, and waits for their end.
    pub(super) fn end(mut self) -> Result<()> {
        drop(self.holder.stdin.take());
        let status = self.holder.wait().context("waiting for the end of the servers")?;
        if !status.success() {
            bail!("the servers ended with {status}");
        }
        Ok(())
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        let _ended = self.holder.wait();
    }
}
