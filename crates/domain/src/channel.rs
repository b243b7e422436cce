//! The ways a request comes in.

use serde::{Deserialize, Serialize};

use crate::words;

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

words!(Channel, or UnknownChannel:
    Api = "api", Queue = "queue", Cli = "cli", Mailbox = "mailbox", Form = "form", Ticket = "ticket",
    Post = "post",
);

/// A text that names no channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown channel; use one of: api, queue, cli, mailbox, form, ticket, post")]
pub struct UnknownChannel;
