//! A TCP proxy that makes a network fail while it runs.

mod pump;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::ports::Port;

/// How the network between client and server behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyMode {
    /// Bytes pass.
    Pass,
    /// Open and new connections are cut with a TCP reset.
    Reset,
    /// Connections stay open, and new ones are taken, but no byte passes in either direction: half-open.
    BlackHole,
    /// Bytes pass, each piece this much later, in both directions.
    Latency(Duration),
}

/// A proxy on a free loopback port. Dropping it resets all its connections.
#[derive(Debug)]
pub struct TcpProxy {
    port: Port,
    mode: watch::Sender<ProxyMode>,
    accepted: Arc<AtomicUsize>,
    listener: JoinHandle<()>,
}

impl TcpProxy {
    /// Starts a proxy to `target` (`host:port`), passing everything.
    pub async fn start(target: impl Into<String>) -> Result<Self> {
        let port = Port::reserve()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.number()))
            .await
            .context("binding the proxy's port")?;
        let mode = watch::Sender::new(ProxyMode::Pass);
        let accepted = Arc::new(AtomicUsize::new(0));
        let link = Link { target: target.into(), mode: mode.subscribe() };
        let listener = tokio::spawn(accept(listener, link, Arc::clone(&accepted)));
        Ok(Self { port, mode, accepted, listener })
    }

    /// The port to connect to instead of the target's.
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// `127.0.0.1:<port>`.
    pub fn address(&self) -> String {
        self.port.address()
    }

    /// Changes the behaviour, for open connections too.
    pub fn set_mode(&self, mode: ProxyMode) {
        self.mode.send_replace(mode);
    }

    /// How many connections were taken so far.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }
}

impl Drop for TcpProxy {
    fn drop(&mut self) {
        self.set_mode(ProxyMode::Reset);
        self.listener.abort();
    }
}

#[derive(Clone)]
struct Link {
    target: String,
    mode: watch::Receiver<ProxyMode>,
}

async fn accept(listener: TcpListener, link: Link, accepted: Arc<AtomicUsize>) {
    loop {
        if let Ok((client, _peer)) = listener.accept().await {
            let _slower_without = client.set_nodelay(true);
            accepted.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(link.clone().carry(client));
        }
    }
}

impl Link {
    /// One connection, from its first byte to its end or its reset.
    async fn carry(mut self, mut client: TcpStream) {
        let mut reset = self.mode.clone();
        let server = tokio::select! {
            _reset = reset.wait_for(|mode| *mode == ProxyMode::Reset) => None,
            server = self.connect() => server.ok(),
        };
        let Some(mut server) = server else {
            let _cut_anyway = client.set_zero_linger();
            return;
        };
        let (up, down) = (self.mode.clone(), self.mode);
        let pumping = async {
            let (from_client, to_client) = client.split();
            let (from_server, to_server) = server.split();
            tokio::try_join!(pump::pump(from_client, to_server, up), pump::pump(from_server, to_client, down))
        };
        let ended = tokio::select! {
            _reset = reset.wait_for(|mode| *mode == ProxyMode::Reset) => false,
            ended = pumping => ended.is_ok(),
        };
        if !ended {
            // With a linger time of zero, closing sends a reset instead of an orderly end.
            let _cut_anyway = (client.set_zero_linger(), server.set_zero_linger());
        }
    }

    async fn connect(&mut self) -> Result<TcpStream> {
        pump::until_open(&mut self.mode).await?;
        let server = TcpStream::connect(&self.target).await?;
        server.set_nodelay(true)?;
        Ok(server)
    }
}
