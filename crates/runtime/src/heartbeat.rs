use std::{collections::HashSet, time::Duration};

use habeas_ledger::{Claimed, Lease, Ledger};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Prolongs the leases of everything that was claimed together, until dropped: also of what still waits for its turn.
pub(crate) struct Heartbeat {
    stop: CancellationToken,
    held: watch::Receiver<HashSet<Lease>>,
}

impl Heartbeat {
    pub(crate) fn start(ledger: &Ledger, claimed: &[Claimed], lease: Duration) -> Self {
        let stop = CancellationToken::new();
        let (tell, held) = watch::channel(claimed.iter().map(|one| one.lease).collect());
        tokio::spawn(beat(ledger.clone(), lease, stop.clone(), tell));
        Self { stop, held }
    }

    /// Waits until none of these leases is held any longer: the work is done, or somebody else has it.
    pub(crate) async fn lost(&self, group: &[Claimed]) {
        let mut held = self.held.clone();
        let gone = held.wait_for(|held| !group.iter().any(|one| held.contains(&one.lease))).await.is_ok();
        if !gone {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn beat(ledger: Ledger, lease: Duration, stop: CancellationToken, tell: watch::Sender<HashSet<Lease>>) {
    let mut ticks = tokio::time::interval(lease / 3);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    ticks.tick().await;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let leases: Vec<Lease> = tell.borrow().iter().copied().collect();
        match tokio::time::timeout(lease, ledger.heartbeat(&leases, lease)).await {
            Ok(Ok(held)) => {
                let all_gone = held.is_empty();
                tell.send_replace(held.into_iter().collect());
                if all_gone {
                    return;
                }
            }
            Ok(Err(error)) => tracing::warn!(error = %error, "a heartbeat failed"),
            Err(_) => tracing::warn!("a heartbeat took longer than the lease"),
        }
    }
}
