//! Calls to the broker: each with a limit, each failure told apart.

use std::{sync::Arc, time::Duration};

use lapin::{
    Error, ErrorKind,
    protocol::{AMQPErrorKind, AMQPSoftError},
};
use tokio::time::timeout;

use crate::QueueError;

/// Run a call of the client library within `limit`.
pub(super) async fn call<T>(
    operation: &'static str,
    limit: Duration,
    running: impl Future<Output = Result<T, Error>>,
) -> Result<T, QueueError> {
    match timeout(limit, running).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(failure(operation, error)),
        Err(_) => Err(QueueError::TimedOut { operation }),
    }
}

/// A channel-level error is the broker's answer to what was asked; all else is the connection's.
fn failure(operation: &'static str, error: Error) -> QueueError {
    if error.is_amqp_soft_error() {
        QueueError::Refused { operation, source: Arc::new(error) }
    } else {
        QueueError::Unavailable { source: Arc::new(error) }
    }
}

/// Whether this is what the broker answered.
fn is_answer(error: &QueueError, answer: AMQPSoftError) -> bool {
    let QueueError::Refused { source, .. } = error else { return false };
    let Some(error) = source.downcast_ref::<Error>() else { return false };
    matches!(error.kind(), ErrorKind::ProtocolError(error) if *error.kind() == AMQPErrorKind::Soft(answer))
}

/// Whether the broker said that this user may not do it.
pub(super) fn is_forbidden(error: &QueueError) -> bool {
    is_answer(error, AMQPSoftError::ACCESSREFUSED)
}

/// Name the queue when the broker said that it does not exist.
pub(super) fn unknown(queue: &str) -> impl FnOnce(QueueError) -> QueueError {
    let queue = queue.to_owned();
    move |error| {
        if is_answer(&error, AMQPSoftError::NOTFOUND) { QueueError::UnknownQueue { queue } } else { error }
    }
}
