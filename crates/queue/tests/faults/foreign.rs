//! Messages that somebody else put into our queues.

use anyhow::Result;
use habeas_queue::{DeadLetter, Queue};
use habeas_test_support::{shared::amqp_vhost, wait};
use lapin::{BasicProperties, Connection, ConnectionProperties, options::BasicPublishOptions};

use crate::support::*;

async fn publish_raw(url: &str, to: &str, body: &[u8]) -> Result<()> {
    let connection = Connection::connect(url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    let (options, bare) = (BasicPublishOptions::default(), BasicProperties::default());
    channel.basic_publish("".into(), to.into(), options, body, bare).await?.await?;
    connection.close(200, "done".into()).await?;
    Ok(())
}

/// While a group is being stored, nobody waits for deliveries. What is too large must not pile up meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn oversized_messages_are_given_up_while_nobody_waits() -> Result<()> {
    let vhost = amqp_vhost().await?;
    let (queue, work) = (rabbit(&vhost.url)?, name("work"));
    queue.declare(std::slice::from_ref(&work)).await?;
    publish_raw(&vhost.url, work.as_str(), b"first").await?;
    let mut consumer = queue.consume(&work, 100).await?;
    let busy_with = one(&mut *consumer).await?;
    for _ in 0..4 {
        publish_raw(&vhost.url, work.as_str(), &vec![b'x'; 2 * 1024 * 1024]).await?;
    }
    publish_raw(&vhost.url, work.as_str(), b"second").await?;
    wait::until("all of them among the dead letters", IN_TIME, || async {
        queue.dead_letters(&work, 10).await.is_ok_and(|letters| letters.len() == 4)
    })
    .await?;
    busy_with.ack().await?;
    let next = one(&mut *consumer).await?;
    assert_eq!(&next.message.body[..], b"second", "what is not too large has waited");
    next.ack().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_oversized_message_goes_to_the_dead_letters_and_the_next_is_delivered() -> Result<()> {
    let vhost = amqp_vhost().await?;
    let (queue, work) = (rabbit(&vhost.url)?, name("work"));
    queue.declare(std::slice::from_ref(&work)).await?;
    let large = vec![b'x'; 3 * 1024 * 1024];
    publish_raw(&vhost.url, work.as_str(), &large).await?;
    publish_raw(&vhost.url, work.as_str(), b"small").await?;

    let mut consumer = queue.consume(&work, 10).await?;
    let delivery = one(&mut *consumer).await?;
    assert_eq!(&delivery.message.body[..], b"small");
    assert_eq!(delivery.message.id, "", "a message without an id is delivered as such");
    delivery.ack().await?;

    let reason = format!("{} bytes; at most {} are read", large.len(), 1024 * 1024);
    let expected = DeadLetter { id: String::new(), reason, bytes: large.len() };
    wait::until("the dead letter", IN_TIME, || async {
        queue.dead_letters(&work, 10).await.is_ok_and(|letters| letters == [expected.clone()])
    })
    .await
}
