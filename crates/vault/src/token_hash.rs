//! A token as it is stored.

use std::{fmt, str::FromStr};

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::VaultError;

/// SHA-256 of a presented token's text. A slow hash is not needed: the token has 256 random bits.
///
/// `==` takes the same time whatever differs.
#[derive(Clone, Copy)]
pub struct TokenHash([u8; Self::LEN]);

impl TokenHash {
    /// Length in bytes.
    pub const LEN: usize = 32;

    pub(crate) fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// From the stored form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VaultError> {
        let malformed = VaultError::Malformed { what: "the token hash", expected: "32 bytes" };
        bytes.try_into().map(Self).map_err(|_| malformed)
    }

    /// The form to store and to look up by.
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// As 64 hex digits, for text columns.
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for TokenHash {}

impl FromStr for TokenHash {
    type Err = VaultError;

    fn from_str(text: &str) -> Result<Self, VaultError> {
        let mut bytes = [0; Self::LEN];
        hex::decode_to_slice(text, &mut bytes)
            .map_err(|_| VaultError::Malformed { what: "the token hash", expected: "64 hex digits" })?;
        Ok(Self(bytes))
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[token hash]")
    }
}
