//! XChaCha20-Poly1305 (RFC 8439 with the extended nonce of draft-irtf-cfrg-xchacha), behind our own types.

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use habeas_domain::Entropy;
use zeroize::Zeroizing;

use crate::{VaultError, secret::Secret};

/// Length of a nonce in bytes: long enough to be drawn at random for every message.
pub(crate) const NONCE_LEN: usize = 24;
/// Length of an authentication tag in bytes.
pub(crate) const TAG_LEN: usize = 16;

/// A nonce as it is stored.
pub(crate) type Nonce = [u8; NONCE_LEN];

pub(crate) fn fresh_nonce(entropy: &dyn Entropy) -> Nonce {
    let mut nonce = [0; NONCE_LEN];
    entropy.fill(&mut nonce);
    nonce
}

pub(crate) fn cipher(key: &Secret) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.bytes().into())
}

/// `what` names the thing in errors.
pub(crate) fn encrypt(
    what: &'static str,
    key: &Secret,
    nonce: Nonce,
    aad: &[u8],
    msg: &[u8],
) -> Result<Vec<u8>, VaultError> {
    cipher(key).encrypt(&XNonce::from(nonce), Payload { msg, aad }).map_err(|_| VaultError::TooLong { what })
}

/// `what` names the thing in errors.
pub(crate) fn decrypt(
    what: &'static str,
    key: &Secret,
    nonce: Nonce,
    aad: &[u8],
    msg: &[u8],
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    cipher(key)
        .decrypt(&XNonce::from(nonce), Payload { msg, aad })
        .map(Zeroizing::new)
        .map_err(|_| VaultError::Refused { what })
}
