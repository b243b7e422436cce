//! The benchmark behind `cargo xtask bench`.

mod argon;
mod bench;
mod cpu;
mod crowd;
mod floor;
mod history;
mod options;
mod shop;
mod site;
mod statements;
mod wave;

use anyhow::Result;
use clap::Parser as _;

use bench::Bench;
use options::Options;

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse().settled()?;
    let figures = Bench::open(options).await?.run().await?;
    println!("{figures:#}");
    Ok(())
}

/// A figure for people.
fn rounded(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}
