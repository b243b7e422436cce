//! The queue.

use std::{sync::Arc, time::Duration};

use habeas_config::{Config, QueueKind};
use habeas_domain::StoreName;
use habeas_messages::queues;
use habeas_queue::{EmbeddedOptions, EmbeddedQueue, Queue, QueueName, RabbitOptions, RabbitQueue};

use crate::failure::{Exit, Failure};

/// The queue that the configuration names. RabbitMQ may be away: it is connected to when it is first used.
pub(crate) fn open_queue(config: &Config) -> Result<Arc<dyn Queue>, Failure> {
    Ok(match config.queue.kind {
        QueueKind::Embedded => Arc::new(EmbeddedQueue::new(EmbeddedOptions::default())),
        QueueKind::RabbitMq => Arc::new(RabbitQueue::new(rabbit_options(config)?)),
    })
}

fn rabbit_options(config: &Config) -> Result<RabbitOptions, Failure> {
    let section = &config.queue;
    let url = section.url.as_ref().map(habeas_config::Secret::expose).unwrap_or_default();
    let mut options = RabbitOptions::new(url)
        .map_err(|error| Failure::of(Exit::Config, "queue", &error).fix("correct queue.url"))?;
    options.publish_timeout = Duration::from_secs(section.publish_timeout_seconds.get().into());
    options.call_timeout = Duration::from_secs(section.call_timeout_seconds.get().into());
    if let Some(file) = &section.ca_file {
        options.ca_certificates = Some(std::fs::read_to_string(file).map_err(|error| {
            Failure::new(
                Exit::Config,
                "queue",
                format!("cannot read queue.ca_file {}: {error}", file.display()),
            )
        })?);
    }
    Ok(options)
}

/// The names of all queues of a deployment with these stores.
pub(crate) fn all_queues<'a>(stores: impl IntoIterator<Item = &'a StoreName>) -> Vec<String> {
    queues::all(stores)
}

/// The same as queue names.
pub(crate) fn queue_names<'a>(
    stores: impl IntoIterator<Item = &'a StoreName>,
) -> Result<Vec<QueueName>, Failure> {
    Ok(all_queues(stores).into_iter().map(QueueName::new).collect::<Result<_, _>>()?)
}
