//! What publishing promises.

use std::sync::Arc;

use anyhow::Result;
use habeas_queue::{Message, PublishError, Queue, QueueError};

use crate::support::*;

pub(crate) async fn a_published_message_is_consumed_and_acknowledged(queue: Arc<dyn Queue>) -> Result<()> {
    let work = declared(&*queue, "work").await?;
    queue.ping().await?;
    let sent = Message::json("id-1", r#"{"v":1}"#).answer_to("answers", "correlation-1");
    queue.publish(vec![(work.clone(), sent.clone())]).await.remove(0)?;
    assert_eq!(queue.depth(&work).await?, 1);

    let mut consumer = queue.consume(&work, 10).await?;
    let delivery = one(&mut *consumer).await?;
    assert_eq!(delivery.message, sent, "body, id, reply_to, correlation_id and content_type are carried");
    assert!(!delivery.redelivered);
    assert_eq!(delivery.attempts, 1);
    delivery.ack().await?;

    drop(consumer);
    depth_becomes(&*queue, &work, 0).await?;
    assert!(nothing(&mut *queue.consume(&work, 10).await?).await, "acknowledged means gone");
    Ok(())
}

pub(crate) async fn unroutable_is_an_error_and_not_a_silent_loss(queue: Arc<dyn Queue>) -> Result<()> {
    let results = queue.publish(numbered(&name("nowhere"), 0, 3)).await;
    assert_eq!(results.len(), 3);
    assert!(results.iter().all(|result| matches!(result, Err(PublishError::Unroutable))), "{results:?}");
    assert!(results.iter().all(|result| result.as_ref().is_err_and(PublishError::is_retryable)));
    Ok(())
}

/// Many confirms in flight, every third message unroutable: each result must belong to its own message, or a lost
/// message would be reported as stored.
pub(crate) async fn unroutable_is_told_of_exactly_those_messages_that_were(
    queue: Arc<dyn Queue>,
) -> Result<()> {
    let (work, nowhere) = (declared(&*queue, "work").await?, name("nowhere"));
    for round in 0..5 {
        let to = |n: usize| if n % 3 == 1 { nowhere.clone() } else { work.clone() };
        let messages = (0..300).map(|n| (to(n), Message::new(format!("{round}-{n}"), "")));
        for (n, result) in queue.publish(messages.collect()).await.into_iter().enumerate() {
            assert_eq!(
                matches!(result, Err(PublishError::Unroutable)),
                n % 3 == 1,
                "{round}-{n}: {result:?}"
            );
            assert_eq!(result.is_ok(), n % 3 != 1, "{round}-{n}: {result:?}");
        }
    }
    depth_becomes(&*queue, &work, 5 * 200).await
}

pub(crate) async fn a_thousand_messages_go_in_one_window_and_in_order(queue: Arc<dyn Queue>) -> Result<()> {
    let work = declared(&*queue, "work").await?;
    let results = queue.publish(numbered(&work, 0, 1000)).await;
    assert_eq!((results.len(), results.iter().filter(|result| result.is_ok()).count()), (1000, 1000));
    assert_eq!(queue.depth(&work).await?, 1000);

    let mut consumer = queue.consume(&work, 500).await?;
    let mut received = Vec::new();
    while received.len() < 1000 {
        let group = group(&mut *consumer, 500).await?;
        received.extend(ids(&group));
        for result in habeas_queue::ack_all(group).await {
            result?;
        }
    }
    assert_eq!(received, (0..1000).map(|n| n.to_string()).collect::<Vec<_>>());
    Ok(())
}

pub(crate) async fn an_oversized_message_is_refused_alone(queue: Arc<dyn Queue>) -> Result<()> {
    let work = declared(&*queue, "work").await?;
    let sized = |bytes: usize| (work.clone(), Message::new("id", vec![b'x'; bytes]));
    let results = queue.publish(vec![sized(LARGEST), sized(LARGEST + 1), sized(1)]).await;
    assert!(results[0].is_ok() && results[2].is_ok(), "{results:?}");
    assert!(
        matches!(&results[1], Err(error @ PublishError::TooLarge { bytes, limit: LARGEST })
            if *bytes == LARGEST + 1 && !error.is_retryable()),
        "{results:?}"
    );
    depth_becomes(&*queue, &work, 2).await
}

pub(crate) async fn declaring_again_keeps_what_is_there(queue: Arc<dyn Queue>) -> Result<()> {
    let work = declared(&*queue, "work").await?;
    fill(&*queue, &work, 3).await?;
    declared(&*queue, "work").await?;
    assert_eq!(queue.depth(&work).await?, 3);
    Ok(())
}

pub(crate) async fn an_unknown_queue_is_told(queue: Arc<dyn Queue>) -> Result<()> {
    let nowhere = name("nowhere");
    let unknown =
        |error: QueueError| matches!(error, QueueError::UnknownQueue { .. }) && !error.is_retryable();
    assert!(unknown(queue.depth(&nowhere).await.unwrap_err()));
    assert!(unknown(queue.dead_letters(&nowhere, 10).await.unwrap_err()));
    assert!(unknown(queue.revive_dead_letters(&nowhere, 10).await.unwrap_err()));
    assert!(unknown(queue.purge_dead_letters(&nowhere).await.unwrap_err()));
    Ok(())
}
