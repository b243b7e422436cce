//! Listening to everything that is published on a virtual host, by the broker's own tracing.

use anyhow::{Context as _, Result};
use habeas_test_support::shared::TestVhost;
use reqwest::Method;
use serde_json::{Value, json};

/// Has the broker copy every published message into a queue of the spy's.
pub async fn listen(vhost: &TestVhost) -> Result<()> {
    let (access, name) = (vhost.access(), &vhost.name);
    access.call(Method::PUT, &format!("vhosts/{name}"), Some(json!({ "tracing": true }))).await?;
    access.call(Method::PUT, &format!("queues/{name}/spy"), Some(json!({ "durable": true }))).await?;
    let published = json!({ "routing_key": "publish.#" });
    let binding = format!("bindings/{name}/e/amq.rabbitmq.trace/q/spy");
    access.call(Method::POST, &binding, Some(published)).await.map(drop)
}

/// Every message that was published since, as its queue and its body.
pub async fn heard(vhost: &TestVhost) -> Result<Vec<(String, String)>> {
    let all = json!({ "count": 100_000, "ackmode": "ack_requeue_false", "encoding": "auto" });
    let answer =
        vhost.access().call(Method::POST, &format!("queues/{}/spy/get", vhost.name), Some(all)).await?;
    let messages = answer.as_array().context("no list of messages")?;
    Ok(messages.iter().map(read).collect())
}

fn read(message: &Value) -> (String, String) {
    let queue = message["properties"]["headers"]["routing_keys"][0].as_str().unwrap_or_default();
    (queue.to_owned(), message["payload"].as_str().unwrap_or_default().to_owned())
}
