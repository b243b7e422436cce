//! The first API token of the embedded default.

use std::{
    collections::BTreeSet,
    fs::OpenOptions,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use habeas_config::Config;
use habeas_domain::{Actor, TokenLife, text::TextProblem};
use habeas_ledger::{Ledger, NewToken, Scope};

use crate::failure::{Exit, Failure};

/// What the first token is called, and its holder.
const NAME: &str = "first start";

/// Makes a token that may do everything and writes it to a file of mode 0600, if there has never been any token.
pub(crate) async fn first_token(config: &Config, ledger: &Ledger) -> Result<(), Failure> {
    let tokens = ledger.list_tokens().await?;
    if !tokens.items.is_empty() || !tokens.unreadable.is_empty() {
        return Ok(());
    }
    let unnamed = |error: TextProblem| Failure::of(Exit::Config, "token", &error);
    let new = NewToken {
        name: NAME.parse().map_err(unnamed)?,
        holder: NAME.parse().map_err(unnamed)?,
        scopes: BTreeSet::from([Scope::Admin]),
        life: TokenLife::YEAR,
    };
    // A token that works and that nobody has could not be had again, so the file comes first.
    let token = ledger.vault().new_api_token();
    let file = config.token_file();
    write(&file, &token.expose()).map_err(|error| {
        let message = format!("cannot write the first API token to {}: {error}", file.display());
        Failure::new(Exit::Config, "token-file", message).fix("make the data folder writable for this user")
    })?;
    ledger.keep_token(&token, &new, Actor::System).await?;
    tracing::info!(file = %file.display(), "made a first API token, which may do everything");
    Ok(())
}

fn write(file: &Path, token: &str) -> io::Result<()> {
    let mut out = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)?;
    writeln!(out, "{token}")?;
    out.sync_all()
}
