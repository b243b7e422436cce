//! The metrics contract: names, labels, and that foreign queue names never become labels.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Result;
use habeas_queue::{EmbeddedQueue, Message, Queue, QueueName};
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};

/// Writes down which counters were touched.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<BTreeSet<String>>>);

impl Recorder for Seen {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        let line = format!("{}{{{}}}", key.name(), labels.join(","));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(line);
        Counter::noop()
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[tokio::test]
async fn what_happens_is_counted() -> Result<()> {
    let seen = Seen::default();
    // Current-thread runtime: everything below runs under this recorder.
    let guard = metrics::set_default_local_recorder(&seen);
    let (queue, work) = (EmbeddedQueue::default(), QueueName::new("habeas.work")?);
    queue.declare(std::slice::from_ref(&work)).await?;
    let foreign = QueueName::new("ann@example.com")?;
    queue.publish(vec![(work.clone(), Message::new("1", "")), (foreign, Message::new("2", ""))]).await;
    let mut consumer = queue.consume(&work, 1).await?;
    for _ in 0..2 {
        let mut group = consumer.next_group(1, std::time::Duration::ZERO).await.into_iter().flatten();
        let delivery = group.next().expect("a delivery");
        if delivery.redelivered {
            delivery.dead_letter("malformed").await?;
        } else {
            delivery.requeue().await?;
        }
    }
    drop(guard);

    let seen: Vec<_> = seen.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect();
    insta::assert_debug_snapshot!(seen, @r#"
    [
        "habeas_queue_delivered_total{queue=habeas.work,redelivered=false}",
        "habeas_queue_delivered_total{queue=habeas.work,redelivered=true}",
        "habeas_queue_published_total{queue=foreign,outcome=unroutable}",
        "habeas_queue_published_total{queue=habeas.work,outcome=confirmed}",
        "habeas_queue_settled_total{queue=habeas.work,outcome=dead_letter}",
        "habeas_queue_settled_total{queue=habeas.work,outcome=requeue}",
    ]
    "#);
    Ok(())
}
