use std::time::Duration;

use habeas_ledger::{Claimed, Lease, Ledger};
use tokio_util::sync::CancellationToken;

/// Prolongs the leases of a group until dropped. Cancels `lost` when none of them is held any longer: then
/// somebody else has the whole group, and going on would be work for nothing.
pub(crate) struct Heartbeat(CancellationToken);

impl Heartbeat {
    pub(crate) fn start(
        ledger: &Ledger,
        group: &[Claimed],
        lease: Duration,
        lost: CancellationToken,
    ) -> Self {
        let stop = CancellationToken::new();
        let leases: Vec<Lease> = group.iter().map(|claimed| claimed.lease).collect();
        tokio::spawn(beat(ledger.clone(), leases, lease, stop.clone(), lost));
        Self(stop)
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

async fn beat(
    ledger: Ledger,
    leases: Vec<Lease>,
    lease: Duration,
    stop: CancellationToken,
    lost: CancellationToken,
) {
    let mut ticks = tokio::time::interval(lease / 3);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    ticks.tick().await;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        match tokio::time::timeout(lease, ledger.heartbeat(&leases, lease)).await {
            Ok(Ok(held)) if held.is_empty() => {
                lost.cancel();
                return;
            }
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(error = %error, "a heartbeat failed"),
            Err(_) => tracing::warn!("a heartbeat took longer than the lease"),
        }
    }
}
