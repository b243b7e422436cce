use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;

/// Rung when mails were stored, so that their reader need not wait for its next round.
#[derive(Debug, Clone, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    /// Wakes the reader, or lets it go on at once when it comes to wait.
    pub fn ring(&self) {
        self.0.notify_one();
    }

    /// Waits for a ring, or for so long.
    pub async fn heard(&self, at_most: Duration) {
        // Whether it rang or the time was up does not matter: the reader looks either way.
        let _either = tokio::time::timeout(at_most, self.0.notified()).await;
    }
}
