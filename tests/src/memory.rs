//! How much memory a process takes.

use anyhow::{Context as _, Result};

/// Lets the highest resident size of a process begin anew.
pub fn forget_peak(pid: i32) -> Result<()> {
    std::fs::write(format!("/proc/{pid}/clear_refs"), "5")
        .context("resetting the peak of the daemon's memory")
}

/// The highest resident size of a process, in MB of 1,000,000 bytes.
pub fn peak_mb(pid: i32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    let kib: f64 = line.split_whitespace().next().context("an empty VmHWM")?.parse()?;
    Ok(kib * 1.024 / 1_000.0)
}
