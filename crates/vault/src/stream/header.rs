//! The start of a sealed stream, and the key it leads to.

use chacha20poly1305::XChaCha20Poly1305;
use habeas_domain::Entropy;

use super::WHAT;
use crate::{Context, RequestKey, VaultError, aead};

const VERSION: u8 = 1;
const FORMAT: &[u8] = b"habeas stream 1";
const SALT_LEN: usize = 32;

/// What a stream starts with.
pub(super) struct Header {
    salt: [u8; SALT_LEN],
}

impl Header {
    pub(super) const LEN: usize = 1 + SALT_LEN;

    pub(super) fn generate(entropy: &dyn Entropy) -> Self {
        let mut salt = [0; SALT_LEN];
        entropy.fill(&mut salt);
        Self { salt }
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Self, VaultError> {
        let malformed = VaultError::Malformed { what: WHAT, expected: "a header of 33 bytes" };
        match bytes.split_first() {
            Some((&VERSION, salt)) => salt.try_into().map(|salt| Self { salt }).map_err(|_| malformed),
            Some((&version, _)) => {
                Err(VaultError::UnknownVersion { what: WHAT, version: u32::from(version) })
            }
            None => Err(malformed),
        }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        [&[VERSION], self.salt.as_slice()].concat()
    }

    /// The cipher of this one stream.
    pub(super) fn cipher(
        &self,
        key: &RequestKey,
        context: &Context,
    ) -> Result<XChaCha20Poly1305, VaultError> {
        Ok(aead::cipher(&key.stream_key(&self.salt, &context.bind(FORMAT))?))
    }
}
