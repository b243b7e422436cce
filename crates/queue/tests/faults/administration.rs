//! What only the administrator of a broker can do to it.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::Result;
use habeas_queue::{
    AckError, Message, PublishError, Queue, QueueError, QueueName, RabbitOptions, RabbitQueue, definitions,
};
use habeas_test_support::{RabbitMq, wait};
use tokio::{task::JoinHandle, time::timeout};

use crate::support::*;

/// One broker for three questions, because a broker takes ten seconds to start.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn definitions_alarms_and_consumer_timeouts() -> Result<()> {
    let broker = RabbitMq::start().await?;
    declaring_agrees_with_the_shipped_definitions(&broker).await?;
    an_alarm_stops_publishing_but_not_acknowledging(&broker, &MEMORY).await?;
    an_alarm_stops_publishing_but_not_acknowledging(&broker, &DISK).await?;
    a_queue_closes_under_an_alarm(&broker).await?;
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

/// An alarm of the broker, and whether it outlasts the publish that meets it on its way.
struct Alarm {
    queue: &'static str,
    raise: [&'static str; 2],
    lift: [&'static str; 2],
    lasts: bool,
}

const MEMORY: Alarm = Alarm {
    queue: "short-of-memory",
    raise: ["set_vm_memory_high_watermark", "0.000001"],
    lift: ["set_vm_memory_high_watermark", "0.9"],
    lasts: true,
};

const DISK: Alarm = Alarm {
    queue: "short-of-disk",
    raise: ["set_disk_free_limit", "1000000GB"],
    lift: ["set_disk_free_limit", "1MB"],
    lasts: false,
};

/// All limits are those of production.
///
/// The publish that meets the alarm waits in the socket: whether its limit passes before the alarm is over or not, the broker
/// reads it afterwards, so that the consumer gets it although it was reported as not confirmed. Whoever counts what is
/// unacknowledged then counts it too.
async fn an_alarm_stops_publishing_but_not_acknowledging(broker: &RabbitMq, alarm: &Alarm) -> Result<()> {
    let queue = Arc::new(RabbitQueue::new(RabbitOptions::new(&broker.amqp_url())?));
    let work = name(alarm.queue);
    queue.declare(std::slice::from_ref(&work)).await?;
    for id in ["first", "second"] {
        insist(&*queue, &work, id).await?;
    }
    // One at a time: the next one comes when the broker has read the acknowledgement of the one before.
    let mut consumer = queue.consume(&work, 1).await?;
    let first = one(&mut *consumer).await?;

    let met = meet(broker, &queue, &work, alarm).await?;
    first.ack().await?;
    let second = one(&mut *consumer).await?;
    assert_eq!(second.message.id, "second");
    let buried = second.dead_letter("not now").await;
    assert!(matches!(buried, Err(AckError::DeadLetter { .. })), "{buried:?}");
    let again = one(&mut *consumer).await?;
    assert_eq!((again.message.id.as_str(), again.redelivered), ("second", true), "and it is not lost");
    again.ack().await?;
    if alarm.lasts {
        wait::until("the publish to give up", IN_TIME, || async { met.is_finished() }).await?;
    }
    let during = queue.publish(vec![(work.clone(), Message::new("during", "x"))]).await.remove(0);
    assert!(
        matches!(during, Err(PublishError::Unavailable { .. })),
        "the next one fails at once: {during:?}"
    );

    broker.rabbitmqctl(&alarm.lift)?;
    insist(&*queue, &work, "after").await?;
    let (met, confirmed) = met.await?;
    assert!(!alarm.lasts || matches!(confirmed, Err(PublishError::TimedOut)), "{confirmed:?}");
    let mut missing = HashSet::from([met, "after".to_owned()]);
    while !missing.is_empty() {
        let delivery = one(&mut *consumer).await?;
        missing.remove(&delivery.message.id);
        delivery.ack().await?;
    }
    Ok(())
}

/// Publishes until the alarm is there, which is some time after it was raised. What comes back is the publish that met it,
/// under way: its id and what becomes of it.
async fn meet(
    broker: &RabbitMq,
    queue: &Arc<RabbitQueue>,
    work: &QueueName,
    alarm: &Alarm,
) -> Result<JoinHandle<(String, Result<(), PublishError>)>> {
    broker.rabbitmqctl(&alarm.raise)?;
    let (told, (queue, work)) = (Arc::new(AtomicBool::new(false)), (Arc::clone(queue), work.clone()));
    let publishing = tokio::spawn({
        let (told, queue) = (Arc::clone(&told), Arc::clone(&queue));
        async move {
            for number in 0_u32.. {
                let id = format!("met-{number}");
                let result = queue.publish(vec![(work.clone(), Message::new(&*id, "x"))]).await.remove(0);
                if result.is_err() || told.load(Ordering::SeqCst) {
                    return (id, result);
                }
            }
            unreachable!("there are more numbers than publishes")
        }
    });
    wait::until("the broker to tell of its alarm", IN_TIME, || async {
        matches!(queue.ping().await, Err(QueueError::Blocked))
    })
    .await?;
    told.store(true, Ordering::SeqCst);
    Ok(publishing)
}

/// A process that is asked to end does not wait for the end of an alarm.
async fn a_queue_closes_under_an_alarm(broker: &RabbitMq) -> Result<()> {
    let mut options = quick(&broker.amqp_url())?;
    (options.publish_timeout, options.call_timeout) = (IN_TIME, IN_TIME);
    let (queue, work) = (Arc::new(RabbitQueue::new(options)), name("closing"));
    queue.declare(std::slice::from_ref(&work)).await?;
    insist(&*queue, &work, "before").await?;
    let met = meet(broker, &queue, &work, &DISK).await?;
    let closed = timeout(IN_TIME / 2, queue.close()).await;
    broker.rabbitmqctl(&DISK.lift)?;
    met.abort();
    Ok(closed?)
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
