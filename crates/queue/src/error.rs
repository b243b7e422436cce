//! What can go wrong, and whether another try may help.

use std::{error::Error, sync::Arc};

/// The failure beneath one of ours, shared because one lost connection fails many messages.
pub(crate) type Cause = Arc<dyn Error + Send + Sync>;

/// A queue operation other than publishing or acknowledging failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum QueueError {
    /// A queue name is empty, too long, or holds a control character.
    #[error("queue name of {bytes} bytes: use 1 to 250 bytes without control characters")]
    InvalidName {
        /// The length of the refused name.
        bytes: usize,
    },
    /// The broker URL cannot be read. It is not repeated here because it holds a password.
    #[error("queue URL: write it as amqp[s]://user:password@host:port/vhost")]
    InvalidUrl,
    /// There is no such queue.
    #[error("queue {queue} does not exist: declare it")]
    UnknownQueue {
        /// The queue asked for.
        queue: String,
    },
    /// The broker could not be reached, or the connection broke.
    #[error("the broker is unavailable")]
    Unavailable {
        /// What the client library reported.
        #[source]
        source: Cause,
    },
    /// The broker accepts no messages because its memory or disk alarm is on.
    #[error("the broker blocks publishing: free memory or disk space on it")]
    Blocked,
    /// The broker did not answer in time.
    #[error("the broker did not answer in time ({operation})")]
    TimedOut {
        /// What was asked of it.
        operation: &'static str,
    },
    /// The broker refused the operation, for example because a queue exists with other arguments.
    #[error("the broker refused ({operation})")]
    Refused {
        /// What was asked of it.
        operation: &'static str,
        /// The broker's answer.
        #[source]
        source: Cause,
    },
    /// The queue was closed.
    #[error("the queue is closed")]
    Closed,
}

impl QueueError {
    /// Whether the same call may succeed later without anybody changing anything.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Blocked | Self::TimedOut { .. })
    }
}

/// A message was not accepted, or it is not known whether it was: publish it again later unless
/// [`is_retryable`](Self::is_retryable) says no.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PublishError {
    /// No queue of that name took the message.
    #[error("no queue takes the message: declare it")]
    Unroutable,
    /// The confirmation did not come in time. The message may have been stored.
    #[error("the broker did not confirm in time")]
    TimedOut,
    /// The broker could not be reached, blocks publishing, or the connection broke before the confirmation.
    #[error("the message could not be handed over")]
    Unavailable {
        /// Why not.
        #[source]
        source: Cause,
    },
    /// The broker, or a full embedded queue, declined the message.
    #[error("the queue declined the message")]
    Refused,
    /// The body is larger than the limit.
    #[error("body of {bytes} bytes: the limit is {limit}")]
    TooLarge {
        /// Size of the body in bytes.
        bytes: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// A property of the message does not fit AMQP.
    #[error("{field}: at most 255 bytes")]
    InvalidProperty {
        /// The field of [`Message`](crate::Message) at fault.
        field: &'static str,
    },
}

impl PublishError {
    /// Whether publishing the same message again may succeed.
    pub fn is_retryable(&self) -> bool {
        !matches!(self, Self::TooLarge { .. } | Self::InvalidProperty { .. })
    }

    /// The name under which it is counted.
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::Unroutable => "unroutable",
            Self::TimedOut => "timed_out",
            Self::Unavailable { .. } => "unavailable",
            Self::Refused => "refused",
            Self::TooLarge { .. } => "too_large",
            Self::InvalidProperty { .. } => "invalid",
        }
    }
}

impl From<QueueError> for PublishError {
    fn from(error: QueueError) -> Self {
        match error {
            QueueError::TimedOut { .. } => Self::TimedOut,
            other => Self::Unavailable { source: Arc::new(other) },
        }
    }
}

/// A delivery was not settled. It comes again, perhaps to another consumer, so do not repeat the call.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AckError {
    /// The channel or consumer that received the delivery is gone.
    #[error("the delivery is no longer ours")]
    Stale,
    /// The broker's connection took nothing in time.
    #[error("the acknowledgement could not be sent in time")]
    TimedOut,
    /// The copy for the dead-letter queue was not confirmed; the original stays in its queue.
    #[error("the dead-letter queue did not take the message")]
    DeadLetter {
        /// Why not.
        #[source]
        source: PublishError,
    },
}

impl AckError {
    /// The name under which it is counted.
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::Stale => "stale",
            Self::TimedOut => "timed_out",
            Self::DeadLetter { .. } => "dead_letter_failed",
        }
    }
}
