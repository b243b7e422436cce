//! Sealing into a writer.

use std::{
    fmt,
    io::{self, Write},
};

use super::{CHUNK_LEN, StreamSealer};
use crate::VaultError;

/// Seals what is written, in flat memory. [`finish`](Self::finish) must be called: without it the stream is cut,
/// and does not open.
pub struct SealingWriter<W: Write> {
    inner: W,
    /// Gone after a failed write: a gap must not be followed by more.
    sealer: Option<StreamSealer>,
}

impl<W: Write> SealingWriter<W> {
    /// Writes the sealed form to `inner`.
    pub const fn new(inner: W, sealer: StreamSealer) -> Self {
        Self { inner, sealer: Some(sealer) }
    }

    /// Writes the last chunk, flushes, and gives the inner writer back.
    pub fn finish(mut self) -> io::Result<W> {
        let sealer = self.sealer.take().ok_or_else(broken)?;
        self.inner.write_all(&sealer.finish().map_err(invalid)?)?;
        self.inner.flush()?;
        Ok(self.inner)
    }
}

impl<W: Write> Write for SealingWriter<W> {
    fn write(&mut self, plaintext: &[u8]) -> io::Result<usize> {
        let mut sealer = self.sealer.take().ok_or_else(broken)?;
        let (now, _) = plaintext.split_at(plaintext.len().min(CHUNK_LEN));
        self.inner.write_all(&sealer.push(now).map_err(invalid)?)?;
        self.sealer = Some(sealer);
        Ok(now.len())
    }

    /// Flushes what is sealed so far; a chunk that is not yet full stays here.
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W: Write> fmt::Debug for SealingWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingWriter")
    }
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "an earlier write of this sealed stream failed")
}

fn invalid(error: VaultError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
