//! What a submission may say about the door it came through, and about its idempotency key.

use habeas_domain::{Channel, FieldProblem};
use serde_json::Value;

/// The longest idempotency key, in characters.
const MAX_KEY: usize = 200;

/// A caller may say that it passes on a form, a ticket or a letter. It cannot say that it came through another of
/// Habeas's own doors. A channel that is no channel is found by the screening of the fields.
pub(super) fn channel_problem(value: &Value, door: Channel) -> Option<FieldProblem> {
    let stated: Channel = value.get("channel")?.as_str()?.parse().ok()?;
    let passed_on = matches!(stated, Channel::Form | Channel::Ticket | Channel::Post);
    (stated != door && !passed_on).then(|| FieldProblem {
        field: "channel".to_owned(),
        code: "not-allowed",
        message: "say form, ticket or post where you pass a request on; otherwise leave it out".to_owned(),
    })
}

/// A key that could not be stored or shown.
pub(super) fn key_problem(key: &str) -> Option<FieldProblem> {
    let length = key.chars().count();
    let fit = (1..=MAX_KEY).contains(&length) && !key.chars().any(char::is_control);
    (!fit).then(|| FieldProblem {
        field: "idempotency_key".to_owned(),
        code: "malformed",
        message: format!("use 1 to {MAX_KEY} characters without control characters"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn callers_pass_on_forms_tickets_and_letters_and_nothing_else() {
        for door in [Channel::Api, Channel::Queue, Channel::Cli, Channel::Mailbox] {
            for stated in Channel::ALL {
                let own_or_passed_on =
                    stated == door || matches!(stated, Channel::Form | Channel::Ticket | Channel::Post);
                let problem = channel_problem(&json!({ "channel": stated }), door);
                assert_eq!(problem.is_none(), own_or_passed_on, "{stated} through {door}");
            }
            assert_eq!(channel_problem(&json!({}), door), None);
            assert_eq!(channel_problem(&json!([1]), door), None);
        }
    }

    #[test]
    fn keys_are_short_and_printable() {
        assert_eq!(key_problem("order-4711 / 再送"), None);
        assert_eq!(key_problem(&"あ".repeat(200)), None);
        for key in ["", "a\nb", "a\0", &"x".repeat(201)] {
            assert!(key_problem(key).is_some(), "{key:?}");
        }
    }
}
