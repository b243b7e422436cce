//! Opening by pushing.

use std::fmt;

use aead_stream::DecryptorBE32;
use chacha20poly1305::XChaCha20Poly1305;
use zeroize::Zeroizing;

use super::{SEALED_CHUNK_LEN, WHAT, header::Header, sealer::start};
use crate::{Context, RequestKey, VaultError};

/// Opens a stream piece by piece. Holds at most one chunk.
///
/// Bytes that [`push`](Self::push) returned are authentic and in order, but only [`finish`](Self::finish) tells
/// that they are all.
pub struct StreamOpener {
    key: RequestKey,
    context: Context,
    stage: Stage,
    pending: Vec<u8>,
}

enum Stage {
    Header,
    Chunks(Box<DecryptorBE32<XChaCha20Poly1305>>),
    /// Nothing more comes out after an error.
    Failed,
}

impl Stage {
    /// How many bytes must be there before the next step, unless it is the last.
    const fn unit(&self) -> usize {
        match self {
            Self::Header => Header::LEN,
            Self::Chunks(_) | Self::Failed => SEALED_CHUNK_LEN,
        }
    }
}

impl StreamOpener {
    /// Opens what was sealed with `key` in `context`.
    pub fn new(key: &RequestKey, context: &Context) -> Self {
        Self { key: key.clone(), context: context.clone(), stage: Stage::Header, pending: Vec::new() }
    }

    /// Takes more sealed bytes, and returns the plaintext that is ready. After an error every further call fails.
    pub fn push(&mut self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let opened = self.advance(sealed);
        if opened.is_err() {
            self.stage = Stage::Failed;
        }
        opened
    }

    /// Opens the last chunk. An error means that the stream was cut or altered.
    pub fn finish(self) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        match self.stage {
            Stage::Chunks(decryptor) => {
                decryptor.decrypt_last(self.pending.as_slice()).map(Zeroizing::new).map_err(|_| refused())
            }
            Stage::Header | Stage::Failed => Err(refused()),
        }
    }

    fn advance(&mut self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        if matches!(self.stage, Stage::Failed) {
            return Err(refused());
        }
        let mut opened = Zeroizing::new(Vec::with_capacity(sealed.len()));
        let mut rest = sealed;
        while !rest.is_empty() {
            if self.pending.len() == self.stage.unit() {
                self.step(&mut opened)?;
            }
            let (now, later) = rest.split_at(rest.len().min(self.stage.unit() - self.pending.len()));
            self.pending.extend_from_slice(now);
            rest = later;
        }
        Ok(opened)
    }

    fn step(&mut self, opened: &mut Vec<u8>) -> Result<(), VaultError> {
        match &mut self.stage {
            Stage::Header => {
                let cipher = Header::parse(&self.pending)?.cipher(&self.key, &self.context)?;
                self.stage = Stage::Chunks(Box::new(DecryptorBE32::from_aead(cipher, &start())));
            }
            Stage::Chunks(decryptor) => {
                let chunk = decryptor.decrypt_next(self.pending.as_slice()).map(Zeroizing::new);
                opened.extend_from_slice(&chunk.map_err(|_| refused())?);
            }
            Stage::Failed => return Err(refused()),
        }
        self.pending.clear();
        Ok(())
    }
}

impl fmt::Debug for StreamOpener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamOpener").field("context", &self.context).finish_non_exhaustive()
    }
}

const fn refused() -> VaultError {
    VaultError::Refused { what: WHAT }
}
