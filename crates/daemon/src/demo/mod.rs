//! The main job from beginning to end, for a small fictional company, through the real workers: an embedded queue,
//! SQLite, mails into a folder, pages on a free port of this machine. The demo plays the five people and two members
//! of staff, and then looks into the stores to see that what was said was done.

mod actors;
mod checks;
mod company;
mod document;
mod folder;
mod gather;
mod play;
mod story;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Instant,
};

use habeas_config::Sources;
use tokio_util::sync::CancellationToken;

use crate::{
    context::Context,
    failure::{Exit, Failure},
    output::{self, Progress, Report},
    serve::{self, Daemon},
};
use actors::Member;
use folder::Folder;

/// A port of this machine that is free.
const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Runs the demo.
pub(crate) async fn run(context: &Context, keep: Option<PathBuf>, stay: bool) -> Result<Report, Failure> {
    let began = Instant::now();
    let folder = Folder::create(context, keep)?;
    let progress = Progress::new(context, None);
    progress.say("founding Example Mart");
    let stores = company::found(&folder.path, context.clock.now().date_naive()).await?;
    folder.write_config(ANY_PORT)?;
    let context =
        Context { sources: Sources { file: Some(folder.config()), ..Sources::default() }, ..context.clone() };
    let config = context.load()?.config;
    serve::to_file(&config, &folder.log())?;
    let daemon = Daemon::assemble(&context, config).await?;
    folder.write_config(daemon.address())?;
    let (ledger, base) = (daemon.ledger().clone(), daemon.base_url().to_owned());
    let drain = CancellationToken::new();
    let running = tokio::spawn(daemon.run(drain.clone()));
    let played = play::play(&folder, &ledger, &base, &progress).await;
    let report = match played {
        Ok(played) => {
            let gathered = gather::gather(&context, &ledger, &folder, &stores, played, began).await?;
            let checks = checks::check(&gathered, &stores).await?;
            Ok(report(&context, &folder, &base, &gathered, &checks))
        }
        Err(failure) => Err(failure),
    };
    drop(progress);
    if let (true, Ok(report)) = (stay, &report) {
        output::print(&context, Ok(report.clone()));
        serve::listen(drain.clone())?;
        drain.cancelled().await;
    }
    drain.cancel();
    let ended = running.await.map_err(|error| Failure::of(Exit::Unavailable, "demo", &error))?;
    ended?;
    report.map(|report| if stay { report.said() } else { report })
}

fn report(
    context: &Context,
    folder: &Folder,
    base: &str,
    gathered: &gather::Gathered,
    checks: &[checks::Check],
) -> Report {
    let whole = checks.iter().all(|check| check.holds);
    let text = story::tell(context, folder, base, gathered, checks);
    let exit = if whole { Exit::Ok } else { Exit::Findings };
    Report::new(text, &document::document(gathered, checks)).ending(exit)
}
