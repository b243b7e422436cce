//! Reading deliveries, and saying why one cannot be read without showing anything out of it.

use habeas_messages::{MessageProblem, Submitted, queues};
use habeas_queue::{Delivery, Message, QueueName};

/// What begins the names of Habeas's own queues. An answer never goes there.
const OWN_QUEUES: &str = "habeas.";

/// The longest correlation id that AMQP carries, in bytes.
const MAX_CORRELATION: usize = 255;

/// A delivery with the message that it holds.
pub(super) struct Received {
    pub(super) delivery: Delivery,
    pub(super) message: Submitted,
}

impl Received {
    pub(super) fn answer_to(&self) -> Option<AnswerTo> {
        let own = Some(self.message.id.clone()).filter(|id| can_be_given_back(id));
        let answer = AnswerTo::of(&self.delivery.message)?;
        Some(AnswerTo { correlation: answer.correlation.or(own), ..answer })
    }
}

/// Where a publisher waits for its answer.
pub(super) struct AnswerTo {
    pub(super) queue: QueueName,
    pub(super) correlation: Option<String>,
}

impl AnswerTo {
    /// Nothing if no answer is asked for, or if it could not be delivered or would disturb a worker.
    pub(super) fn of(message: &Message) -> Option<Self> {
        let queue = message.reply_to.clone().filter(|name| !name.starts_with(OWN_QUEUES))?;
        let correlation = message.correlation_id.clone().filter(|id| can_be_given_back(id));
        Some(Self { queue: QueueName::new(queue).ok()?, correlation })
    }
}

/// Whether an answer can carry this. AMQP limits its length alone; a database takes no NUL, and no other control character is anybody's id.
fn can_be_given_back(correlation: &str) -> bool {
    correlation.len() <= MAX_CORRELATION && !correlation.contains(char::is_control)
}

/// Why a message cannot be read: for the dead letters and the publisher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unreadable {
    /// Where.
    pub(super) field: String,
    /// What is wrong, without a value.
    pub(super) reason: String,
}

impl Unreadable {
    fn too_long(bytes: usize, limit: usize) -> Self {
        Self { field: "message".to_owned(), reason: format!("{bytes} bytes; at most {limit} are read") }
    }
}

impl From<MessageProblem> for Unreadable {
    fn from(problem: MessageProblem) -> Self {
        let reason = problem.to_string();
        match problem {
            MessageProblem::Malformed { field, reason } => match field.as_str() {
                known @ ("v" | "kind" | "id" | "request") => Self { field: known.to_owned(), reason },
                // Anything else may be a value that slipped into the place of a field's name.
                _ => Self { field: "message".to_owned(), reason },
            },
            MessageProblem::UnknownVersion { .. } => Self { field: "v".to_owned(), reason },
            MessageProblem::UnexpectedKind { .. } => Self { field: "kind".to_owned(), reason },
        }
    }
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "unreadable {} message: {}: {}", queues::INTAKE, self.field, self.reason)
    }
}

/// The deliveries that can be read, and the others with the reason.
pub(super) fn sort_out(group: Vec<Delivery>, limit: usize) -> (Vec<Received>, Vec<(Delivery, Unreadable)>) {
    let (mut readable, mut unreadable) = (Vec::with_capacity(group.len()), Vec::new());
    for delivery in group {
        match read(&delivery.message.body, limit) {
            Ok(message) => readable.push(Received { delivery, message }),
            Err(problem) => unreadable.push((delivery, problem)),
        }
    }
    (readable, unreadable)
}

fn read(body: &[u8], limit: usize) -> Result<Submitted, Unreadable> {
    if body.len() > limit {
        return Err(Unreadable::too_long(body.len(), limit));
    }
    Ok(Submitted::decode(body)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(body: &[u8]) -> Unreadable {
        read(body, 1024).unwrap_err()
    }

    #[test]
    fn reasons_name_the_field_and_show_nothing_of_the_message() {
        let unknown =
            problem(br#"{"v":1,"kind":"request.submitted","id":"a","request":{},"hanako@example.jp":1}"#);
        assert_eq!(
            unknown.to_string(),
            "unreadable habeas.intake message: message: a field that this version does not know"
        );
        assert_eq!(problem(br#"{"v":1,"kind":"request.submitted","request":{}}"#).field, "message");
        assert_eq!(problem(br#"{"v":2,"kind":"request.submitted","id":"a","request":{}}"#).field, "v");
        assert_eq!(problem(br#"{"v":1,"kind":"hanako","id":"a","request":{}}"#).field, "kind");
        assert_eq!(problem(b"\xff\xfe\x00").field, "message");
        assert_eq!(problem(&[b' '; 1025]).reason, "1025 bytes; at most 1024 are read");
    }

    #[test]
    fn an_answer_never_goes_to_a_queue_of_our_own() {
        let asking = |queue: &str| AnswerTo::of(&Message::json("a", "").answer_to(queue, "c"));
        assert!(asking("crm.answers").is_some());
        for queue in ["habeas.intake", "habeas.mail", "", "a\nb", &"x".repeat(251)] {
            assert!(asking(queue).is_none(), "{queue:?}");
        }
        let long = Message::json("a", "").answer_to("crm.answers", "c".repeat(256));
        assert_eq!(AnswerTo::of(&long).unwrap().correlation, None);
    }
}
