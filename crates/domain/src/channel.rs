//! The ways a request comes in.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// How a request reached the company. Each request remembers its own (mission N16).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// `POST /v1/requests` by another system.
    Api,
    /// A message on the intake queue.
    Queue,
    /// `habeas request submit`.
    Cli,
    /// A mail to the privacy mailbox.
    Mailbox,
    /// The company's web form.
    Form,
    /// A support ticket, chat or phone call typed in by staff.
    Ticket,
    /// A letter.
    Post,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 7] =
        [Self::Api, Self::Queue, Self::Cli, Self::Mailbox, Self::Form, Self::Ticket, Self::Post];

    /// The name used in files, messages and columns.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Queue => "queue",
            Self::Cli => "cli",
            Self::Mailbox => "mailbox",
            Self::Form => "form",
            Self::Ticket => "ticket",
            Self::Post => "post",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown channel; use one of: api, queue, cli, mailbox, form, ticket, post")]
pub struct UnknownChannel;

impl FromStr for Channel {
    type Err = UnknownChannel;
    fn from_str(text: &str) -> Result<Self, UnknownChannel> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == text).ok_or(UnknownChannel)
    }
}
