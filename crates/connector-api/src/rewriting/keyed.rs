//! The keyed hash behind masks and hashes: HMAC-SHA-256 (RFC 2104) under the salt.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::EffectSalt;

/// As many hexadecimal digits of the hash over the parts, each with its length so that none runs into the next.
pub(super) fn digits(salt: &EffectSalt, parts: &[&str], digits: usize) -> String {
    let mut hash = hex::encode(digest(salt, parts));
    hash.truncate(digits);
    hash
}

fn digest(salt: &EffectSalt, parts: &[&str]) -> [u8; 32] {
    // RFC 2104 pads a short key with zeros to the block of 64 bytes.
    let mut key = [0; 64];
    key[..32].copy_from_slice(salt.bytes());
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&key.into());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().into()
}
