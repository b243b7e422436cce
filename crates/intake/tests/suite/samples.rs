//! What fictional publishers send.

use habeas_queue::Message;
use serde_json::{Value, json};

use crate::bed::ANSWERS;

/// What must never show in a reason, an answer or a log.
pub(crate) const SECRET: &str = "hanako.yamada";

/// A submission of person number `n`.
pub(crate) fn submission(n: usize) -> Value {
    json!({ "subject": { "email": format!("{SECRET}+{n}@example.jp"), "name": "山田 花子" }, "rights": ["access"] })
}

/// A message of id `id` that asks for nothing in return.
pub(crate) fn message(id: &str, request: &Value) -> Message {
    let body = json!({ "v": 1, "kind": "request.submitted", "id": id, "request": request });
    Message::json(format!("amqp-{id}"), body.to_string())
}

/// The same, with an answer asked for.
pub(crate) fn asking(id: &str, request: &Value) -> Message {
    message(id, request).answer_to(ANSWERS, id)
}
