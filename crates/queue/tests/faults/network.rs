//! The network between us and the broker.

use std::time::Duration;

use anyhow::Result;
use habeas_queue::{Message, PublishError, Queue, RabbitQueue};
use habeas_test_support::{
    ProxyMode, TcpProxy,
    shared::{amqp_vhost, rabbitmq},
    wait,
};
use tokio::time::Instant;

use crate::support::*;

/// The threads of the client library in this process.
fn client_threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|name| name.starts_with("lapin-io-loop")).count()
}

/// A half-open network: nothing is cut and nothing arrives. The heartbeat is off, so only the probe can notice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_died_in_silence_is_found_and_rebuilt() -> Result<()> {
    let vhost = amqp_vhost().await?;
    let target = rabbitmq().await?.amqp_base().rsplit('@').next().unwrap().to_owned();
    let proxy = TcpProxy::start(target).await?;
    let url = format!("amqp://guest:guest@{}/{}?heartbeat=0", proxy.address(), vhost.name);
    // What is silent is to be found soon.
    let mut options = quick(&url)?;
    options.call_timeout = Duration::from_secs(2);
    options.connect_timeout = Duration::from_secs(2);
    options.publish_timeout = Duration::from_secs(3);
    let (queue, work) = (RabbitQueue::new(options), name("work"));
    wait::ok("the queue to be made", IN_TIME, || async {
        Ok(queue.declare(std::slice::from_ref(&work)).await?)
    })
    .await?;
    let mut consumer = queue.consume(&work, 10).await?;
    insist(&queue, &work, "before").await?;
    ack_until(&mut *consumer, "before").await?;

    let (connections, before) = (proxy.accepted(), client_threads());
    proxy.set_mode(ProxyMode::BlackHole);
    let publish = queue.publish(vec![(work.clone(), Message::new("lost", ""))]);
    let started = Instant::now();
    let unconfirmed = publish.await.remove(0);
    assert!(matches!(unconfirmed, Err(PublishError::TimedOut)), "{unconfirmed:?}");
    assert!(started.elapsed() < Duration::from_secs(20), "a publish has a limit");
    let next = tokio::spawn(async move { ack_until(&mut *consumer, "after").await });
    wait::until("a new connection", IN_TIME, || async { proxy.accepted() > connections }).await?;

    proxy.set_mode(ProxyMode::Pass);
    insist(&queue, &work, "after").await?;
    next.await??;
    wait::until("old threads to end", IN_TIME, || async { client_threads() <= before }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn resets_are_survived() -> Result<()> {
    let vhost = amqp_vhost().await?;
    let target = rabbitmq().await?.amqp_base().rsplit('@').next().unwrap().to_owned();
    let proxy = TcpProxy::start(target).await?;
    let url = format!("amqp://guest:guest@{}/{}", proxy.address(), vhost.name);
    let (queue, work) = (RabbitQueue::new(quick(&url)?), name("work"));
    queue.declare(std::slice::from_ref(&work)).await?;
    let mut consumer = queue.consume(&work, 10).await?;
    for round in 0..5 {
        insist(&queue, &work, &format!("before {round}")).await?;
        proxy.set_mode(ProxyMode::Reset);
        assert!(queue.ping().await.is_err(), "it is away");
        proxy.set_mode(ProxyMode::Pass);
        let id = format!("after {round}");
        let (received, sent) = tokio::join!(ack_until(&mut *consumer, &id), insist(&queue, &work, &id));
        sent?;
        received?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_is_away_from_the_start_is_waited_for() -> Result<()> {
    let vhost = amqp_vhost().await?;
    let target = rabbitmq().await?.amqp_base().rsplit('@').next().unwrap().to_owned();
    let proxy = TcpProxy::start(target).await?;
    proxy.set_mode(ProxyMode::Reset);
    let url = format!("amqp://guest:guest@{}/{}", proxy.address(), vhost.name);
    let (queue, work) = (RabbitQueue::new(quick(&url)?), name("work"));
    assert!(queue.ping().await.is_err_and(|error| error.is_retryable()));
    let mut consumer = queue.consume(&work, 10).await?;
    let waiting = tokio::spawn(async move { ack_until(&mut *consumer, "at last").await });
    proxy.set_mode(ProxyMode::Pass);
    insist(&queue, &work, "at last").await?;
    waiting.await?
}
