//! Moving bytes one way, as the line lets them.

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};

use super::Carrier;

const PIECE: usize = 65_536;

/// Copies from one side to the other until the first closes its half.
pub(super) async fn pump(mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, mut carrier: Carrier) -> Result<()> {
    let mut piece = vec![0_u8; PIECE];
    loop {
        let read = from.read(&mut piece).await?;
        if let Some(delay) = carrier.until_open().await? {
            tokio::time::sleep(delay).await;
        }
        if read == 0 {
            return Ok(to.shutdown().await?);
        }
        to.write_all(piece.get(..read).unwrap_or_default()).await?;
    }
}
