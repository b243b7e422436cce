//! What happens to messages that are given up.

use std::sync::Arc;

use anyhow::Result;
use habeas_queue::{DeadLetter, Message, Queue, QueueName};

use crate::support::*;

/// Give up `count` numbered messages of a new queue, all for one reason.
async fn given_up(queue: &dyn Queue, count: usize) -> Result<QueueName> {
    let work = declared(queue, "work").await?;
    fill(queue, &work, count).await?;
    let mut consumer = queue.consume(&work, 100).await?;
    for delivery in exactly(&mut *consumer, count).await? {
        delivery.dead_letter("malformed").await?;
    }
    Ok(work)
}

fn letter(n: usize) -> DeadLetter {
    DeadLetter { id: n.to_string(), reason: "malformed".into(), bytes: n.to_string().len() }
}

pub(crate) async fn a_dead_letter_keeps_its_body_and_its_reason(queue: Arc<dyn Queue>) -> Result<()> {
    let work = declared(&*queue, "work").await?;
    let sent = Message::json("id-1", "not json").answer_to("answers", "correlation-1");
    queue.publish(vec![(work.clone(), sent.clone())]).await.remove(0)?;
    let mut consumer = queue.consume(&work, 10).await?;
    one(&mut *consumer).await?.dead_letter("unknown version").await?;
    assert!(nothing(&mut *consumer).await, "a dead letter does not come again");

    let listed = queue.dead_letters(&work, 10).await?;
    let expected = DeadLetter { id: "id-1".into(), reason: "unknown version".into(), bytes: 8 };
    assert_eq!(listed, [expected]);
    assert_eq!(queue.revive_dead_letters(&work, 10).await?, 1);
    assert_eq!(one(&mut *consumer).await?.message, sent, "all of the message was kept");
    Ok(())
}

pub(crate) async fn listing_leaves_the_letters_where_they_are(queue: Arc<dyn Queue>) -> Result<()> {
    let work = given_up(&*queue, 5).await?;
    let all: Vec<_> = (0..5).map(letter).collect();
    habeas_test_support::wait::until("5 dead letters to be counted", SOON, || async {
        queue.count_dead_letters(&work).await.is_ok_and(|count| count == 5)
    })
    .await?;
    for _ in 0..3 {
        assert_eq!(queue.dead_letters(&work, 100).await?, all, "oldest first");
    }
    for _ in 0..3 {
        assert_eq!(queue.dead_letters(&work, 2).await?.len(), 2, "no more than asked");
        let mut still = queue.dead_letters(&work, 100).await?;
        still.sort_by(|a, b| a.id.cmp(&b.id));
        assert_eq!(still, all);
    }
    Ok(())
}

pub(crate) async fn revived_letters_are_delivered_again(queue: Arc<dyn Queue>) -> Result<()> {
    let work = given_up(&*queue, 5).await?;
    assert_eq!(queue.revive_dead_letters(&work, 3).await?, 3);
    assert_eq!(queue.dead_letters(&work, 100).await?, [letter(3), letter(4)]);
    let mut consumer = queue.consume(&work, 100).await?;
    assert_eq!(ids(&exactly(&mut *consumer, 3).await?), ["0", "1", "2"]);
    assert_eq!(queue.revive_dead_letters(&work, 100).await?, 2);
    assert_eq!(queue.revive_dead_letters(&work, 100).await?, 0);
    Ok(())
}

pub(crate) async fn purged_letters_are_gone(queue: Arc<dyn Queue>) -> Result<()> {
    let work = given_up(&*queue, 5).await?;
    assert_eq!(queue.purge_dead_letters(&work).await?, 5);
    assert_eq!(queue.purge_dead_letters(&work).await?, 0);
    assert_eq!(queue.dead_letters(&work, 100).await?, []);
    Ok(())
}
