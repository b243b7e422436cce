//! What is published and consumed.

use std::fmt;

use bytes::Bytes;

/// A message: an id, bytes, and where an answer should go.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// The id by which a consumer recognises a repeat. Empty when a foreign sender gave none. At most 255 bytes.
    pub id: String,
    /// The payload. This crate never looks inside.
    pub body: Bytes,
    /// The queue in which the sender waits for an answer, as the sender wrote it: check it before use.
    pub reply_to: Option<String>,
    /// What the sender wants repeated in the answer.
    pub correlation_id: Option<String>,
    /// The media type of the body, such as `application/json`.
    pub content_type: Option<String>,
}

impl Message {
    /// A message with a body and nothing else.
    pub fn new(id: impl Into<String>, body: impl Into<Bytes>) -> Self {
        Self { id: id.into(), body: body.into(), ..Self::default() }
    }

    /// A JSON message.
    pub fn json(id: impl Into<String>, body: impl Into<Bytes>) -> Self {
        Self { content_type: Some("application/json".into()), ..Self::new(id, body) }
    }

    /// Ask for an answer in `queue`, marked with `correlation_id`.
    #[must_use]
    pub fn answer_to(mut self, queue: impl Into<String>, correlation_id: impl Into<String>) -> Self {
        self.reply_to = Some(queue.into());
        self.correlation_id = Some(correlation_id.into());
        self
    }
}

/// Shows the size only: the fields of a foreign message may hold anything, personal data included.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_content() {
        let message = Message::json("ann@example.com", "secret").answer_to("ann", "ann");
        assert_eq!(format!("{message:?}"), "Message { bytes: 6, .. }");
    }
}
