//! Which wrapping keys are in use.

use std::collections::{BTreeMap, BTreeSet};

use habeas_config::Config;
use habeas_ledger::Ledger;
use habeas_vault::{KeyId, KeyRole};
use sea_orm::DatabaseConnection;

use super::Finding;
use crate::{assembly, context::Context, failure::Failure};

const PART: &str = "wrapping keys";

/// Whether every request's key is under the newest wrapping key.
pub(super) async fn in_use(
    context: &Context,
    config: &Config,
    db: DatabaseConnection,
) -> Result<Finding, Failure> {
    let ring = assembly::key_ring(config)?;
    let known = ring.keys().into_iter().filter(|key| key.role == KeyRole::Wrapping).map(|key| key.id);
    let vault = assembly::vault(context, config)?;
    let active = vault.active_wrapping_key();
    let keys = Ledger::new(db, vault, context.ids()).wrapping_keys().await?;
    Ok(judge(&keys, active, &known.collect()))
}

fn judge(keys: &BTreeMap<KeyId, u64>, active: KeyId, known: &BTreeSet<KeyId>) -> Finding {
    let count = |wanted: &dyn Fn(&KeyId) -> bool| -> u64 {
        keys.iter().filter(|(id, _)| wanted(id)).map(|(_, keys)| keys).sum()
    };
    let lost = count(&|id| !known.contains(id));
    let old = count(&|id| *id != active && known.contains(id));
    if lost > 0 {
        let message = format!("{lost} requests need a wrapping key that the ring does not hold");
        return Finding::wrong(PART, message, "put the right key ring back: nothing else opens them");
    }
    if old > 0 {
        let message = format!("{old} requests are still under an old wrapping key");
        return Finding::warning(
            PART,
            message,
            "once every process was restarted, run `habeas vault rewrap`",
        );
    }
    Finding::ok(PART, format!("every request is under the newest one, {active}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Health;

    #[test]
    fn old_keys_are_a_warning_and_lost_ones_a_fault() {
        let [new, old, lost] = [1, 2, 3].map(|n| KeyId::from_bytes([n; 8]));
        let known = BTreeSet::from([new, old]);
        let health = |keys: &[(KeyId, u64)]| judge(&keys.iter().copied().collect(), new, &known).health;
        assert_eq!(health(&[]), Health::Ok);
        assert_eq!(health(&[(new, 7)]), Health::Ok);
        assert_eq!(health(&[(new, 7), (old, 1)]), Health::Warning);
        assert_eq!(health(&[(old, 1), (lost, 1)]), Health::Wrong);
    }
}
