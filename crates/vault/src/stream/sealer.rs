//! Sealing by pushing.

use std::fmt;

use aead_stream::{EncryptorBE32, Nonce, StreamBE32};
use chacha20poly1305::XChaCha20Poly1305;
use habeas_domain::Entropy;
use zeroize::Zeroizing;

use super::{CHUNK_LEN, WHAT, header::Header};
use crate::{Context, RequestKey, VaultError};

/// With how much room a stream begins.
const LEAST_LEN: usize = 2 * 1024;

/// Seals a stream piece by piece. Holds at most one chunk.
pub struct StreamSealer {
    encryptor: EncryptorBE32<XChaCha20Poly1305>,
    header: Vec<u8>,
    pending: Zeroizing<Vec<u8>>,
}

impl StreamSealer {
    /// A stream that opens only with `key` and in `context`.
    pub fn new(key: &RequestKey, context: &Context, entropy: &dyn Entropy) -> Result<Self, VaultError> {
        let header = Header::generate(entropy);
        let encryptor = EncryptorBE32::from_aead(header.cipher(key, context)?, &start());
        Ok(Self { encryptor, header: header.to_bytes(), pending: Zeroizing::default() })
    }

    /// Takes more plaintext, and returns the sealed bytes that are ready to be written: none, or whole chunks.
    /// The result is as long as the input at most, give or take a chunk.
    pub fn push(&mut self, plaintext: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut sealed = std::mem::take(&mut self.header);
        let mut rest = plaintext;
        while !rest.is_empty() {
            if self.pending.len() == CHUNK_LEN {
                self.seal_chunk(&mut sealed)?;
            }
            let (now, later) = rest.split_at(rest.len().min(CHUNK_LEN - self.pending.len()));
            self.make_room(now.len());
            self.pending.extend_from_slice(now);
            rest = later;
        }
        Ok(sealed)
    }

    /// Most streams are short, and a whole chunk is dear to wipe. What is outgrown is wiped too.
    fn make_room(&mut self, more: usize) {
        let needed = self.pending.len() + more;
        if needed > self.pending.capacity() {
            let mut larger = Vec::with_capacity((needed * 4).clamp(LEAST_LEN, CHUNK_LEN).max(needed));
            larger.extend_from_slice(&self.pending);
            self.pending = Zeroizing::new(larger);
        }
    }

    /// Seals what is left as the last chunk. A stream without it does not open.
    pub fn finish(mut self) -> Result<Vec<u8>, VaultError> {
        let mut sealed = std::mem::take(&mut self.header);
        let last = self.encryptor.encrypt_last(self.pending.as_slice()).map_err(|_| too_long())?;
        sealed.extend_from_slice(&last);
        Ok(sealed)
    }

    fn seal_chunk(&mut self, sealed: &mut Vec<u8>) -> Result<(), VaultError> {
        let chunk = self.encryptor.encrypt_next(self.pending.as_slice()).map_err(|_| too_long())?;
        sealed.extend_from_slice(&chunk);
        self.pending.clear();
        Ok(())
    }
}

impl fmt::Debug for StreamSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamSealer")
    }
}

/// The fixed part of the nonce may be all zero, since every stream has its own key.
pub(super) fn start() -> Nonce<XChaCha20Poly1305, StreamBE32<XChaCha20Poly1305>> {
    Nonce::<XChaCha20Poly1305, StreamBE32<XChaCha20Poly1305>>::default()
}

/// 2³² chunks, or 256 TiB.
const fn too_long() -> VaultError {
    VaultError::TooLong { what: WHAT }
}
