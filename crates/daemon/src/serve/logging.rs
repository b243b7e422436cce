//! What the daemon writes about itself.

use std::{fs::OpenOptions, os::unix::fs::OpenOptionsExt, path::Path, sync::Mutex};

use habeas_config::{Config, Log, LogFormat};
use habeas_queue::QUIET_LOG_TARGET;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use crate::failure::{Exit, Failure};

/// Libraries that tell more than ops want to know. What lapin meets, our queue tells in its own words.
const QUIET: &str = "sqlx=warn,sea_orm=warn,sea_orm_migration=warn,lapin=off,hyper=warn,h2=warn,rustls=warn";

/// Writes to standard error.
pub(crate) fn to_stderr(config: &Config) -> Result<(), Failure> {
    start(&config.log, std::io::stderr)
}

/// Writes to a new file.
pub(crate) fn to_file(config: &Config, file: &Path) -> Result<(), Failure> {
    let open = OpenOptions::new().create(true).append(true).mode(0o600).open(file);
    let out = open.map_err(|error| {
        let message = format!("cannot write the log to {}: {error}", file.display());
        Failure::new(Exit::Config, "log", message)
    })?;
    start(&config.log, Mutex::new(out))
}

fn start<W>(section: &Log, writer: W) -> Result<(), Failure>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = filter(section)?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_ansi(false);
    let started = match section.format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    // A test that starts two daemons in one process has a log already.
    drop(started);
    Ok(())
}

fn filter(section: &Log) -> Result<EnvFilter, Failure> {
    let own = section.filter.as_deref().map(|filter| format!(",{filter}")).unwrap_or_default();
    // Last, and so above all: these targets print whole messages.
    let directives = format!(
        "{},{QUIET}{own},{QUIET_LOG_TARGET}=off,async_imap=off,imap_proto=off",
        section.level.as_str()
    );
    EnvFilter::try_new(directives).map_err(|_| {
        Failure::new(Exit::Config, "configuration", "log.filter: not a filter")
            .fix("write it as module=level,module=level")
    })
}
