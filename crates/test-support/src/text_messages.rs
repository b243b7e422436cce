//! A gateway for text messages that takes down what it is given and sends nothing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use axum::{Json, Router, extract::State, routing::post};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

type Messages = Arc<Mutex<Vec<Value>>>;

/// The gateway. Ends when dropped.
#[derive(Debug)]
pub struct TextMessages {
    url: String,
    messages: Messages,
    server: JoinHandle<()>,
}

impl TextMessages {
    /// Listens on a free loopback port.
    pub async fn start() -> Result<Self> {
        let messages = Messages::default();
        let routes = Router::new().route("/messages", post(take)).with_state(Arc::clone(&messages));
        let listener = TcpListener::bind("127.0.0.1:0").await.context("no port for the gateway")?;
        let url = format!("http://{}/messages", listener.local_addr()?);
        let server = tokio::spawn(async move {
            let _ended = axum::serve(listener, routes).await;
        });
        Ok(Self { url, messages, server })
    }

    /// Where messages are posted.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What was posted so far, oldest first.
    pub fn all(&self) -> Vec<Value> {
        locked(&self.messages).clone()
    }

    /// The texts that went to a number, oldest first.
    pub fn to(&self, number: &str) -> Vec<String> {
        let text = |message: &Value| message["text"].as_str().unwrap_or_default().to_owned();
        locked(&self.messages).iter().filter(|message| message["to"] == number).map(text).collect()
    }
}

impl Drop for TextMessages {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn take(State(messages): State<Messages>, Json(message): Json<Value>) {
    locked(&messages).push(message);
}

fn locked(messages: &Mutex<Vec<Value>>) -> MutexGuard<'_, Vec<Value>> {
    messages.lock().unwrap_or_else(PoisonError::into_inner)
}
