//! How deliveries are gathered into groups.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use habeas_queue::Queue;
use tokio::time::{Instant, timeout};

use crate::support::*;

/// A linger that a passing test never waits out.
const LONG: Duration = Duration::from_mins(1);

pub(crate) async fn a_group_ends_at_its_maximum(queue: Arc<dyn Queue>) -> Result<()> {
    let work = declared(&*queue, "work").await?;
    fill(&*queue, &work, 25).await?;
    let mut consumer = queue.consume(&work, 100).await?;
    for expected in [10, 10] {
        let group = timeout(SOON, consumer.next_group(10, LONG)).await?.unwrap();
        assert_eq!(group.len(), expected, "a full group does not linger");
        for result in habeas_queue::ack_all(group).await {
            result?;
        }
    }
    let rest = consumer.next_group(10, A_WHILE).await.unwrap();
    assert_eq!(rest.len(), 5);
    Ok(())
}

pub(crate) async fn a_group_ends_when_the_linger_is_over(queue: Arc<dyn Queue>) -> Result<()> {
    let work = declared(&*queue, "work").await?;
    fill(&*queue, &work, 2).await?;
    let mut consumer = queue.consume(&work, 100).await?;
    let started = Instant::now();
    let group = timeout(SOON, consumer.next_group(10, A_WHILE)).await?.unwrap();
    assert_eq!(group.len(), 2);
    assert!(started.elapsed() >= A_WHILE, "it waited for more");
    Ok(())
}

pub(crate) async fn a_group_waits_for_its_first_message(queue: Arc<dyn Queue>) -> Result<()> {
    let work = declared(&*queue, "work").await?;
    let mut consumer = queue.consume(&work, 100).await?;
    assert!(nothing(&mut *consumer).await);
    let (group, published) = tokio::join!(group(&mut *consumer, 10), fill(&*queue, &work, 1));
    published?;
    assert_eq!(ids(&group?), ["0"]);
    Ok(())
}

pub(crate) async fn a_dropped_wait_loses_nothing(queue: Arc<dyn Queue>) -> Result<()> {
    let work = declared(&*queue, "work").await?;
    fill(&*queue, &work, 3).await?;
    let mut consumer = queue.consume(&work, 100).await?;
    let dropped = timeout(A_WHILE, consumer.next_group(10, LONG)).await;
    assert!(dropped.is_err(), "three of ten are no full group");
    let group = exactly(&mut *consumer, 3).await?;
    assert_eq!(ids(&group), ["0", "1", "2"]);
    assert!(group.iter().all(|delivery| delivery.attempts == 1), "they were kept, not given back");
    Ok(())
}
