//! A request key as it is stored.

use crate::{
    KeyId, VaultError,
    aead::{NONCE_LEN, Nonce, TAG_LEN},
    secret::Secret,
};

const VERSION: u8 = 1;
const SEALED_LEN: usize = Secret::LEN + TAG_LEN;
const WHAT: &str = "the wrapped key";

/// A [`RequestKey`](crate::RequestKey) encrypted under a wrapping key and bound to its owner. Destroying it
/// destroys the owner's data.
///
/// Stored form, 81 bytes: version (1), wrapping key id (8), nonce (24), ciphertext with tag (48).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    pub(crate) wrapped_by: KeyId,
    pub(crate) nonce: Nonce,
    pub(crate) sealed: [u8; SEALED_LEN],
}

impl WrappedKey {
    /// Length of the stored form in bytes.
    pub const LEN: usize = 1 + KeyId::LEN + NONCE_LEN + SEALED_LEN;

    /// The wrapping key it needs.
    pub const fn wrapped_by(&self) -> KeyId {
        self.wrapped_by
    }

    /// The stored form.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&[VERSION], self.wrapped_by.as_bytes().as_slice(), &self.nonce, &self.sealed].concat()
    }

    /// Reads the stored form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VaultError> {
        match bytes.first() {
            Some(&VERSION) => {
                Self::from_body(bytes).ok_or(VaultError::Malformed { what: WHAT, expected: "81 bytes" })
            }
            Some(&version) => Err(VaultError::UnknownVersion { what: WHAT, version: u32::from(version) }),
            None => Err(VaultError::Malformed { what: WHAT, expected: "81 bytes" }),
        }
    }

    fn from_body(bytes: &[u8]) -> Option<Self> {
        let (_, rest) = bytes.split_first_chunk::<1>()?;
        let (id, rest) = rest.split_first_chunk()?;
        let (nonce, rest) = rest.split_first_chunk()?;
        Some(Self { wrapped_by: KeyId::from_bytes(*id), nonce: *nonce, sealed: rest.try_into().ok()? })
    }

    /// What is authenticated beside the owner: the format and the wrapping key.
    pub(crate) fn format(wrapped_by: KeyId) -> Vec<u8> {
        [b"habeas wrapped key ", [VERSION].as_slice(), wrapped_by.as_bytes()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_form_reads_back_and_only_at_its_length() {
        let wrapped = WrappedKey { wrapped_by: KeyId::from_bytes([1; 8]), nonce: [2; 24], sealed: [3; 48] };
        let bytes = wrapped.to_bytes();
        assert_eq!(bytes.len(), WrappedKey::LEN);
        assert_eq!(WrappedKey::from_bytes(&bytes).unwrap(), wrapped);
        for length in 0..bytes.len() {
            assert!(WrappedKey::from_bytes(&bytes[..length]).is_err());
        }
        assert!(WrappedKey::from_bytes(&[bytes.as_slice(), &[0]].concat()).is_err());
    }

    #[test]
    fn a_later_version_asks_for_an_upgrade() {
        let error = WrappedKey::from_bytes(&[9; WrappedKey::LEN]).unwrap_err();
        assert!(matches!(error, VaultError::UnknownVersion { version: 9, .. }));
    }
}
