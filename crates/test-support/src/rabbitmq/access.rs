//! Reaching a RabbitMQ, be it this test's own or the shared one.

use anyhow::{Context as _, Result, bail};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::http;

/// Where a RabbitMQ is, with the right to administer it over its management plugin.
#[derive(Debug, Clone)]
pub struct RabbitMqAccess {
    amqp_base: String,
    management: String,
    client: reqwest::Client,
}

impl RabbitMqAccess {
    /// `amqp_base` is `amqp://user:password@host:port` without a virtual host, `management` is `http://host:port`.
    pub fn new(amqp_base: &str, management: &str) -> Result<Self> {
        let client = http::client()?;
        let trimmed = |url: &str| url.trim_end_matches('/').to_owned();
        Ok(Self { amqp_base: trimmed(amqp_base), management: trimmed(management), client })
    }

    /// The AMQP URL without a virtual host.
    pub fn amqp_base(&self) -> &str {
        &self.amqp_base
    }

    /// The URL of the management plugin.
    pub fn management(&self) -> &str {
        &self.management
    }

    /// The AMQP URL of a virtual host (percent-encoded: the default one is `%2f`).
    pub fn url(&self, vhost: &str) -> String {
        format!("{}/{vhost}", self.amqp_base)
    }

    /// Creates an empty virtual host and returns its URL.
    pub async fn create_vhost(&self, name: &str) -> Result<String> {
        self.call(Method::PUT, &format!("vhosts/{name}"), Some(json!({}))).await?;
        let everything = json!({"configure": ".*", "write": ".*", "read": ".*"});
        self.call(Method::PUT, &format!("permissions/{name}/guest"), Some(everything)).await?;
        Ok(self.url(name))
    }

    /// Deletes a virtual host with all that is in it.
    pub async fn delete_vhost(&self, name: &str) -> Result<()> {
        self.call(Method::DELETE, &format!("vhosts/{name}"), None).await.map(|_answer| ())
    }

    /// Reads from the management API, for example `queues/<vhost>/<queue>`; `null` when there is no such thing.
    pub async fn get(&self, path: &str) -> Result<Value> {
        self.call(Method::GET, path, None).await
    }

    /// Cuts all client connections to a virtual host, from the broker's side.
    pub async fn close_connections(&self, vhost: &str) -> Result<usize> {
        let list = self.get(&format!("vhosts/{vhost}/connections")).await?;
        let names: Vec<&str> =
            list.as_array().into_iter().flatten().filter_map(|entry| entry.get("name")?.as_str()).collect();
        for name in &names {
            let name = name.replace('%', "%25").replace(' ', "%20").replace('>', "%3E").replace('/', "%2F");
            self.call(Method::DELETE, &format!("connections/{name}"), None).await?;
        }
        Ok(names.len())
    }

    /// Fails unless the management API answers.
    pub async fn ping(&self) -> Result<()> {
        self.get("overview").await.map(|_answer| ())
    }

    /// Calls the management API. A body must be sent where one is given, and 404 is an answer: `null`.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let url = format!("{}/api/{path}", self.management);
        let mut request = self.client.request(method.clone(), &url).basic_auth("guest", Some("guest"));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.with_context(|| format!("{method} {url}"))?;
        let status = answer.status();
        let text = answer.text().await.with_context(|| format!("{method} {url}"))?;
        if status == StatusCode::NOT_FOUND {
            return Ok(Value::Null);
        }
        if !status.is_success() {
            bail!("{method} {url} answered {status}: {text}");
        }
        if text.is_empty() {
            Ok(Value::Null)
        } else {
            serde_json::from_str(&text).context("reading the answer")
        }
    }
}
