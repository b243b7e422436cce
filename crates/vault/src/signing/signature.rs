//! A signature and the key that made it.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{KeyId, VaultError};

/// An Ed25519 signature with the id of its key. Text form: `<key id>.<86 characters of URL-safe base64>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    /// The key that signed.
    pub key_id: KeyId,
    /// The 64 bytes of RFC 8032.
    pub bytes: [u8; 64],
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.key_id, URL_SAFE_NO_PAD.encode(self.bytes))
    }
}

impl FromStr for Signature {
    type Err = VaultError;

    fn from_str(text: &str) -> Result<Self, VaultError> {
        let malformed = || VaultError::Malformed {
            what: "the signature",
            expected: "a key id, a full stop and 86 characters of URL-safe base64",
        };
        let (id, bytes) = text.split_once('.').ok_or_else(malformed)?;
        let bytes = URL_SAFE_NO_PAD.decode(bytes).map_err(|_| malformed())?;
        Ok(Self { key_id: id.parse()?, bytes: bytes.try_into().map_err(|_| malformed())? })
    }
}

impl Serialize for Signature {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}
