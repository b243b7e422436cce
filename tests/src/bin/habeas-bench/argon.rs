//! What one hash of a code costs: a person's request needs one.

use std::sync::Arc;

use anyhow::Result;
use habeas_domain::{SystemClock, SystemEntropy};
use habeas_vault::{CodeCost, CodeOptions, KeyRing, Vault};
use serde_json::{Value, json};

use crate::cpu::Cpu;

const HASHES: u32 = 50;

/// Hashes some codes at the cost that the daemon uses, in this process.
pub(crate) async fn measure(daemon: i32) -> Result<Value> {
    let vault = Vault::new(
        &KeyRing::generate(&SystemEntropy, &SystemClock),
        Arc::new(SystemEntropy),
        CodeOptions::default(),
    )?;
    let before = Cpu::now(daemon)?;
    for _ in 0..HASHES {
        vault.hash_code(&vault.new_code()).await?;
    }
    let each = (Cpu::now(daemon)?.bench - before.bench) * 1_000.0 / f64::from(HASHES);
    let cost = CodeCost::default();
    Ok(json!({
        "memory_kib": cost.memory_kib, "passes": cost.passes, "lanes": cost.lanes,
        "cpu_ms": super::rounded(each, 1),
    }))
}
