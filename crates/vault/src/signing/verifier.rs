//! Checking signatures.

use std::collections::BTreeMap;

use ed25519_dalek::VerifyingKey;

use crate::{KeyId, PublicKey, Signature, VaultError};

/// Checks signatures with public keys alone, so that it works offline and without the ring.
#[derive(Debug, Clone)]
pub struct Verifier {
    keys: BTreeMap<KeyId, VerifyingKey>,
}

impl Verifier {
    /// Trusts `keys` and no others.
    pub fn new(keys: impl IntoIterator<Item = PublicKey>) -> Self {
        Self { keys: keys.into_iter().map(|public| (public.id, public.key)).collect() }
    }

    /// `Ok` when one of the trusted keys signed exactly `bytes` for exactly `purpose`. An unknown key is
    /// [`VaultError::UnknownKey`], everything else [`VaultError::BadSignature`].
    pub fn verify(&self, purpose: &str, bytes: &[u8], signature: &Signature) -> Result<(), VaultError> {
        let id = signature.key_id;
        let key = self.keys.get(&id).ok_or(VaultError::UnknownKey { id })?;
        let signature = ed25519_dalek::Signature::from_bytes(&signature.bytes);
        key.verify_strict(&super::message(purpose, bytes), &signature).map_err(|_| VaultError::BadSignature)
    }

    /// The trusted keys.
    pub fn public_keys(&self) -> Vec<PublicKey> {
        self.keys.iter().map(|(id, key)| PublicKey { id: *id, key: *key }).collect()
    }
}
