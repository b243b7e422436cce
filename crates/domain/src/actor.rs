//! Who did something.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::TokenId;

/// Who caused an event. Written into every audit entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "kebab-case")]
pub enum Actor {
    /// Habeas itself: a worker, the reconciler, the deadline scanner.
    System,
    /// The person the data is about, through a link or code that only they were sent.
    Subject,
    /// Somebody who says that they act for the person, through a link that only they were sent.
    Agent,
    /// Somebody who says that they are the parent or the guardian of the person, through a link that only they were sent.
    Guardian,
    /// The holder of API tokens, by the id of their first one: whatever a person does with several tokens one person did.
    Token(TokenId),
}

/// A text that names nobody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown actor; expected system, subject, agent, guardian or token:<id>")]
pub struct UnknownActor;

impl std::str::FromStr for Actor {
    type Err = UnknownActor;
    fn from_str(text: &str) -> Result<Self, UnknownActor> {
        match text {
            "system" => Ok(Self::System),
            "subject" => Ok(Self::Subject),
            "agent" => Ok(Self::Agent),
            "guardian" => Ok(Self::Guardian),
            other => other
                .strip_prefix("token:")
                .and_then(|id| id.parse().ok())
                .map(Self::Token)
                .ok_or(UnknownActor),
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("system"),
            Self::Subject => f.write_str("subject"),
            Self::Agent => f.write_str("agent"),
            Self::Guardian => f.write_str("guardian"),
            Self::Token(id) => write!(f, "token:{id}"),
        }
    }
}
