//! Keyed pseudonyms: finding a person again without storing who they are.

use std::{fmt, str::FromStr};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{VaultError, context::push_part, secret::Secret};

/// HMAC-SHA256 (RFC 2104) of a normalised value under the ring's lookup key. Equal values of one kind give equal
/// lookups; without the key nobody can test a guess. It is still a pseudonym of a person (GDPR art. 4(5)), so
/// `Debug` does not show it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lookup([u8; Self::LEN]);

impl Lookup {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// From the stored form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VaultError> {
        let malformed = VaultError::Malformed { what: "the lookup", expected: "32 bytes" };
        bytes.try_into().map(Self).map_err(|_| malformed)
    }

    /// The form to store.
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// As 64 hex digits, for text columns.
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }
}

impl FromStr for Lookup {
    type Err = VaultError;

    fn from_str(text: &str) -> Result<Self, VaultError> {
        let mut bytes = [0; Self::LEN];
        hex::decode_to_slice(text, &mut bytes)
            .map_err(|_| VaultError::Malformed { what: "the lookup", expected: "64 hex digits" })?;
        Ok(Self(bytes))
    }
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[lookup]")
    }
}

/// The lookup of `normalised` among values of `kind`.
pub(crate) fn lookup(key: &Secret, kind: &str, normalised: &str) -> Lookup {
    let mut message = Zeroizing::new(Vec::new());
    push_part(&mut message, kind.as_bytes());
    push_part(&mut message, normalised.as_bytes());
    let mac = Hmac::<Sha256>::new((&*padded(key)).into()).chain_update(&*message);
    Lookup(mac.finalize().into_bytes().into())
}

/// HMAC fills a key that is shorter than the hash's 64-byte block up with zeros (RFC 2104, section 2).
fn padded(key: &Secret) -> Zeroizing<[u8; 64]> {
    let mut block = Zeroizing::new([0; 64]);
    for (to, from) in block.iter_mut().zip(key.bytes()) {
        *to = *from;
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_padded_key_is_the_standard_hmac() {
        let key = Secret::from_slice(&[9; 32]).unwrap();
        let mut standard = Hmac::<Sha256>::new_from_slice(&[9; 32]).unwrap();
        for part in [b"email".as_slice(), b"hanako@example.jp"] {
            standard.update(&(part.len() as u64).to_be_bytes());
            standard.update(part);
        }
        let expected: [u8; 32] = standard.finalize().into_bytes().into();
        assert_eq!(lookup(&key, "email", "hanako@example.jp").as_bytes(), &expected);
    }

    #[test]
    fn kinds_do_not_run_into_values() {
        let key = Secret::from_slice(&[9; 32]).unwrap();
        assert_ne!(lookup(&key, "email", "x"), lookup(&key, "emai", "lx"));
        assert_ne!(lookup(&key, "email", "x"), lookup(&key, "phone", "x"));
    }

    #[test]
    fn the_hex_form_reads_back() {
        let found = lookup(&Secret::blank(), "email", "x");
        assert_eq!(found.to_hex().parse::<Lookup>().unwrap(), found);
        assert_eq!(Lookup::from_bytes(found.as_bytes()).unwrap(), found);
        assert!("zz".parse::<Lookup>().is_err());
    }
}
