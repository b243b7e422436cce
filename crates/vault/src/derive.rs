//! Sub-keys, by HKDF-SHA256 (RFC 5869).

use hkdf::Hkdf;
use sha2::Sha256;

use crate::{VaultError, secret::Secret};

/// What a sub-key is for. One secret never serves two purposes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// Wrapping request keys.
    Wrap,
    /// Sealing one field or record.
    Seal,
    /// Sealing one stream.
    Stream,
    /// Keyed lookups.
    Lookup,
    /// The secret that code hashes are mixed with.
    CodePepper,
    /// The Ed25519 seed.
    Sign,
    /// The tokens that say which request a mail belongs to.
    Thread,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Wrap => b"habeas vault v1 wrap",
            Self::Seal => b"habeas vault v1 seal",
            Self::Stream => b"habeas vault v1 stream",
            Self::Lookup => b"habeas vault v1 lookup",
            Self::CodePepper => b"habeas vault v1 code pepper",
            Self::Sign => b"habeas vault v1 sign",
            Self::Thread => b"habeas vault v1 thread",
        }
    }
}

/// The sub-key of `secret` for `purpose`.
pub(crate) fn subkey(secret: &Secret, purpose: Purpose) -> Result<Secret, VaultError> {
    salted_subkey(secret, &[], purpose, &[])
}

/// The sub-key of `secret` for `purpose`, one per `salt` and `info`. `info` must be unambiguous, since it is
/// appended to the label.
pub(crate) fn salted_subkey(
    secret: &Secret,
    salt: &[u8],
    purpose: Purpose,
    info: &[u8],
) -> Result<Secret, VaultError> {
    let mut subkey = Secret::blank();
    Hkdf::<Sha256>::new(Some(salt), secret.bytes())
        .expand_multi_info(&[purpose.label(), &[0], info], subkey.bytes_mut())
        .map_err(|_| VaultError::Derivation)?;
    Ok(subkey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_purpose_has_its_own_key() {
        let secret = Secret::from_slice(&[7; 32]).unwrap();
        let purposes = [
            Purpose::Wrap,
            Purpose::Seal,
            Purpose::Stream,
            Purpose::Lookup,
            Purpose::CodePepper,
            Purpose::Sign,
            Purpose::Thread,
        ];
        let mut keys: Vec<_> = purposes.map(|purpose| *subkey(&secret, purpose).unwrap().bytes()).to_vec();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), purposes.len());
        assert!(!keys.contains(secret.bytes()));
    }
}
