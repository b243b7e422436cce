//! A TCP proxy that makes a network fail while it runs.

mod pump;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
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
    line: watch::Sender<Line>,
    accepted: Arc<AtomicUsize>,
    listener: JoinHandle<()>,
}

/// How the network behaves, and towards which connections.
#[derive(Debug, Clone, Copy)]
struct Line {
    mode: ProxyMode,
    /// Connections with a lower number stay silent for good.
    stranded_below: usize,
}

impl TcpProxy {
    /// Starts a proxy to `target` (`host:port`), passing everything.
    pub async fn start(target: impl Into<String>) -> Result<Self> {
        let port = Port::reserve()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.number()))
            .await
            .context("binding the proxy's port")?;
        let line = watch::Sender::new(Line { mode: ProxyMode::Pass, stranded_below: 0 });
        let accepted = Arc::new(AtomicUsize::new(0));
        let carrier = Carrier { target: target.into(), number: 0, line: line.subscribe() };
        let listener = tokio::spawn(accept(listener, carrier, Arc::clone(&accepted)));
        Ok(Self { port, line, accepted, listener })
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
        self.line.send_modify(|line| line.mode = mode);
    }

    /// The connections that are open now stay open and are silent for good, as when the machine at their other end is
    /// gone or a firewall has forgotten them. New ones are carried as the mode says.
    pub fn strand(&self) {
        let accepted = self.accepted();
        self.line.send_modify(|line| line.stranded_below = accepted);
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
struct Carrier {
    target: String,
    number: usize,
    line: watch::Receiver<Line>,
}

async fn accept(listener: TcpListener, carrier: Carrier, accepted: Arc<AtomicUsize>) {
    loop {
        if let Ok((client, _peer)) = listener.accept().await {
            let _slower_without = client.set_nodelay(true);
            let number = accepted.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(Carrier { number, ..carrier.clone() }.carry(client));
        }
    }
}

impl Carrier {
    /// One connection, from its first byte to its end or its reset.
    async fn carry(mut self, mut client: TcpStream) {
        let mut reset = self.line.clone();
        let server = tokio::select! {
            _reset = reset.wait_for(|line| line.mode == ProxyMode::Reset) => None,
            server = self.connect() => server.ok(),
        };
        let Some(mut server) = server else {
            let _cut_anyway = client.set_zero_linger();
            return;
        };
        let (up, down) = (self.clone(), self);
        let pumping = async {
            let (from_client, to_client) = client.split();
            let (from_server, to_server) = server.split();
            tokio::try_join!(pump::pump(from_client, to_server, up), pump::pump(from_server, to_client, down))
        };
        let ended = tokio::select! {
            _reset = reset.wait_for(|line| line.mode == ProxyMode::Reset) => false,
            ended = pumping => ended.is_ok(),
        };
        if !ended {
            // With a linger time of zero, closing sends a reset instead of an orderly end.
            let _cut_anyway = (client.set_zero_linger(), server.set_zero_linger());
        }
    }

    async fn connect(&mut self) -> Result<TcpStream> {
        self.until_open().await?;
        let server = TcpStream::connect(&self.target).await?;
        server.set_nodelay(true)?;
        Ok(server)
    }

    /// Returns once bytes may pass, with the delay that they take.
    async fn until_open(&mut self) -> Result<Option<Duration>> {
        let number = self.number;
        let open = |line: &Line| {
            number >= line.stranded_below && matches!(line.mode, ProxyMode::Pass | ProxyMode::Latency(_))
        };
        let line = self.line.wait_for(open).await;
        match line.map_err(|_gone| anyhow!("the proxy is gone"))?.mode {
            ProxyMode::Latency(delay) => Ok(Some(delay)),
            _ => Ok(None),
        }
    }
}
