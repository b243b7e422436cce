//! The public intake queue.

use habeas_domain::Right;
use habeas_ledger::QueueSubmission;
use habeas_messages::IntakeAnswer;
use serde_json::json;

use crate::{steps::new_request, world::World};

on_both!(
    a_message_is_taken_and_answered,
    a_repeated_message_is_answered_as_before,
    the_same_id_with_another_body_is_rejected,
    what_is_wrong_with_a_submission_is_answered,
    a_message_delivered_twice_at_once_is_one_request,
    what_the_database_can_never_store_is_not_tried_again,
);

fn message(id: &str, email: &str) -> QueueSubmission {
    let mut body_fingerprint = [0; 32];
    for (to, from) in body_fingerprint.iter_mut().zip(email.bytes()) {
        *to = from;
    }
    QueueSubmission {
        consumer: "habeas.intake".to_owned(),
        message_id: id.to_owned(),
        body_fingerprint,
        new: Ok(new_request(email, &[Right::Access])),
        reply_to: Some("crm.answers".to_owned()),
        correlation: Some("c-1".to_owned()),
    }
}

async fn replies(world: &World) -> Vec<String> {
    let waiting = world.ledger.unpublished(std::time::Duration::ZERO, 100).await.unwrap();
    let replies = waiting.into_iter().filter(|one| one.queue == "crm.answers");
    replies
        .map(|one| {
            assert_eq!(one.correlation.as_deref(), Some("c-1"));
            one.body
        })
        .collect()
}

async fn a_message_is_taken_and_answered(world: World) {
    let answers = world.ledger.accept_from_queue(vec![message("m", "hanako@example.jp")]).await.unwrap();
    let IntakeAnswer::Accepted { request, reference, .. } = &answers[0] else { panic!("{answers:?}") };
    assert_eq!(&world.view(*request).await.reference, reference);
    assert_eq!(replies(&world).await, [answers[0].encode()]);
    world.assert_audit_whole().await;
}

/// PostgreSQL takes no NUL in a text; whoever puts such a message back would do so for ever.
async fn what_the_database_can_never_store_is_not_tried_again(world: World) {
    let strange =
        QueueSubmission { correlation: Some("a\0b".to_owned()), ..message("m", "hanako@example.jp") };
    match world.ledger.accept_from_queue(vec![strange]).await {
        Ok(answers) => assert!(matches!(answers[0], IntakeAnswer::Accepted { .. }), "SQLite takes it"),
        Err(error) => assert_eq!(error.retry(), habeas_domain::Retry::Never, "{error:?}"),
    }
}

async fn a_repeated_message_is_answered_as_before(world: World) {
    let first = world.ledger.accept_from_queue(vec![message("m", "hanako@example.jp")]).await.unwrap();
    let both = vec![message("m", "hanako@example.jp"), message("m", "hanako@example.jp")];
    let again = world.ledger.accept_from_queue(both).await.unwrap();
    assert_eq!(again, [first[0].clone(), first[0].clone()]);
    assert_eq!(replies(&world).await.len(), 3, "whoever asked again waits for an answer again");
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM request").await, 1);
    let other = QueueSubmission { consumer: "other.queue".to_owned(), ..message("m", "hanako@example.jp") };
    let other = world.ledger.accept_from_queue(vec![other]).await.unwrap();
    assert_ne!(other, first, "ids are the consumer's own");
}

async fn the_same_id_with_another_body_is_rejected(world: World) {
    let group = vec![message("m", "hanako@example.jp"), message("m", "taro@example.jp")];
    let answers = world.ledger.accept_from_queue(group).await.unwrap();
    assert!(matches!(answers[0], IntakeAnswer::Accepted { .. }));
    let IntakeAnswer::Rejected { problems } = &answers[1] else { panic!("{answers:?}") };
    assert_eq!((&problems[0]["field"], &problems[0]["code"]), (&json!("id"), &json!("reused")));
    let later = world.ledger.accept_from_queue(vec![message("m", "taro@example.jp")]).await.unwrap();
    assert_eq!(later[0], answers[1]);
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM request").await, 1);
}

async fn what_is_wrong_with_a_submission_is_answered(world: World) {
    let problems = vec![json!({ "field": "rights", "code": "required" })];
    let wrong = QueueSubmission { new: Err(problems.clone()), ..message("m", "hanako@example.jp") };
    let answers = world.ledger.accept_from_queue(vec![wrong.clone()]).await.unwrap();
    assert_eq!(answers, [IntakeAnswer::Rejected { problems }]);
    assert_eq!(world.ledger.accept_from_queue(vec![wrong]).await.unwrap(), answers);
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM request").await, 0);
}

async fn a_message_delivered_twice_at_once_is_one_request(world: World) {
    let deliveries = (0..6).map(|_| {
        let ledger = world.ledger.clone();
        tokio::spawn(async move {
            ledger.accept_from_queue(vec![message("m", "hanako@example.jp")]).await.unwrap().remove(0)
        })
    });
    let mut answers = Vec::new();
    for delivery in deliveries.collect::<Vec<_>>() {
        answers.push(delivery.await.unwrap());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM request").await, 1);
    assert_eq!(replies(&world).await.len(), 6);
}
