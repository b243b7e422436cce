//! The data key of one request.

use habeas_domain::Entropy;

use crate::{
    VaultError,
    derive::{Purpose, salted_subkey, subkey},
    secret::Secret,
};

/// The 256-bit data key of one request. Stored only as a [`WrappedKey`](crate::WrappedKey); wiped when dropped.
#[derive(Debug, Clone)]
pub struct RequestKey(Secret);

impl RequestKey {
    pub(crate) fn generate(entropy: &dyn Entropy) -> Self {
        Self(Secret::generate(entropy))
    }

    pub(crate) const fn from_secret(secret: Secret) -> Self {
        Self(secret)
    }

    pub(crate) const fn secret(&self) -> &Secret {
        &self.0
    }

    /// The key that seals single fields and records.
    pub(crate) fn seal_key(&self) -> Result<Secret, VaultError> {
        subkey(&self.0, Purpose::Seal)
    }

    /// The key of one stream: its own for every salt and every place.
    pub(crate) fn stream_key(&self, salt: &[u8], place: &[u8]) -> Result<Secret, VaultError> {
        salted_subkey(&self.0, salt, Purpose::Stream, place)
    }
}
