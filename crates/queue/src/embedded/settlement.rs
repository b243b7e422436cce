//! Settling a delivery of an in-process queue.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    AckError,
    delivery::{Decision, Settlement},
};

use super::line::Line;

pub(super) struct EmbeddedSettlement {
    pub(super) line: Arc<Line>,
    pub(super) ticket: u64,
}

#[async_trait]
impl Settlement for EmbeddedSettlement {
    async fn settle(&mut self, decision: Decision) -> Result<(), AckError> {
        let known = match decision {
            Decision::Ack => self.line.ack(self.ticket),
            Decision::Requeue => self.line.requeue(self.ticket),
            Decision::DeadLetter { message, reason } => self.line.bury(self.ticket, message, reason),
        };
        if known { Ok(()) } else { Err(AckError::Stale) }
    }

    fn abandon(self: Box<Self>) {
        self.line.requeue(self.ticket);
    }
}
