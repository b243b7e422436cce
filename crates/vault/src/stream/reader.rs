//! Opening from a reader.

use std::{
    fmt,
    io::{self, Read},
};

use zeroize::Zeroizing;

use super::StreamOpener;
use crate::VaultError;

const BUFFER_LEN: usize = 16 * 1024;

/// Opens what is read, in flat memory. A stream that was cut or altered ends in an error of kind `InvalidData`
/// that holds the [`VaultError`], never in a quiet end.
pub struct OpeningReader<R: Read> {
    inner: R,
    stage: Stage,
    ready: Zeroizing<Vec<u8>>,
    taken: usize,
    buffer: Vec<u8>,
}

enum Stage {
    Opening(Box<StreamOpener>),
    Ended,
    Failed,
}

impl<R: Read> OpeningReader<R> {
    /// Reads the sealed form from `inner`.
    pub fn new(inner: R, opener: StreamOpener) -> Self {
        let stage = Stage::Opening(Box::new(opener));
        Self { inner, stage, ready: Zeroizing::new(Vec::new()), taken: 0, buffer: vec![0; BUFFER_LEN] }
    }

    /// The opened bytes that nobody has taken yet.
    fn unread(&self) -> &[u8] {
        self.ready.get(self.taken..).unwrap_or_default()
    }

    /// Opens one more piece. `false` at the end.
    fn refill(&mut self) -> io::Result<bool> {
        match std::mem::replace(&mut self.stage, Stage::Failed) {
            Stage::Opening(opener) => self.open_more(opener).map(|()| true),
            Stage::Ended => {
                self.stage = Stage::Ended;
                Ok(false)
            }
            Stage::Failed => {
                Err(io::Error::new(io::ErrorKind::InvalidData, "this sealed stream failed earlier"))
            }
        }
    }

    fn open_more(&mut self, mut opener: Box<StreamOpener>) -> io::Result<()> {
        let count = match self.inner.read(&mut self.buffer) {
            Ok(count) => count,
            Err(error) => {
                // The opener has seen every byte so far, so the caller may read again, after an interruption say.
                self.stage = Stage::Opening(opener);
                return Err(error);
            }
        };
        self.taken = 0;
        if count == 0 {
            self.ready = opener.finish().map_err(invalid)?;
            self.stage = Stage::Ended;
        } else {
            self.ready = opener.push(self.buffer.get(..count).unwrap_or_default()).map_err(invalid)?;
            self.stage = Stage::Opening(opener);
        }
        Ok(())
    }
}

impl<R: Read> Read for OpeningReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        while self.unread().is_empty() {
            if !self.refill()? {
                return Ok(0);
            }
        }
        let count = self.unread().read(out)?;
        self.taken += count;
        Ok(count)
    }
}

impl<R: Read> fmt::Debug for OpeningReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpeningReader")
    }
}

fn invalid(error: VaultError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
