//! The TCP proxy in all its modes, before an echoing server.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails by panicking")]

use std::time::{Duration, Instant};

use habeas_test_support::{ProxyMode, TcpProxy};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

const SHORT: Duration = Duration::from_millis(200);
const LONG: Duration = Duration::from_mins(1);

async fn echo_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                tokio::io::copy(&mut from, &mut to).await
            });
        }
    });
    address
}

async fn echo(stream: &mut TcpStream) -> std::io::Result<[u8; 4]> {
    let mut answer = [0; 4];
    stream.write_all(b"ping").await?;
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn bytes_and_ends_pass() {
    let proxy = TcpProxy::start(echo_server().await).await.unwrap();
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(&echo(&mut stream).await.unwrap(), b"ping");
    stream.shutdown().await.unwrap();
    assert_eq!(timeout(LONG, stream.read(&mut [0; 4])).await.unwrap().unwrap(), 0, "an orderly end");
    assert_eq!(proxy.accepted(), 1);
}

#[tokio::test]
async fn a_black_hole_swallows_and_then_lets_go() {
    let proxy = TcpProxy::start(echo_server().await).await.unwrap();
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    echo(&mut stream).await.unwrap();
    proxy.set_mode(ProxyMode::BlackHole);
    assert!(timeout(SHORT, echo(&mut stream)).await.is_err());
    let mut late = TcpStream::connect(proxy.address()).await.unwrap();
    assert!(timeout(SHORT, echo(&mut late)).await.is_err());
    proxy.set_mode(ProxyMode::Pass);
    let mut answer = [0; 4];
    timeout(LONG, stream.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"ping", "what was held back comes through");
}

#[tokio::test]
async fn a_reset_cuts_old_and_new_connections() {
    let proxy = TcpProxy::start(echo_server().await).await.unwrap();
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    echo(&mut stream).await.unwrap();
    proxy.set_mode(ProxyMode::Reset);
    let failure = timeout(LONG, stream.read(&mut [0; 4])).await.unwrap().unwrap_err();
    assert_eq!(failure.kind(), std::io::ErrorKind::ConnectionReset);
    let mut late = TcpStream::connect(proxy.address()).await.unwrap();
    assert!(timeout(LONG, echo(&mut late)).await.unwrap().is_err());
    proxy.set_mode(ProxyMode::Pass);
    let mut again = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(&echo(&mut again).await.unwrap(), b"ping");
}

#[tokio::test]
async fn latency_is_added_both_ways() {
    let proxy = TcpProxy::start(echo_server().await).await.unwrap();
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    proxy.set_mode(ProxyMode::Latency(Duration::from_millis(50)));
    let start = Instant::now();
    echo(&mut stream).await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(100));
}

#[tokio::test]
async fn a_stranded_connection_stays_silent_and_a_new_one_passes() {
    let proxy = TcpProxy::start(echo_server().await).await.unwrap();
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    echo(&mut stream).await.unwrap();
    proxy.strand();
    assert!(timeout(SHORT, echo(&mut stream)).await.is_err());
    let mut late = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(&timeout(LONG, echo(&mut late)).await.unwrap().unwrap(), b"ping");
    assert!(timeout(SHORT, stream.read(&mut [0; 4])).await.is_err(), "neither an answer nor an end");
}
