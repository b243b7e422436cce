//! The broker is killed and started again without its data. (`tests/` kills it with its data, again and again.)

use anyhow::Result;
use habeas_queue::Queue;
use habeas_test_support::RabbitMq;

use crate::support::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wiped_broker_gets_its_queues_and_consumers_back() -> Result<()> {
    let broker = RabbitMq::start().await?;
    let queue = rabbit(&broker.amqp_url())?;
    let (work, other) = (name("work"), name("other"));
    queue.declare(&[work.clone(), other.clone()]).await?;
    let mut consumer = queue.consume(&work, 10).await?;
    insist(&*queue, &work, "before").await?;
    ack_until(&mut *consumer, "before").await?;
    insist(&*queue, &other, "wiped").await?;

    broker.wipe_and_restart().await?;

    insist(&*queue, &work, "after").await?;
    ack_until(&mut *consumer, "after").await?;
    insist(&*queue, &other, "also after").await?;
    assert_eq!(queue.depth(&other).await?, 1, "the queue is new, and nobody consumed it");
    assert!(queue.dead_letters(&other, 1).await?.is_empty(), "its dead-letter queue is there as well");
    Ok(())
}
