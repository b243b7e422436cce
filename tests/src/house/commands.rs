//! What is typed at the house's command line.

use anyhow::{Context as _, Result, ensure};

use super::House;

/// How a command ended, and what it printed.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; nothing if a signal ended it.
    pub code: Option<i32>,
    /// On standard output.
    pub printed: String,
    /// On standard error.
    pub complained: String,
}

impl House {
    /// Runs a command of the program to its end, however it ends.
    pub fn run_to(&self, arguments: &[&str]) -> Result<Ended> {
        let mut options = self.options()?.args(arguments.iter().copied());
        if let Some(token) = &self.token {
            options = options.env("HABEAS_TOKEN", token);
        }
        let output = options.command()?.output()?;
        Ok(Ended {
            code: output.status.code(),
            printed: String::from_utf8(output.stdout)?,
            complained: String::from_utf8(output.stderr)?,
        })
    }

    /// Runs a command of the program that dies where that variable of its environment says.
    pub fn run_killed(&self, arguments: &[&str], (name, value): (&str, &str)) -> Result<()> {
        let mut options = self.options()?.args(arguments.iter().copied()).env(name, value);
        if let Some(token) = &self.token {
            options = options.env("HABEAS_TOKEN", token);
        }
        let status = options.command()?.output()?.status;
        ensure!(status.code().is_none(), "it ended with {status}, not by a signal");
        Ok(())
    }

    /// Runs a command of the program that is expected to fail, and returns what it printed.
    pub fn run_and_fail(&self, arguments: &[&str]) -> Result<String> {
        let mut options = self.options()?.args(arguments.iter().copied());
        if let Some(token) = &self.token {
            options = options.env("HABEAS_TOKEN", token);
        }
        let mut command = options.command()?;
        let output = tokio::task::block_in_place(|| command.output())?;
        ensure!(!output.status.success(), "habeas {} succeeded", arguments.join(" "));
        let printed = [output.stdout, output.stderr].concat();
        Ok(String::from_utf8_lossy(&printed).into_owned())
    }

    /// Runs a command of the program to its end and returns what it printed.
    pub fn run(&self, arguments: &[&str]) -> Result<String> {
        let mut options = self.options()?.args(arguments.iter().copied());
        if let Some(token) = &self.token {
            options = options.env("HABEAS_TOKEN", token);
        }
        // The program takes seconds on a busy machine; what else runs here must go on meanwhile.
        tokio::task::block_in_place(|| options.run())
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

    /// What `/metrics` of the process with the pages says.
    pub async fn metrics(&self) -> Result<String> {
        let token = self.token.as_deref().unwrap_or_default();
        let call =
            habeas_test_support::http_client()?.get(format!("{}/metrics", self.pages())).bearer_auth(token);
        Ok(call.send().await?.error_for_status()?.text().await?)
    }

    /// The first token of an installation needs no token.
    pub(super) fn first_token(&self) -> Result<String> {
        let printed =
            self.run(&["--output", "json", "token", "create", "ops", "--holder", "ops", "--scope", "admin"])?;
        let answer: serde_json::Value = serde_json::from_str(&printed)?;
        answer
            .get("token")
            .and_then(|secret| secret.as_str())
            .map(str::to_owned)
            .context("no token in the answer")
    }
}
