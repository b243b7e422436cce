//! Moving bytes one way, as the mode lets them.

use std::time::Duration;

use anyhow::{Result, anyhow};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::watch;

use super::ProxyMode;

const PIECE: usize = 65_536;

/// Returns once bytes may pass, with the delay that they take.
pub(super) async fn until_open(mode: &mut watch::Receiver<ProxyMode>) -> Result<Option<Duration>> {
    let open = mode.wait_for(|mode| matches!(mode, ProxyMode::Pass | ProxyMode::Latency(_))).await;
    match *open.map_err(|_gone| anyhow!("the proxy is gone"))? {
        ProxyMode::Latency(delay) => Ok(Some(delay)),
        _ => Ok(None),
    }
}

/// Copies from one side to the other until the first closes its half.
pub(super) async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    mut mode: watch::Receiver<ProxyMode>,
) -> Result<()> {
    let mut piece = vec![0_u8; PIECE];
    loop {
        let read = from.read(&mut piece).await?;
        if let Some(delay) = until_open(&mut mode).await? {
            tokio::time::sleep(delay).await;
        }
        if read == 0 {
            return Ok(to.shutdown().await?);
        }
        to.write_all(piece.get(..read).unwrap_or_default()).await?;
    }
}
