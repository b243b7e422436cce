use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Value, json};

use crate::{
    bed::{ANSWERS, Bed},
    every_bed::on_every_bed,
    samples::{SECRET, asking, message, submission},
};

on_every_bed!(
    a_submission_becomes_a_request_and_its_publisher_hears,
    every_message_three_times_and_out_of_order_is_one_request_each,
    the_same_id_with_another_body_is_refused,
    a_submission_with_problems_is_answered_or_kept_for_ops,
    a_revived_submission_is_judged_anew,
    an_answer_never_reaches_a_queue_of_our_own,
    a_correlation_that_no_database_takes_stops_nobody,
    a_drained_intake_leaves_the_rest_in_the_queue,
);

async fn a_submission_becomes_a_request_and_its_publisher_hears(mut bed: Bed) -> Result<()> {
    bed.start();
    bed.publish([asking("order-1", &submission(1)), message("order-2", &submission(2))]).await?;
    let (correlation, answer) = bed.answers(1).await?.remove(0);
    assert_eq!(correlation, "order-1");
    assert_eq!(answer["answer"], "accepted");
    assert_eq!(answer["due_on"], "2026-12-21");
    bed.requests_become(2).await?;
    let ids = bed.texts("SELECT reference FROM request").await?;
    assert!(ids.contains(answer["reference"].as_str().unwrap()));
    assert_eq!(bed.texts("SELECT channel FROM request").await?.into_iter().collect::<Vec<_>>(), ["queue"]);
    bed.public_queue_is_empty().await?;
    bed.stop().await
}

async fn every_message_three_times_and_out_of_order_is_one_request_each(mut bed: Bed) -> Result<()> {
    const PEOPLE: usize = 40;
    let mut messages: Vec<_> = (0..3 * PEOPLE)
        .map(|n| (n * 67 % (3 * PEOPLE)) % PEOPLE)
        .map(|n| asking(&format!("m{n}"), &submission(n)))
        .collect();
    let late = messages.split_off(PEOPLE * 2);
    bed.publish(messages).await?;
    bed.start();
    bed.publish(late).await?;
    let mut by_id: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (id, answer) in bed.answers(3 * PEOPLE).await? {
        by_id.entry(id).or_default().push(answer);
    }
    assert_eq!(by_id.len(), PEOPLE);
    for (id, answers) in by_id {
        assert_eq!(answers.len(), 3, "{id}");
        assert!(answers.iter().all(|answer| answer == &answers[0] && answer["answer"] == "accepted"), "{id}");
    }
    assert_eq!(bed.count("request").await?, i64::try_from(PEOPLE)?);
    assert!(bed.dead_letters(0).await?.is_empty());
    bed.stop().await
}

async fn the_same_id_with_another_body_is_refused(mut bed: Bed) -> Result<()> {
    bed.start();
    bed.publish([asking("order-1", &submission(1))]).await?;
    assert_eq!(bed.answers(1).await?[0].1["answer"], "accepted");
    bed.publish([asking("order-1", &submission(2)), message("order-1", &submission(3))]).await?;
    let refused = bed.answers(1).await?.remove(0).1;
    assert_eq!(refused["answer"], "rejected");
    assert_eq!(refused["problems"][0]["code"], "reused");
    assert_eq!(bed.dead_letters(1).await?[0].reason, "rejected: id: reused");
    assert_eq!(bed.count("request").await?, 1);
    bed.stop().await
}

async fn a_submission_with_problems_is_answered_or_kept_for_ops(mut bed: Bed) -> Result<()> {
    bed.start();
    let bad = json!({ "subject": { "email": format!("{SECRET} at example.jp") }, "rights": ["flight"] });
    bed.publish([asking("order-1", &bad), message("order-2", &bad)]).await?;
    let answer = bed.answers(1).await?.remove(0).1;
    assert_eq!(answer["answer"], "rejected");
    assert_eq!(answer["problems"][0]["field"], "subject.email");
    assert!(!answer.to_string().contains(SECRET), "{answer}");
    let letters = bed.dead_letters(1).await?;
    assert_eq!(letters[0].id, "amqp-order-2");
    assert_eq!(letters[0].reason, "rejected: subject.email: malformed; rights[0]: unknown-value");
    bed.public_queue_is_empty().await?;
    assert_eq!((letters.len(), bed.count("request").await?), (1, 0));
    bed.stop().await
}

async fn a_revived_submission_is_judged_anew(mut bed: Bed) -> Result<()> {
    let intake = crate::bed::name(habeas_messages::queues::INTAKE);
    let late = json!({
        "subject": { "email": "taro@example.com" }, "rights": ["access"], "regime": "atlantis",
    });
    bed.publish([message("order-1", &late)]).await?;
    bed.start();
    assert_eq!(bed.dead_letters(1).await?[0].reason, "rejected: regime: unknown-value");
    bed.stop().await?;
    bed.add_regime("atlantis");
    bed.start_again();
    assert_eq!(bed.queue.revive_dead_letters(&intake, 10).await?, 1);
    bed.requests_become(1).await?;
    bed.stop().await
}

async fn an_answer_never_reaches_a_queue_of_our_own(mut bed: Bed) -> Result<()> {
    bed.start();
    let to_a_worker = message("order-1", &submission(1)).answer_to("habeas.mail", "c");
    bed.publish([to_a_worker, asking("order-2", &submission(2))]).await?;
    assert_eq!(bed.answers(1).await?[0].0, "order-2");
    bed.requests_become(2).await?;
    bed.stop().await?;
    let mails = bed.queue.depth(&crate::bed::name("habeas.mail")).await?;
    assert_eq!(mails, 2, "one receipt for each request, and no answer");
    Ok(())
}

/// Neither AMQP nor its brokers look into it, and PostgreSQL takes no NUL in a text.
async fn a_correlation_that_no_database_takes_stops_nobody(mut bed: Bed) -> Result<()> {
    let strange = message("order-1", &submission(1)).answer_to(ANSWERS, "a\0b");
    bed.publish([strange, asking("order-2", &submission(2))]).await?;
    bed.start();
    let answers = bed.answers(2).await?;
    let mut correlations: Vec<_> = answers.iter().map(|(correlation, _)| correlation.as_str()).collect();
    correlations.sort_unstable();
    assert_eq!(correlations, ["order-1", "order-2"], "by the id of the message, where there is no other");
    assert_eq!(bed.count("request").await?, 2);
    bed.stop().await
}

async fn a_drained_intake_leaves_the_rest_in_the_queue(mut bed: Bed) -> Result<()> {
    bed.start();
    bed.publish([asking("order-1", &submission(1))]).await?;
    bed.answers(1).await?;
    bed.stop().await?;
    bed.publish([asking("order-2", &submission(2))]).await?;
    let depth = bed.queue.depth(&crate::bed::name(habeas_messages::queues::INTAKE)).await?;
    assert_eq!((depth, bed.count("request").await?), (1, 1));
    bed.start_again();
    assert_eq!(bed.answers(1).await?[0].0, "order-2");
    bed.stop().await
}
