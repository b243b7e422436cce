//! Everything that is derived from a ring, ready for use.

use crate::{
    KeyId, KeyRing, Signer, VaultError, Verifier,
    derive::{Purpose, subkey},
    secret::Secret,
    thread_token::ThreadKeys,
    wrapping::WrappingKeys,
};

/// The working keys of one ring.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) wrapping: WrappingKeys,
    pub(crate) lookup: Secret,
    pub(crate) code_pepper: Secret,
    pub(crate) signer: Signer,
    pub(crate) verifier: Verifier,
    pub(crate) threads: ThreadKeys,
    lookup_id: KeyId,
}

impl Keys {
    pub(crate) fn derive(ring: &KeyRing) -> Result<Self, VaultError> {
        let signers = ring.signing().iter().map(Signer::derive).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            wrapping: WrappingKeys::derive(ring.active_wrapping()?, ring.wrapping())?,
            lookup: subkey(ring.lookup().secret(), Purpose::Lookup)?,
            code_pepper: subkey(ring.lookup().secret(), Purpose::CodePepper)?,
            signer: Signer::derive(ring.active_signing()?)?,
            verifier: Verifier::new(signers.iter().map(Signer::public_key)),
            threads: ThreadKeys::derive(ring.active_signing()?, ring.signing())?,
            lookup_id: ring.lookup().id(),
        })
    }

    /// Whether pseudonyms and code hashes made with `other` are found again with these keys.
    pub(crate) fn finds_what_was_made_with(&self, other: &Self) -> bool {
        self.lookup_id == other.lookup_id
    }
}
