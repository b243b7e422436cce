//! The public half of a signing key, for checking offline.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::VerifyingKey;

use crate::{KeyId, VaultError};

const ALGORITHM: &str = "ed25519";

/// A public key with its id. Text form: `ed25519:<key id>:<43 characters of URL-safe base64>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey {
    pub(crate) id: KeyId,
    pub(crate) key: VerifyingKey,
}

impl PublicKey {
    /// The id that signatures name it by.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    fn from_text(text: &str) -> Option<Self> {
        let (id, key) = text.strip_prefix(ALGORITHM)?.strip_prefix(':')?.split_once(':')?;
        let key: [u8; 32] = URL_SAFE_NO_PAD.decode(key).ok()?.try_into().ok()?;
        Some(Self { id: id.parse().ok()?, key: VerifyingKey::from_bytes(&key).ok()? })
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ALGORITHM}:{}:{}", self.id, URL_SAFE_NO_PAD.encode(self.key.as_bytes()))
    }
}

impl FromStr for PublicKey {
    type Err = VaultError;

    fn from_str(text: &str) -> Result<Self, VaultError> {
        Self::from_text(text)
            .ok_or(VaultError::Malformed { what: "the public key", expected: "ed25519:<key id>:<base64>" })
    }
}
