//! The soak behind `cargo xtask soak`: the faults of the recovery tests at full size.

mod options;

use anyhow::{Result, ensure};
use clap::Parser as _;
use habeas_tests::campaign::{broker, embedded, poison, upgrade, workers};
use serde_json::json;

use options::Options;

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let mut figures = json!({});
    let mut settled = true;
    if options.requests > 0 {
        say(&format!(
            "{} requests, a worker killed every {} s",
            options.requests, options.kill_every_seconds
        ));
        let report = workers::run(options.workers()).await?;
        settled &= report.is_settled();
        figures["workers_killed"] = report.figures();
    }
    if options.poison_pairs > 0 {
        say(&format!("{} pairs of waves, one clean and one poisoned", options.poison_pairs));
        let report = poison::run(options.poison()).await?;
        settled &= report.is_settled();
        figures["poison"] = report.figures();
    }
    if options.publishes > 0 {
        say(&format!("{} publishes over {} kills of the broker", options.publishes, options.broker_kills));
        let report = broker::run(options.publishes, options.broker_kills).await?;
        settled &= report.lost == 0;
        figures["broker_killed"] = report.figures();
    }
    if options.embedded_kills > 0 {
        say(&format!("{} kills of the embedded program in mid-write", options.embedded_kills));
        let report = embedded::run(options.embedded_kills, options.seed).await?;
        settled &= report.is_settled();
        figures["embedded_killed"] = report.figures();
    }
    if let Some(size) = options.upgrade() {
        say(&format!("a rolling upgrade from {}", size.before.display()));
        let report = upgrade::run(size).await?;
        settled &= report.is_settled();
        figures["upgraded"] = report.figures();
    }
    println!("{figures:#}");
    ensure!(settled, "something that must be 0 is not, or work was left lying: see the figures");
    Ok(())
}

fn say(what: &str) {
    eprintln!("{what}");
}
