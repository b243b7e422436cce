//! Making signatures.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey};

use crate::{
    KeyId, PublicKey, Signature, VaultError,
    derive::{Purpose, subkey},
    ring::RingKey,
};

/// The active signing key of a ring.
pub struct Signer {
    id: KeyId,
    key: SigningKey,
}

impl Signer {
    pub(crate) fn derive(from: &RingKey) -> Result<Self, VaultError> {
        let seed = subkey(from.secret(), Purpose::Sign)?;
        Ok(Self { id: from.id(), key: SigningKey::from_bytes(seed.bytes()) })
    }

    /// Signs `bytes` for `purpose`, such as `receipt`. Another purpose needs another signature.
    pub fn sign(&self, purpose: &str, bytes: &[u8]) -> Signature {
        let signature = self.key.sign(&super::message(purpose, bytes));
        Signature { key_id: self.id, bytes: signature.to_bytes() }
    }

    /// The public half.
    pub fn public_key(&self) -> PublicKey {
        PublicKey { id: self.id, key: self.key.verifying_key() }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("id", &self.id).finish_non_exhaustive()
    }
}
