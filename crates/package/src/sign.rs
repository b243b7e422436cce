//! Signing and checking, handed in by the caller, so that this crate holds no keys. A [`habeas_vault::Vault`] signs, and a
//! [`habeas_vault::Verifier`] checks.

use crate::BoxError;

/// A signature and the key that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureBytes {
    /// The key that signed.
    pub key_id: String,
    /// The 64 bytes of Ed25519 (RFC 8032).
    pub bytes: Vec<u8>,
}

/// Signs with Ed25519.
pub trait Sign {
    /// Signs `bytes`.
    fn sign(&self, bytes: &[u8]) -> Result<SignatureBytes, BoxError>;
    /// The public half of the key, as text.
    fn public_key_text(&self) -> String;
    /// In one English sentence, how the message that Ed25519 signs is made from the bytes, so that
    /// anybody can check a package without Habeas.
    fn message_format(&self) -> String;
}

/// Checks signatures with keys that the caller trusts.
pub trait Check {
    /// `Ok` when a trusted key of that id signed exactly these bytes.
    fn check(&self, signature: &SignatureBytes, bytes: &[u8]) -> Result<(), BoxError>;
}
