//! One key of the ring.

use chrono::{DateTime, Utc};
use habeas_domain::{Clock, Entropy};
use serde::{Deserialize, Serialize};

use super::secret_text;
use crate::{KeyId, secret::Secret};

/// Whether a key is used for new work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyState {
    /// Wraps or signs what is new.
    Active,
    /// Only opens or verifies what is old.
    Retired,
}

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyRole {
    /// Wraps request keys.
    Wrapping,
    /// Makes pseudonyms.
    Lookup,
    /// Signs receipts and checkpoints.
    Signing,
}

/// A key without its secret, for listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct KeyInfo {
    /// Its name.
    pub id: KeyId,
    /// What it is for.
    pub role: KeyRole,
    /// Whether it is used for new work.
    pub state: KeyState,
    /// When it was made.
    pub created: DateTime<Utc>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RingKey {
    id: KeyId,
    #[serde(with = "secret_text")]
    secret: Secret,
    created: DateTime<Utc>,
    state: KeyState,
}

impl RingKey {
    pub(super) fn generate(entropy: &dyn Entropy, clock: &dyn Clock) -> Self {
        let (id, secret) = (KeyId::generate(entropy), Secret::generate(entropy));
        Self { id, secret, created: clock.now(), state: KeyState::Active }
    }

    pub(crate) const fn id(&self) -> KeyId {
        self.id
    }

    pub(crate) const fn secret(&self) -> &Secret {
        &self.secret
    }

    pub(super) const fn state(&self) -> KeyState {
        self.state
    }

    pub(super) const fn retire(&mut self) {
        self.state = KeyState::Retired;
    }

    pub(super) const fn info(&self, role: KeyRole) -> KeyInfo {
        KeyInfo { id: self.id, role, state: self.state, created: self.created }
    }
}
