//! The first API token of the embedded default.

use std::{
    collections::BTreeSet,
    fs::OpenOptions,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use chrono::TimeDelta;
use habeas_config::Config;
use habeas_ledger::{Ledger, Scope};

use crate::failure::{Exit, Failure};

/// How long the first token works.
const LIFE: TimeDelta = TimeDelta::days(365);

/// Makes a token that may do everything and writes it to a file of mode 0600, if there has never been any token.
pub(crate) async fn first_token(config: &Config, ledger: &Ledger) -> Result<(), Failure> {
    if !ledger.list_tokens().await?.is_empty() {
        return Ok(());
    }
    let ends = ledger.ids().now() + LIFE;
    let (_, token) = ledger.create_token("first start", &BTreeSet::from([Scope::Admin]), ends).await?;
    let file = config.token_file();
    write(&file, &token.expose()).map_err(|error| {
        let message = format!("cannot write the first API token to {}: {error}", file.display());
        Failure::new(Exit::Config, "token-file", message).fix("make the data folder writable for this user")
    })?;
    tracing::info!(file = %file.display(), "made a first API token, which may do everything");
    Ok(())
}

fn write(file: &Path, token: &str) -> io::Result<()> {
    let mut out = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)?;
    writeln!(out, "{token}")?;
    out.sync_all()
}
