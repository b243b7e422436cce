//! What closing does.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use habeas_queue::{AckError, PublishError, Queue};
use tokio::time::timeout;

use crate::support::*;

pub(crate) async fn closing_ends_consumers_and_makes_their_deliveries_stale(
    queue: Arc<dyn Queue>,
) -> Result<()> {
    let work = declared(&*queue, "work").await?;
    fill(&*queue, &work, 1).await?;
    let mut consumer = queue.consume(&work, 10).await?;
    let held = one(&mut *consumer).await?;

    let (ended, ()) = tokio::join!(timeout(SOON, consumer.next_group(10, Duration::ZERO)), queue.close());
    assert!(ended?.is_none(), "a waiting consumer ends");
    assert!(consumer.next_group(10, Duration::ZERO).await.is_none(), "and stays so");
    let answer = held.ack().await;
    assert!(matches!(answer, Err(AckError::Stale)), "{answer:?}");
    let refused = queue.publish(numbered(&work, 1, 1)).await.remove(0);
    assert!(matches!(refused, Err(PublishError::Unavailable { .. })), "{refused:?}");
    assert!(queue.ping().await.is_err());
    assert!(queue.consume(&work, 10).await.is_err());
    Ok(())
}
