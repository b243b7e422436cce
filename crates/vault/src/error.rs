//! What can go wrong in the vault.

use std::path::PathBuf;

use habeas_domain::{Fault, Retry};

use crate::KeyId;

/// A failure of the vault. No variant carries content, keys, tokens or codes.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The key that wrapped or signed this is not in the ring. A retry helps once the ring has been reloaded.
    #[error("key {id} is not in the key ring: reload the ring, or restore the one that holds this key")]
    UnknownKey {
        /// The key that is missing.
        id: KeyId,
    },
    /// The authentication tag does not fit: altered, cut, reordered, or sealed under another key or context.
    #[error("{what} does not open: it was altered, or it belongs to another record or key")]
    Refused {
        /// What was being opened.
        what: &'static str,
    },
    /// The signature does not fit the bytes, the purpose or the key.
    #[error("the signature does not fit: the signed bytes were altered, or were signed for another purpose")]
    BadSignature,
    /// The bytes or the text do not have the expected form.
    #[error("{what} is malformed: expected {expected}")]
    Malformed {
        /// What was being read.
        what: &'static str,
        /// The form that is accepted.
        expected: &'static str,
    },
    /// Written by a newer version of Habeas.
    #[error(
        "{what} has format version {version}, which this version of Habeas does not know: upgrade Habeas"
    )]
    UnknownVersion {
        /// What was being read.
        what: &'static str,
        /// The version found.
        version: u32,
    },
    /// More data than one seal or one stream can hold.
    #[error("{what} is too long to be sealed at once")]
    TooLong {
        /// What was being sealed.
        what: &'static str,
    },
    /// A key derivation was refused. It would be a defect of this crate.
    #[error("a key could not be derived from the key ring")]
    Derivation,
    /// A value could not be turned into JSON, or the opened bytes are not the expected JSON. The cause is not
    /// attached, because JSON errors quote values.
    #[error("the sealed record is not the expected JSON (line {line}, column {column})")]
    Json {
        /// Line of the fault, from 1; 0 when unknown.
        line: usize,
        /// Column of the fault, from 1; 0 when unknown.
        column: usize,
    },
    /// The key ring file is open to others than its owner.
    #[error("key ring {} has mode {mode:04o}: run `chmod 0600` on it", path.display())]
    RingPermissions {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The key ring file cannot be read or written.
    #[error("key ring {}: cannot {action}", path.display())]
    RingIo {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// The operating system's answer.
        #[source]
        source: std::io::Error,
    },
    /// The key ring is not the expected JSON. The cause is not attached, because JSON errors quote values.
    #[error("the key ring is not valid JSON of the expected form (line {line}, column {column})")]
    RingSyntax {
        /// Line of the fault, from 1.
        line: usize,
        /// Column of the fault, from 1.
        column: usize,
    },
    /// The key ring is well formed but breaks a rule.
    #[error("the key ring is not usable: {problem}")]
    RingRule {
        /// The rule that is broken.
        problem: &'static str,
    },
    /// The cost of code hashing is outside what Argon2 accepts.
    #[error(
        "code cost is outside what Argon2id accepts: memory at least 8 KiB per lane, passes and lanes at least 1"
    )]
    CodeCost,
    /// Too many codes are being hashed at once.
    #[error("too many codes are being checked at this moment: try again in a few seconds")]
    Busy,
    /// The hashing task did not end, because the process is shutting down.
    #[error("the code was not hashed, because the process is shutting down")]
    Interrupted,
}

impl VaultError {
    /// Whether trying again helps.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::UnknownKey { .. } | Self::RingIo { .. } | Self::Busy | Self::Interrupted => Retry::Later,
            _ => Retry::Never,
        }
    }

    /// A short stable word that groups equal failures.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownKey { .. } => "vault-unknown-key",
            Self::Refused { .. } => "vault-refused",
            Self::BadSignature => "vault-bad-signature",
            Self::Malformed { .. } => "vault-malformed",
            Self::UnknownVersion { .. } => "vault-unknown-version",
            Self::TooLong { .. } => "vault-too-long",
            Self::Derivation => "vault-derivation",
            Self::Json { .. } => "vault-json",
            Self::RingPermissions { .. } => "key-ring-permissions",
            Self::RingIo { .. } => "key-ring-io",
            Self::RingSyntax { .. } => "key-ring-syntax",
            Self::RingRule { .. } => "key-ring-rule",
            Self::CodeCost => "code-cost",
            Self::Busy => "code-hashing-busy",
            Self::Interrupted => "code-hashing-interrupted",
        }
    }
}

impl From<VaultError> for Fault {
    fn from(error: VaultError) -> Self {
        Self { code: error.code().to_owned(), detail: error.to_string(), retry: error.retry() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_key_may_appear_later_but_a_refusal_stays() {
        let missing = VaultError::UnknownKey { id: KeyId::from_bytes([1; 8]) };
        assert_eq!(missing.retry(), Retry::Later);
        let refused = Fault::from(VaultError::Refused { what: "the sealed record" });
        assert_eq!((refused.code.as_str(), refused.retry), ("vault-refused", Retry::Never));
    }
}
