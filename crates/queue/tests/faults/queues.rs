//! Queues and connections are taken away by an operator.

use anyhow::{Context as _, Result};
use habeas_queue::{AckError, Queue, QueueError, RabbitQueue};
use habeas_test_support::shared::{TestVhost, amqp_vhost};
use reqwest::Method;

use crate::support::*;

async fn delete(vhost: &TestVhost, queue: &str) -> Result<()> {
    vhost.access().call(Method::DELETE, &format!("queues/{}/{queue}", vhost.name), None).await.map(|_| ())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consumer_whose_queue_was_deleted_comes_back() -> Result<()> {
    let vhost = amqp_vhost().await?;
    let (queue, work) = (rabbit(&vhost.url)?, name("work"));
    let mut consumer = queue.consume(&work, 10).await?;
    let (first, inserted) = tokio::join!(one(&mut *consumer), insist(&*queue, &work, "before"));
    inserted?;
    first?.ack().await?;

    delete(&vhost, "work").await?;

    let (again, inserted) = tokio::join!(ack_until(&mut *consumer, "after"), insist(&*queue, &work, "after"));
    inserted?;
    again
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_queue_is_unroutable_once_and_then_heals() -> Result<()> {
    let vhost = amqp_vhost().await?;
    let (queue, work) = (rabbit(&vhost.url)?, name("work"));
    queue.declare(std::slice::from_ref(&work)).await?;
    insist(&*queue, &work, "before").await?;

    delete(&vhost, "work").await?;

    insist(&*queue, &work, "after").await?;
    assert_eq!(queue.depth(&work).await?, 1, "nothing reported as confirmed was thrown away");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deleted_dead_letters_are_made_again() -> Result<()> {
    let vhost = amqp_vhost().await?;
    let (queue, work) = (rabbit(&vhost.url)?, name("work"));
    queue.declare(std::slice::from_ref(&work)).await?;
    insist(&*queue, &work, "poison").await?;
    let mut consumer = queue.consume(&work, 10).await?;
    let poison = one(&mut *consumer).await?;

    delete(&vhost, &work.dead_letters()).await?;

    let buried = poison.dead_letter("malformed").await;
    assert!(matches!(buried, Err(AckError::DeadLetter { .. })), "there is no place for it: {buried:?}");
    one(&mut *consumer).await?.dead_letter("malformed").await?;
    assert_eq!(queue.dead_letters(&work, 10).await?.len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_connections_come_back_and_late_acknowledgements_are_stale() -> Result<()> {
    let vhost = amqp_vhost().await?;
    let (queue, work) = (rabbit(&vhost.url)?, name("work"));
    queue.declare(std::slice::from_ref(&work)).await?;
    let mut consumer = queue.consume(&work, 10).await?;
    insist(&*queue, &work, "before").await?;
    let held = one(&mut *consumer).await?;

    // The management plugin learns of connections with a delay.
    let path = format!("vhosts/{}/connections", vhost.name);
    let listed = || async {
        vhost.access().get(&path).await.is_ok_and(|list| list.as_array().is_some_and(|l| l.len() >= 2))
    };
    habeas_test_support::wait::until("both connections to be listed", IN_TIME, listed).await?;
    vhost.access().close_connections(&vhost.name).await?;

    let again = one(&mut *consumer).await?;
    assert!(again.redelivered);
    let late = held.ack().await;
    assert!(matches!(late, Err(habeas_queue::AckError::Stale)), "{late:?}");
    again.ack().await?;
    insist(&*queue, &work, "after").await?;
    ack_until(&mut *consumer, "after").await
}

/// A user of the broker who may read and write everything in this virtual host, and make nothing.
async fn one_who_makes_nothing(vhost: &TestVhost) -> Result<String> {
    let user = &vhost.name;
    let login = serde_json::json!({ "password": "limited", "tags": "" });
    vhost.access().call(Method::PUT, &format!("users/{user}"), Some(login)).await?;
    let rights = serde_json::json!({ "configure": "^$", "write": ".*", "read": ".*" });
    vhost.access().call(Method::PUT, &format!("permissions/{}/{user}", vhost.name), Some(rights)).await?;
    let (_, place) = vhost.url.split_once('@').context("the URL names a user")?;
    Ok(format!("amqp://{user}:limited@{place}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_make_no_queues_uses_those_that_are_there() -> Result<()> {
    let vhost = amqp_vhost().await?;
    let (work, missing) = (name("work"), name("missing"));
    rabbit(&vhost.url)?.declare(std::slice::from_ref(&work)).await?;

    let queue = rabbit(&one_who_makes_nothing(&vhost).await?)?;
    queue.declare(std::slice::from_ref(&work)).await?;
    let mut consumer = queue.consume(&work, 10).await?;
    insist(&*queue, &work, "work").await?;
    ack_until(&mut *consumer, "work").await?;
    let refused = queue.declare(std::slice::from_ref(&missing)).await.unwrap_err();
    assert!(matches!(&refused, QueueError::UnknownQueue { queue } if queue == "missing.dead"), "{refused:?}");
    vhost.access().call(Method::DELETE, &format!("users/{}", vhost.name), None).await.map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_made_otherwise_is_refused_and_holds_up_no_other() -> Result<()> {
    let vhost = amqp_vhost().await?;
    let body = serde_json::json!({ "durable": true, "arguments": { "x-queue-type": "classic" } });
    let path = format!("queues/{}/odd", vhost.name);
    vhost.access().call(Method::PUT, &path, Some(body)).await?;

    let (queue, odd, good) = (RabbitQueue::new(quick(&vhost.url)?), name("odd"), name("good"));
    let refused = queue.declare(std::slice::from_ref(&odd)).await.unwrap_err();
    assert!(matches!(refused, QueueError::Refused { .. }) && !refused.is_retryable(), "{refused:?}");
    let _consumer = queue.consume(&odd, 1).await?;
    queue.declare(std::slice::from_ref(&good)).await?;
    insist(&queue, &good, "good").await
}
