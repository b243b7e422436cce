use std::time::Duration;

/// How the public queue is worked on.
#[derive(Debug, Clone, Copy)]
pub struct IntakeOptions {
    /// How many submissions are stored in one transaction at most.
    pub group: usize,
    /// How long to wait for a group to fill once it has one.
    pub linger: Duration,
    /// How many groups are taken at once.
    pub parallel: usize,
    /// How long the state database may take over one group.
    pub commit_timeout: Duration,
    /// How long to wait before the next attempt when the queue or the state database is away.
    pub pause: Duration,
    /// The longest message, in bytes. A longer one is dead-lettered unread.
    pub max_message_bytes: usize,
}

impl Default for IntakeOptions {
    fn default() -> Self {
        Self {
            group: 100,
            linger: Duration::from_millis(5),
            parallel: 2,
            commit_timeout: Duration::from_secs(30),
            pause: Duration::from_millis(500),
            max_message_bytes: 1024 * 1024,
        }
    }
}
