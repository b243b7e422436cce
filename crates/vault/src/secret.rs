//! 256 secret bits that are wiped when dropped and never print.

use std::fmt;

use habeas_domain::Entropy;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A 256-bit key, seed or token.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Secret([u8; Self::LEN]);

impl Secret {
    /// Length in bytes.
    pub(crate) const LEN: usize = 32;

    pub(crate) fn generate(entropy: &dyn Entropy) -> Self {
        let mut secret = Self([0; Self::LEN]);
        entropy.fill(&mut secret.0);
        secret
    }

    /// `None` when the length is not 32 bytes.
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub(crate) const fn bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    pub(crate) const fn bytes_mut(&mut self) -> &mut [u8; Self::LEN] {
        &mut self.0
    }

    /// All bits zero, to be filled in by a derivation.
    pub(crate) const fn blank() -> Self {
        Self([0; Self::LEN])
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}
