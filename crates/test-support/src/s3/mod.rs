//! An object store that speaks the S3 protocol: the calls that a client of one bucket makes, each only with a right
//! signature (Signature Version 4). It keeps the rules that a folder does not have: parts of at least 5 MiB, lists in
//! pages, an object that is there only when it is whole.

mod calls;
mod percent;
mod signature;
mod state;
mod xml;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use axum::Router;
use bytes::Bytes;
use tokio::task::JoinHandle;

use crate::names::unique;
use crate::ports::Port;
use signature::Credentials;
use state::State;

/// An object store in this process, on a free loopback port, with one empty bucket. Dropping it ends it.
#[derive(Debug)]
pub struct S3Server {
    port: Port,
    state: Arc<State>,
    listener: JoinHandle<()>,
}

impl S3Server {
    /// Starts an empty one.
    pub async fn start() -> Result<Self> {
        let port = Port::reserve()?;
        let credentials = Credentials {
            key_id: "EXAMPLEKEYID".to_owned(),
            secret: unique("secret"),
            region: "test-region-1".to_owned(),
        };
        let state = Arc::new(State::new("habeas".to_owned(), credentials));
        let socket = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port.number())).await;
        let router = Router::new().fallback(calls::answer).with_state(Arc::clone(&state));
        let serving = axum::serve(socket.context("binding the S3 port")?, router);
        let listener = tokio::spawn(async move {
            let _ended = serving.await;
        });
        Ok(Self { port, state, listener })
    }

    /// `http://127.0.0.1:<port>`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.port.address())
    }

    /// The one bucket.
    pub fn bucket(&self) -> &str {
        &self.state.bucket
    }

    /// The region that signatures must name.
    pub fn region(&self) -> &str {
        &self.state.credentials.region
    }

    /// The id of the access key.
    pub fn key_id(&self) -> &str {
        &self.state.credentials.key_id
    }

    /// The secret of the access key.
    pub fn key_secret(&self) -> &str {
        &self.state.credentials.secret
    }

    /// What lies in the bucket, by name.
    pub fn objects(&self) -> BTreeMap<String, Bytes> {
        self.state.objects()
    }

    /// How many uploads in parts are begun and neither finished nor given up.
    pub fn open_uploads(&self) -> usize {
        self.state.open_uploads()
    }

    /// The calls so far, such as `PUT part`, with how often each was made; those refused are `refused`.
    pub fn calls(&self) -> BTreeMap<&'static str, usize> {
        self.state.calls()
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.listener.abort();
    }
}
