//! What consuming promises.

use std::{collections::BTreeSet, sync::Arc};

use anyhow::Result;
use habeas_queue::{AckError, Queue};

use crate::support::*;

pub(crate) async fn one_consumer_receives_in_order(queue: Arc<dyn Queue>) -> Result<()> {
    let work = declared(&*queue, "work").await?;
    fill(&*queue, &work, 50).await?;
    let mut consumer = queue.consume(&work, 7).await?;
    for n in 0..50 {
        let delivery = one(&mut *consumer).await?;
        assert_eq!(delivery.message.id, n.to_string());
        delivery.ack().await?;
    }
    Ok(())
}

pub(crate) async fn the_prefetch_limit_holds(queue: Arc<dyn Queue>) -> Result<()> {
    let work = declared(&*queue, "work").await?;
    fill(&*queue, &work, 10).await?;
    let mut consumer = queue.consume(&work, 3).await?;
    let mut held = exactly(&mut *consumer, 3).await?;
    assert!(nothing(&mut *consumer).await, "a fourth came although three are unsettled");
    assert_eq!(queue.depth(&work).await?, 7, "what is not handed out waits in the queue");

    held.remove(0).ack().await?;
    held.extend(exactly(&mut *consumer, 1).await?);
    assert!(nothing(&mut *consumer).await, "one settlement makes room for one");
    assert_eq!(ids(&held), ["1", "2", "3"]);
    Ok(())
}

pub(crate) async fn a_requeued_message_comes_again_and_says_so(queue: Arc<dyn Queue>) -> Result<()> {
    let work = declared(&*queue, "work").await?;
    fill(&*queue, &work, 1).await?;
    let mut consumer = queue.consume(&work, 10).await?;
    for attempt in 1..=3 {
        let delivery = one(&mut *consumer).await?;
        assert_eq!((delivery.attempts, delivery.redelivered), (attempt, attempt > 1));
        delivery.requeue().await?;
    }
    one(&mut *consumer).await?.ack().await?;
    Ok(())
}

pub(crate) async fn a_dropped_delivery_comes_again(queue: Arc<dyn Queue>) -> Result<()> {
    let work = declared(&*queue, "work").await?;
    fill(&*queue, &work, 1).await?;
    let mut consumer = queue.consume(&work, 10).await?;
    drop(one(&mut *consumer).await?);
    let again = one(&mut *consumer).await?;
    assert!(again.redelivered);
    again.ack().await?;
    Ok(())
}

pub(crate) async fn a_dropped_consumer_gives_its_deliveries_to_another(queue: Arc<dyn Queue>) -> Result<()> {
    let work = declared(&*queue, "work").await?;
    fill(&*queue, &work, 4).await?;
    let mut first = queue.consume(&work, 10).await?;
    let mut held = exactly(&mut *first, 4).await?;
    held.remove(0).ack().await?;
    drop(first);

    let mut second = queue.consume(&work, 10).await?;
    let again = exactly(&mut *second, 3).await?;
    assert_eq!(ids(&again), ["1", "2", "3"], "all but the acknowledged one, in their old order");
    assert!(again.iter().all(|delivery| delivery.redelivered));
    for late in held {
        let answer = late.ack().await;
        assert!(matches!(answer, Err(AckError::Stale)), "{answer:?}");
    }
    for result in habeas_queue::ack_all(again).await {
        result?;
    }
    drop(second);
    depth_becomes(&*queue, &work, 0).await
}

pub(crate) async fn two_consumers_share(queue: Arc<dyn Queue>) -> Result<()> {
    let work = declared(&*queue, "work").await?;
    let (mut first, mut second) = (queue.consume(&work, 5).await?, queue.consume(&work, 5).await?);
    fill(&*queue, &work, 10).await?;
    let (one_half, other_half) = tokio::try_join!(exactly(&mut *first, 5), exactly(&mut *second, 5))?;
    let all: BTreeSet<_> = ids(&one_half).into_iter().chain(ids(&other_half)).collect();
    assert_eq!(all.len(), 10, "each message went to one of the two");
    Ok(())
}

pub(crate) async fn consuming_declares_the_queue(queue: Arc<dyn Queue>) -> Result<()> {
    let fresh = name("fresh");
    let mut consumer = queue.consume(&fresh, 10).await?;
    let declared_and_filled = async {
        depth_becomes(&*queue, &fresh, 0).await?;
        fill(&*queue, &fresh, 1).await
    };
    let (delivery, filled) = tokio::join!(one(&mut *consumer), declared_and_filled);
    filled?;
    delivery?.ack().await?;
    Ok(())
}
