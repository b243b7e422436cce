//! What only the administrator of a broker can do to it.

use std::time::Duration;

use anyhow::Result;
use habeas_queue::{Message, PublishError, Queue, QueueError, RabbitQueue, definitions};
use habeas_test_support::{RabbitMq, wait};
use tokio::time::timeout;

use crate::support::*;

/// One broker for three questions, because a broker takes ten seconds to start.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn definitions_alarms_and_consumer_timeouts() -> Result<()> {
    let broker = RabbitMq::start().await?;
    declaring_agrees_with_the_shipped_definitions(&broker).await?;
    an_alarm_stops_publishing_but_not_acknowledging(&broker).await?;
    a_consumer_that_the_broker_timed_out_comes_back(&broker).await
}

async fn declaring_agrees_with_the_shipped_definitions(broker: &RabbitMq) -> Result<()> {
    let shipped = name("shipped");
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("definitions.json");
    std::fs::write(&file, definitions(std::slice::from_ref(&shipped)).to_string())?;
    broker.rabbitmqctl(&["import_definitions", file.to_str().unwrap()])?;

    let queue = rabbit(&broker.amqp_url())?;
    assert_eq!(queue.depth(&shipped).await?, 0, "the import made the queue");
    // Other arguments than the imported ones would be refused.
    queue.declare(std::slice::from_ref(&shipped)).await?;
    assert!(queue.dead_letters(&shipped, 1).await?.is_empty());
    Ok(())
}

async fn an_alarm_stops_publishing_but_not_acknowledging(broker: &RabbitMq) -> Result<()> {
    // The one publish that meets the alarm on its way is to be over soon.
    let mut options = quick(&broker.amqp_url())?;
    options.publish_timeout = Duration::from_secs(3);
    let (queue, work) = (RabbitQueue::new(options), name("alarmed"));
    queue.declare(std::slice::from_ref(&work)).await?;
    insist(&queue, &work, "before").await?;
    let mut consumer = queue.consume(&work, 10).await?;
    let held = one(&mut *consumer).await?;

    broker.rabbitmqctl(&["set_vm_memory_high_watermark", "0.000001"])?;
    let publish = || queue.publish(vec![(work.clone(), Message::new("during", ""))]);
    wait::until("publishing to fail at once", IN_TIME, || async {
        matches!(publish().await.remove(0), Err(PublishError::Unavailable { .. }))
            && matches!(queue.ping().await, Err(QueueError::Blocked))
    })
    .await?;
    timeout(Duration::from_secs(15), held.ack()).await??;
    wait::until("the acknowledgement to arrive", IN_TIME, || async {
        let listed = broker.rabbitmqctl(&["list_queues", "--quiet", "name", "messages_unacknowledged"]);
        listed.is_ok_and(|listed| listed.lines().any(|line| line.trim() == "alarmed\t0"))
    })
    .await?;

    broker.rabbitmqctl(&["set_vm_memory_high_watermark", "0.9"])?;
    insist(&queue, &work, "after").await?;
    ack_until(&mut *consumer, "after").await
}

async fn a_consumer_that_the_broker_timed_out_comes_back(broker: &RabbitMq) -> Result<()> {
    broker.rabbitmqctl(&["eval", "application:set_env(rabbit, consumer_timeout, 1000)."])?;
    broker.rabbitmqctl(&["eval", "application:set_env(rabbit, channel_tick_interval, 500)."])?;
    let (queue, work) = (rabbit(&broker.amqp_url())?, name("slow"));
    let mut consumer = queue.consume(&work, 10).await?;
    let (held, sent) = tokio::join!(one(&mut *consumer), insist(&*queue, &work, "slow"));
    sent?;
    let held = held?;

    // The broker closes the channel under the delivery that nobody settles; the message comes again.
    let again = one(&mut *consumer).await?;
    assert!(again.redelivered);
    assert!(held.ack().await.is_err());
    again.ack().await?;
    insist(&*queue, &work, "after").await?;
    ack_until(&mut *consumer, "after").await
}
