//! The soak behind `cargo xtask soak`: the faults of the recovery tests at full size.

mod options;

use std::time::Duration;

use anyhow::{Result, ensure};
use clap::Parser as _;
use habeas_tests::campaign::{broker, embedded, poison, upgrade, workers};
use serde_json::json;

use options::Options;

/// Within which the work of a dead worker must be taken over, at the 99th percentile.
const RESCUED_WITHIN: Duration = Duration::from_secs(10);
/// How many times as long requests beside poison may take, at the 99th percentile.
const OTHERS_FEEL: f64 = 1.2;

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let mut figures = json!({});
    let mut unsettled = Vec::new();
    if options.requests > 0 {
        say(&format!(
            "{} requests, a worker killed every {} s",
            options.requests, options.kill_every_seconds
        ));
        let report = workers::run(options.workers()).await?;
        let settled = report.is_settled() && report.rescue.percentile(99) <= RESCUED_WITHIN;
        unsettled.extend((!settled).then_some("workers_killed"));
        figures["workers_killed"] = report.figures();
    }
    if options.poison_pairs > 0 {
        say(&format!("{} pairs of waves, one clean and one poisoned", options.poison_pairs));
        let report = poison::run(options.poison()).await?;
        let settled = report.is_settled() && report.ratio() <= OTHERS_FEEL;
        unsettled.extend((!settled).then_some("poison"));
        figures["poison"] = report.figures();
    }
    if options.publishes > 0 {
        say(&format!("{} publishes over {} kills of the broker", options.publishes, options.broker_kills));
        let report = broker::run(options.publishes, options.broker_kills).await?;
        let settled = report.lost == 0;
        unsettled.extend((!settled).then_some("broker_killed"));
        figures["broker_killed"] = report.figures();
    }
    if options.embedded_kills > 0 {
        say(&format!("{} kills of the embedded program in mid-write", options.embedded_kills));
        let report = embedded::run(options.embedded_kills, options.seed).await?;
        unsettled.extend((!report.is_settled()).then_some("embedded_killed"));
        figures["embedded_killed"] = report.figures();
    }
    if let Some(size) = options.upgrade() {
        say(&format!("a rolling upgrade from {}", size.before.display()));
        let report = upgrade::run(size).await?;
        unsettled.extend((!report.is_settled()).then_some("upgraded"));
        figures["upgraded"] = report.figures();
    }
    println!("{figures:#}");
    ensure!(
        unsettled.is_empty(),
        "something that must be 0 is not, work was left lying, or others felt the poison: see the figures of {}",
        unsettled.join(", ")
    );
    Ok(())
}

fn say(what: &str) {
    eprintln!("{what}");
}
