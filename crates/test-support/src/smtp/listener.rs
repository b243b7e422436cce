//! Taking connections, while the mode lets it.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::SmtpMode;
use super::session::Session;
use super::state::State;

const BIND_LIMIT: Duration = Duration::from_secs(30);

pub(super) async fn bind(port: u16) -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.context("binding the SMTP port")
}

/// Serves for ever; goes off the network while the mode is [`SmtpMode::Down`].
pub(super) async fn run(first: TcpListener, port: u16, state: Arc<State>) {
    let mut mode = state.watch_mode();
    let mut listener = Some(first);
    loop {
        if let Some(open) = listener.take() {
            serve(&open, &state, &mut mode).await;
        }
        if mode.wait_for(|mode| *mode != SmtpMode::Down).await.is_err() {
            return;
        }
        listener = crate::wait::ok("the SMTP port", BIND_LIMIT, || bind(port)).await.ok();
    }
}

async fn serve(listener: &TcpListener, state: &Arc<State>, mode: &mut watch::Receiver<SmtpMode>) {
    loop {
        tokio::select! {
            _down = mode.wait_for(|mode| *mode == SmtpMode::Down) => return,
            Ok((stream, _peer)) = listener.accept() => {
                tokio::spawn(converse(stream, Arc::clone(state)));
            }
        }
    }
}

/// One connection, until it ends or the server goes down.
async fn converse(stream: TcpStream, state: Arc<State>) {
    let mut mode = state.watch_mode();
    let _slower_without = stream.set_nodelay(true);
    let session = Session::new(stream, Arc::clone(&state));
    tokio::select! {
        _down = mode.wait_for(|mode| *mode == SmtpMode::Down) => {}
        _ended = session.run() => {}
    }
}
