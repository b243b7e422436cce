//! The metrics of this crate. Labels hold names of declared queues and fixed words, nothing from a message.

use std::time::Duration;

use metrics::{counter, histogram};

use crate::{PublishError, QueueName};

/// The label for queues that were not declared here, such as reply queues: their names come from outside.
const FOREIGN: &str = "foreign";

pub(crate) fn published(queue: &QueueName, declared: bool, result: &Result<(), PublishError>) {
    let queue = if declared { queue.as_str().to_owned() } else { FOREIGN.to_owned() };
    let outcome = result.as_ref().map_or_else(PublishError::outcome, |()| "confirmed");
    counter!("habeas_queue_published_total", "queue" => queue, "outcome" => outcome).increment(1);
}

pub(crate) fn published_window(took: Duration) {
    histogram!("habeas_queue_publish_seconds").record(took.as_secs_f64());
}

pub(crate) fn delivered(queue: &QueueName, redelivered: bool) {
    let redelivered = if redelivered { "true" } else { "false" };
    counter!("habeas_queue_delivered_total", "queue" => queue.as_str().to_owned(), "redelivered" => redelivered)
        .increment(1);
}

pub(crate) fn settled(queue: &QueueName, outcome: &'static str) {
    counter!("habeas_queue_settled_total", "queue" => queue.as_str().to_owned(), "outcome" => outcome)
        .increment(1);
}

pub(crate) fn oversized(queue: &QueueName) {
    counter!("habeas_queue_oversized_total", "queue" => queue.as_str().to_owned()).increment(1);
}

pub(crate) fn reconnected(link: &'static str) {
    counter!("habeas_queue_reconnects_total", "link" => link).increment(1);
}

pub(crate) fn consumer_lost(queue: &QueueName, cause: &'static str) {
    counter!("habeas_queue_consumer_losses_total", "queue" => queue.as_str().to_owned(), "cause" => cause)
        .increment(1);
}
