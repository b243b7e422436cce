//! What is not taken: the publisher is told where it asked for an answer, and nothing is lost.

use habeas_domain::{Channel, FieldProblem};
use habeas_messages::IntakeAnswer;
use habeas_queue::{Delivery, Message};
use serde_json::{Value, json};

use super::{
    QueueIntake,
    reading::{AnswerTo, Unreadable},
};
use crate::measure;

impl QueueIntake {
    /// Moves a message that cannot be read to the dead letters. It has no id by which a repeat could be known, so its
    /// answer does not go through the ledger: at worst the publisher hears twice.
    pub(super) async fn refuse_unreadable(&self, delivery: Delivery, problem: &Unreadable) {
        measure::outcome(Channel::Queue, "unreadable");
        if let Some(to) = AnswerTo::of(&delivery.message) {
            self.tell(to, problem).await;
        }
        give_up(delivery, &problem.to_string()).await;
    }

    async fn tell(&self, to: AnswerTo, problem: &Unreadable) {
        let problem = json!({ "field": problem.field, "code": "unreadable", "message": problem.reason });
        let answer = IntakeAnswer::Rejected { problems: vec![problem] };
        let id = self.ledger.ids().fresh::<habeas_domain::MessageId>();
        let mut message = Message::json(id.to_string(), answer.encode());
        message.correlation_id = to.correlation;
        for published in self.queue.publish(vec![(to.queue, message)]).await {
            if let Err(error) = published {
                tracing::warn!(error = %error, "a publisher could not be told that its message cannot be read");
            }
        }
    }
}

/// Moves a delivery to the dead letters, where ops sees it with `reason`.
pub(super) async fn give_up(delivery: Delivery, reason: &str) {
    tracing::warn!(%reason, "a submission was dead-lettered");
    if let Err(error) = delivery.dead_letter(reason).await {
        tracing::warn!(error = %error, "a submission could not be dead-lettered; it comes back");
    }
}

/// Field by field, for an answer.
pub(super) fn as_json(problems: &[FieldProblem]) -> Vec<Value> {
    problems
        .iter()
        .map(|problem| json!({ "field": problem.field, "code": problem.code, "message": problem.message }))
        .collect()
}

/// The fields and codes of an answer's problems, for the dead letters.
pub(super) fn in_short(problems: &[Value]) -> String {
    let text = |problem: &Value, name: &str| {
        problem.get(name).and_then(Value::as_str).unwrap_or("submission").to_owned()
    };
    let each: Vec<String> = problems
        .iter()
        .map(|problem| format!("{}: {}", text(problem, "field"), text(problem, "code")))
        .collect();
    format!("rejected: {}", each.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dead_letter_names_fields_and_codes_only() {
        let problem = |field: &str, code| FieldProblem {
            field: field.to_owned(),
            code,
            message: "write one address".to_owned(),
        };
        let problems =
            as_json(&[problem("subject.email", "malformed"), problem("rights[0]", "unknown-value")]);
        assert_eq!(in_short(&problems), "rejected: subject.email: malformed; rights[0]: unknown-value");
        assert_eq!(problems[0]["message"], "write one address");
    }
}
