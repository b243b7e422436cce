use crate::VERSION;

/// Why a message cannot be read. Such a message is dead-lettered with this text; it never holds the payload.
#[derive(Debug, thiserror::Error)]
pub enum MessageProblem {
    /// Not JSON, or not of the right shape.
    #[error("not readable: {field}: {reason}")]
    Malformed {
        /// Where.
        field: String,
        /// What is wrong there, without the value.
        reason: String,
    },
    /// From a newer or older release.
    #[error("version {found} is unknown; this release reads version {VERSION}")]
    UnknownVersion {
        /// What it says.
        found: u32,
    },
    /// A kind that does not belong on this queue.
    #[error("the kind is not `{expected}`")]
    UnexpectedKind {
        /// What belongs here.
        expected: &'static str,
    },
}
