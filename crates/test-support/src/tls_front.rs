//! TLS in front of a plain SMTP server, and somebody in the middle who takes it away.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::authority::{Authority, Certificate};
use crate::ports::Port;

/// How a client gets to the server behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// In the open until STARTTLS (RFC 3207).
    StartTls,
    /// Somebody in the middle has taken the offer of STARTTLS away; the server would take everything in the open.
    Stripped,
    /// Somebody in the middle adds a reply of their own behind the one to STARTTLS, still in the open.
    Injected,
}

/// A door to a server on a free loopback port. Dropping it ends it; what passes through is not kept.
#[derive(Debug)]
pub struct TlsFront {
    port: Port,
    authority: Authority,
    door: Arc<Mutex<Door>>,
    listener: JoinHandle<()>,
}

struct Door {
    mode: TlsMode,
    tls: TlsAcceptor,
    in_the_open: Vec<String>,
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Door").field("mode", &self.mode).finish_non_exhaustive()
    }
}

impl TlsFront {
    /// Opens a door to the plain SMTP server at `host:port`, with a good certificate.
    pub async fn start(server: impl Into<String>, mode: TlsMode) -> Result<Self> {
        let authority = Authority::new()?;
        let port = Port::reserve()?;
        let tls = TlsAcceptor::from(authority.server(Certificate::Good)?);
        let door = Arc::new(Mutex::new(Door { mode, tls, in_the_open: Vec::new() }));
        let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port.number())).await;
        let listener =
            tokio::spawn(run(bound.context("binding the TLS port")?, server.into(), Arc::clone(&door)));
        Ok(Self { port, authority, door, listener })
    }

    /// The host that a good certificate names.
    pub fn host(&self) -> &'static str {
        "localhost"
    }

    /// The port to connect to.
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// The authority to trust, in PEM.
    pub fn authority(&self) -> String {
        self.authority.pem()
    }

    /// Changes how new connections get in.
    pub fn set_mode(&self, mode: TlsMode) {
        locked(&self.door).mode = mode;
    }

    /// Shows another certificate to new connections.
    pub fn show(&self, certificate: Certificate) -> Result<()> {
        let tls = TlsAcceptor::from(self.authority.server(certificate)?);
        locked(&self.door).tls = tls;
        Ok(())
    }

    /// The lines that clients have said in the open so far.
    pub fn heard(&self) -> Vec<String> {
        locked(&self.door).in_the_open.clone()
    }
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

async fn run(listener: TcpListener, server: String, door: Arc<Mutex<Door>>) {
    while let Ok((client, _peer)) = listener.accept().await {
        // A client that does not trust us hangs up; that ends its conversation alone.
        tokio::spawn(converse(client, server.clone(), Arc::clone(&door)));
    }
}

async fn converse(client: TcpStream, server: String, door: Arc<Mutex<Door>>) -> Result<()> {
    let mut server = TcpStream::connect(server).await?;
    let (mode, tls) = {
        let door = locked(&door);
        (door.mode, door.tls.clone())
    };
    let mut client = BufReader::new(client);
    let reply: &[u8] = match mode {
        TlsMode::Tls => b"",
        TlsMode::StartTls => b"220 go ahead\r\n",
        TlsMode::Injected => b"220 go ahead\r\n250 AUTH PLAIN\r\n",
        TlsMode::Stripped => return in_the_open(client, server, &door).await,
    };
    if mode != TlsMode::Tls {
        client.get_mut().write_all(b"220 front.example.test\r\n").await?;
        say(&mut client, &door, "EHLO").await?;
        client.get_mut().write_all(b"250-front.example.test\r\n250 STARTTLS\r\n").await?;
        say(&mut client, &door, "STARTTLS").await?;
        client.get_mut().write_all(reply).await?;
        // The client does not expect a second greeting.
        while server.read_u8().await? != b'\n' {}
    }
    let mut inside = tls.accept(client.into_inner()).await?;
    copy_bidirectional(&mut inside, &mut server).await?;
    Ok(())
}

/// Reads one line of the client, which must begin with `verb`.
async fn say(client: &mut BufReader<TcpStream>, door: &Mutex<Door>, verb: &str) -> Result<()> {
    let mut line = String::new();
    ensure!(client.read_line(&mut line).await? > 0, "the client left before {verb}");
    let is_expected = line.starts_with(verb);
    locked(door).in_the_open.push(line);
    ensure!(is_expected, "the client said something else than {verb}");
    Ok(())
}

/// Passes everything and listens.
async fn in_the_open(client: BufReader<TcpStream>, server: TcpStream, door: &Mutex<Door>) -> Result<()> {
    let (from_server, mut to_server) = server.into_split();
    let (from_client, mut to_client) = client.into_inner().into_split();
    let answers = tokio::spawn(async move {
        let mut from_server = from_server;
        tokio::io::copy(&mut from_server, &mut to_client).await
    });
    let mut lines = BufReader::new(from_client);
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).await? == 0 {
            break;
        }
        to_server.write_all(line.as_bytes()).await?;
        locked(door).in_the_open.push(line);
    }
    answers.abort();
    Ok(())
}

fn locked(door: &Mutex<Door>) -> std::sync::MutexGuard<'_, Door> {
    door.lock().unwrap_or_else(PoisonError::into_inner)
}
