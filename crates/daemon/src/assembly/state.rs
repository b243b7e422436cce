//! The key ring and the state database.

use std::{fs::DirBuilder, os::unix::fs::DirBuilderExt, path::Path, sync::Arc, time::Duration};

use habeas_config::Config;
use habeas_ledger::{Ledger, LedgerOptions};
use habeas_migrations::Standing;
use habeas_vault::{CodeCost, CodeOptions, KeyRing, Vault};
use sea_orm::DatabaseConnection;

use crate::{
    assembly::first_token,
    context::Context,
    failure::{Exit, Failure},
};

/// Opens the key ring and the state database of an installation that is there.
///
/// # Errors
/// Without an installation: what a command took would lie where nothing ever works on it.
pub(crate) async fn open_state(context: &Context, config: &Config) -> Result<Ledger, Failure> {
    if is_installed(config)? { open(context, config).await } else { Err(not_installed(config)) }
}

/// The same for `serve`: the embedded default is made at its first start, with a key ring and a first API token.
pub(crate) async fn found_state(context: &Context, config: &Config) -> Result<Ledger, Failure> {
    if !config.is_embedded() {
        return open(context, config).await;
    }
    make_key_ring(context, config)?;
    let ledger = open(context, config).await?;
    first_token(config, &ledger).await?;
    Ok(ledger)
}

/// Whether there is an installation. Where a server holds the state, that server answers.
pub(crate) fn is_installed(config: &Config) -> Result<bool, Failure> {
    if !config.is_embedded() {
        return Ok(true);
    }
    let file = config.state_file();
    file.try_exists().map_err(|error| {
        let message = format!("cannot look for the state database {}: {error}", file.display());
        Failure::new(Exit::Config, "data-folder", message)
            .fix("run this as the user who owns the data folder")
    })
}

fn not_installed(config: &Config) -> Failure {
    let folder = std::path::absolute(&config.data_dir).unwrap_or_else(|_| config.data_dir.clone());
    let message = format!("there is no installation at {}", folder.display());
    Failure::new(Exit::Config, "no-installation", message)
        .fix("start `habeas serve` there, or name the configuration with --config or HABEAS_CONFIG")
}

async fn open(context: &Context, config: &Config) -> Result<Ledger, Failure> {
    let vault = vault(context, config)?;
    let options = ledger_options(config);
    let db = options.open().await?;
    if config.is_embedded() {
        migrate(&db).await?;
    } else {
        is_up_to_date(&db).await?;
    }
    Ok(Ledger::within(options.limit(), db, vault, context.ids()))
}

/// Makes the data folder, for the owner alone.
fn prepare_data_folder(config: &Config) -> Result<(), Failure> {
    let folder = &config.data_dir;
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| {
        let message = format!("cannot make the data folder {}: {error}", folder.display());
        Failure::new(Exit::Config, "data-folder", message)
            .fix("set data_dir to a folder that this user may write")
    })
}

/// The vault over the key ring.
pub(crate) fn vault(context: &Context, config: &Config) -> Result<Vault, Failure> {
    let cost = CodeCost {
        memory_kib: config.vault.code_memory_mib.get().saturating_mul(1024),
        passes: config.vault.code_passes.get(),
        ..CodeCost::default()
    };
    let codes = CodeOptions { cost, ..CodeOptions::default() };
    Ok(Vault::new(&key_ring(config)?, Arc::clone(&context.entropy), codes)?)
}

/// The key ring, which has to be there.
pub(crate) fn key_ring(config: &Config) -> Result<KeyRing, Failure> {
    let path = config.keyring();
    KeyRing::load(&path).map_err(|error| no_ring(&path, &error))
}

/// Makes a key ring where there is none, and the data folder if that is where it goes. Whether it was made.
pub(crate) fn make_key_ring(context: &Context, config: &Config) -> Result<bool, Failure> {
    let path = config.keyring();
    let is_new = !path.exists();
    if is_new && config.is_embedded() && is_installed(config)? {
        return Err(ring_is_gone(config, &path));
    }
    if config.is_embedded() || (is_new && path.starts_with(&config.data_dir)) {
        prepare_data_folder(config)?;
    }
    KeyRing::load_or_create(&path, context.entropy.as_ref(), context.clock.as_ref())?;
    if is_new {
        tracing::info!(file = %path.display(), "made a key ring; back it up, nothing opens without it");
    }
    Ok(is_new)
}

/// A new one would open nothing of what is there, and what is taken from now on would be lost when the old one is put back.
fn ring_is_gone(config: &Config, path: &Path) -> Failure {
    let message = format!(
        "the key ring {} is gone, and nothing in {} opens without it",
        path.display(),
        config.state_file().display()
    );
    Failure::new(Exit::Config, "key-ring", message).fix("put the ring back from its backup")
}

fn no_ring(path: &Path, error: &habeas_vault::VaultError) -> Failure {
    Failure::of(Exit::Config, "key-ring", error).fix(format!(
        "make one with `habeas migrate --new-keyring`, or mount yours at {} with mode 0600",
        path.display()
    ))
}

/// Where the state database is.
pub(crate) fn ledger_options(config: &Config) -> LedgerOptions {
    let seconds = |number: std::num::NonZeroU32| Duration::from_secs(number.get().into());
    LedgerOptions {
        max_connections: config.state.max_connections.get(),
        connect_timeout: seconds(config.state.connect_timeout_seconds),
        statement_timeout: seconds(config.state.statement_timeout_seconds),
        ..LedgerOptions::new(config.state_url().expose())
    }
}

/// Brings the schema up to date. Returns how many steps that took.
pub(crate) async fn migrate(db: &DatabaseConnection) -> Result<usize, Failure> {
    let standing = standing(db).await?;
    if standing.lacking.is_empty() {
        warn_of(&standing.later);
        return Ok(0);
    }
    if !standing.later.is_empty() {
        let message = "the state database has steps of a later release and lacks some of this one";
        return Err(Failure::new(Exit::Config, "schema", message).fix("migrate with the newest program"));
    }
    habeas_migrations::up(db).await.map_err(|error| unmigrated(&error))?;
    Ok(standing.lacking.len())
}

/// Which steps of the schema are there.
pub(crate) async fn standing(db: &DatabaseConnection) -> Result<Standing, Failure> {
    Standing::of(db).await.map_err(|error| unmigrated(&error))
}

fn unmigrated(error: &habeas_migrations::DbErr) -> Failure {
    Failure::of(Exit::Unavailable, "state", error).fix("check that the state database runs, and try again")
}

/// In the middle of an upgrade the processes of the release before go on, and come back when they are started again.
fn warn_of(later: &[String]) {
    if !later.is_empty() {
        tracing::warn!(steps = later.len(), "the state database is of a later release: replace this process");
    }
}

/// Fails unless every step of the schema is there.
pub(crate) async fn is_up_to_date(db: &DatabaseConnection) -> Result<(), Failure> {
    let standing = standing(db).await?;
    if standing.lacking.is_empty() {
        warn_of(&standing.later);
        return Ok(());
    }
    let message = format!("the state database lacks {} steps of its schema", standing.lacking.len());
    Err(Failure::new(Exit::Config, "schema", message)
        .fix("run `habeas migrate`, or start with `serve --migrate`"))
}
