//! Declaring queues at the start, when the broker may be away.

use std::{error::Error, time::Duration};

use crate::{Queue, QueueError, QueueName};

/// Between two attempts, on top of the pause that a back end takes before it connects again.
const PAUSE: Duration = Duration::from_millis(500);

/// Declares `queues`, again and again while the broker is away or does not answer: a process that starts in such a
/// moment must come to work by itself. Drop the future to give up.
///
/// # Errors
/// A [`QueueError`] for which no retry helps, such as a queue that exists with other arguments.
pub async fn declare_at_start(queue: &dyn Queue, queues: &[QueueName]) -> Result<(), QueueError> {
    let mut told = false;
    loop {
        match queue.declare(queues).await {
            Ok(()) => break,
            Err(error) if error.is_retryable() => {
                if !std::mem::replace(&mut told, true) {
                    tracing::warn!(
                        error = &error as &dyn Error,
                        "the queues cannot be declared yet, trying on"
                    );
                }
            }
            Err(error) => return Err(error),
        }
        tokio::time::sleep(PAUSE).await;
    }
    if told {
        tracing::info!("the queues are declared");
    }
    Ok(())
}
