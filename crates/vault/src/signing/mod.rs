//! Signatures that can be checked offline, years later: Ed25519 (RFC 8032).
//!
//! What is signed is not the bytes alone but, in this order and each preceded by its length as eight bytes, big
//! end first: `habeas signature 1`, the purpose, the bytes. So a signature for one purpose never fits another.

mod public_key;
mod signature;
mod signer;
mod verifier;

pub use public_key::PublicKey;
pub use signature::Signature;
pub use signer::Signer;
pub use verifier::Verifier;

use crate::context::push_part;

fn message(purpose: &str, bytes: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(bytes.len() + purpose.len() + 48);
    for part in [b"habeas signature 1", purpose.as_bytes(), bytes] {
        push_part(&mut message, part);
    }
    message
}
