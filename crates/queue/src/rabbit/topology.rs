//! Which queues there are and how they are made. What [`declare`] does and what [`definitions`] prints come from the
//! same functions, so that the shipped definitions cannot differ from the code.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use lapin::{
    Connection, Queue,
    options::QueueDeclareOptions,
    types::{AMQPValue, FieldTable, ShortString},
};
use serde_json::{Map, Value, json};

use crate::{QueueError, QueueName};

use super::{
    RabbitOptions,
    call::{call, is_forbidden, unknown},
};

/// So high that the broker never gives a message up: retries are counted in the ledger. It is set because the
/// default differs by version of RabbitMQ (none before 4.0, 20 from then on).
const DELIVERY_LIMIT: u32 = 1_000_000;

/// The queues that this process declared, to be made again when the broker lost them.
#[derive(Default)]
pub(super) struct Topology {
    declared: Mutex<BTreeSet<QueueName>>,
}

impl Topology {
    fn lock(&self) -> MutexGuard<'_, BTreeSet<QueueName>> {
        self.declared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn remember(&self, queue: &QueueName) {
        self.lock().insert(queue.clone());
    }

    pub(super) fn contains(&self, queue: &QueueName) -> bool {
        self.lock().contains(queue)
    }

    /// Whether declaring what is declared makes a queue of this name: one of ours, or where its dead letters go.
    pub(super) fn makes(&self, name: &str) -> bool {
        self.lock().iter().any(|queue| queue.as_str() == name || queue.dead_letters() == name)
    }

    pub(super) fn all(&self) -> Vec<QueueName> {
        self.lock().iter().cloned().collect()
    }
}

/// Make a queue and its dead-letter queue. A user that may make none has to find them made, as the shipped
/// definitions make them.
pub(super) async fn declare(
    connection: &Connection,
    queue: &QueueName,
    options: &RabbitOptions,
) -> Result<(), QueueError> {
    match make(connection, queue, options).await {
        Err(error) if is_forbidden(&error) => {
            look(connection, &queue.dead_letters(), options).await?;
            look(connection, queue.as_str(), options).await.map(drop)
        }
        made => made,
    }
}

/// On a channel of its own, because a refusal closes the channel.
async fn make(connection: &Connection, queue: &QueueName, options: &RabbitOptions) -> Result<(), QueueError> {
    let channel = call("open channel", options.call_timeout, connection.create_channel()).await?;
    // The dead-letter queue first: nothing may be given up before there is a place for it.
    for (name, arguments) in [dead_letter_queue(queue), work_queue(queue)] {
        let making =
            channel.queue_declare(short(&name)?, QueueDeclareOptions::durable(), field_table(&arguments));
        call("declare queue", options.call_timeout, making).await?;
    }
    call("close channel", options.call_timeout, channel.close(200, "declared".into())).await
}

/// Look at a queue, which changes nothing and needs no right to make any.
pub(super) async fn look(
    connection: &Connection,
    name: &str,
    options: &RabbitOptions,
) -> Result<Queue, QueueError> {
    let channel = call("open channel", options.call_timeout, connection.create_channel()).await?;
    let passive = QueueDeclareOptions::durable().passive();
    let looking = channel.queue_declare(short(name)?, passive, FieldTable::default());
    let found = call("look", options.call_timeout, looking).await.map_err(unknown(name))?;
    call("close channel", options.call_timeout, channel.close(200, "seen".into())).await?;
    Ok(found)
}

fn short(name: &str) -> Result<ShortString, QueueError> {
    ShortString::try_new(name).map_err(|_| QueueError::InvalidName { bytes: name.len() })
}

/// The definitions of `queues` as RabbitMQ imports them (`rabbitmqctl import_definitions`, or `load_definitions` in
/// `rabbitmq.conf`), for the virtual host `/`. Users and permissions are left to the operator.
pub fn definitions(queues: &[QueueName]) -> Value {
    let queues: Vec<Value> = queues
        .iter()
        .flat_map(|queue| [work_queue(queue), dead_letter_queue(queue)])
        .map(|(name, arguments)| {
            json!({ "name": name, "vhost": "/", "durable": true, "auto_delete": false, "arguments": arguments })
        })
        .collect();
    json!({ "vhosts": [{ "name": "/" }], "queues": queues, "exchanges": [], "bindings": [] })
}

/// What the broker itself gives up (an oversized body that was rejected) goes to the dead letters as well, and
/// `at-least-once` says that it may not be lost on the way. That strategy asks for `reject-publish`.
fn work_queue(queue: &QueueName) -> (String, Map<String, Value>) {
    let mut arguments = quorum();
    arguments.insert("x-dead-letter-exchange".into(), json!(""));
    arguments.insert("x-dead-letter-routing-key".into(), json!(queue.dead_letters()));
    arguments.insert("x-dead-letter-strategy".into(), json!("at-least-once"));
    arguments.insert("x-overflow".into(), json!("reject-publish"));
    (queue.to_string(), arguments)
}

fn dead_letter_queue(queue: &QueueName) -> (String, Map<String, Value>) {
    (queue.dead_letters(), quorum())
}

fn quorum() -> Map<String, Value> {
    let limit = ("x-delivery-limit".to_owned(), json!(DELIVERY_LIMIT));
    Map::from_iter([("x-queue-type".to_owned(), json!("quorum")), limit])
}

fn field_table(arguments: &Map<String, Value>) -> FieldTable {
    let mut table = FieldTable::default();
    for (key, value) in arguments {
        let value = match value {
            Value::String(text) => AMQPValue::LongString(text.as_str().into()),
            other => AMQPValue::LongLongInt(other.as_i64().unwrap_or_default()),
        };
        table.insert(key.as_str().into(), value);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_stable() {
        insta::assert_json_snapshot!(definitions(&[QueueName::new("habeas.intake").unwrap()]));
    }
}
