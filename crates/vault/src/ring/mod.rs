//! The key ring: the secrets from which everything else is derived.

mod file;
mod key;
mod secret_text;

use habeas_domain::{Clock, Entropy};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{KeyId, VaultError};

pub(crate) use key::RingKey;
pub use key::{KeyInfo, KeyRole, KeyState};

const VERSION: u32 = 1;

/// The secrets of one installation, kept in a small JSON file of mode 0600 or in a secret manager.
///
/// - *Wrapping* keys wrap request keys. Rotating adds a new active one; the retired ones still unwrap.
/// - The *lookup* key makes pseudonyms. It stays the same for the life of the installation, because another one
///   would find nobody again.
/// - *Signing* keys sign receipts and checkpoints. Rotating adds a new active one; signatures of the retired ones
///   still verify.
///
/// Whoever loses the ring loses all data of Habeas; whoever copies it can read them. It must be backed up apart
/// from the state database.
#[derive(Debug, Clone)]
pub struct KeyRing(Contents);

/// The form of the file. Apart from [`KeyRing`], so that the ring itself cannot be serialised by accident.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    version: u32,
    wrapping: Vec<RingKey>,
    lookup: RingKey,
    signing: Vec<RingKey>,
}

impl KeyRing {
    /// A new ring with one key of every role.
    pub fn generate(entropy: &dyn Entropy, clock: &dyn Clock) -> Self {
        Self(Contents {
            version: VERSION,
            wrapping: vec![RingKey::generate(entropy, clock)],
            lookup: RingKey::generate(entropy, clock),
            signing: vec![RingKey::generate(entropy, clock)],
        })
    }

    /// Reads the JSON form, and checks its rules: one active key per role, no id twice.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        let contents: Contents = serde_json::from_str(text)
            .map_err(|error| VaultError::RingSyntax { line: error.line(), column: error.column() })?;
        if contents.version != VERSION {
            return Err(VaultError::UnknownVersion { what: "the key ring", version: contents.version });
        }
        let ring = Self(contents);
        ring.check()?;
        Ok(ring)
    }

    /// The JSON form, secrets included: for the ring's file or a secret manager, and nowhere else.
    pub fn expose(&self) -> Result<Zeroizing<String>, VaultError> {
        serde_json::to_string_pretty(&self.0)
            .map(Zeroizing::new)
            .map_err(|error| VaultError::RingSyntax { line: error.line(), column: error.column() })
    }

    /// Adds a new active wrapping key and retires the present one. No data is touched.
    pub fn rotate_wrapping(&mut self, entropy: &dyn Entropy, clock: &dyn Clock) -> KeyId {
        rotate(&mut self.0.wrapping, entropy, clock)
    }

    /// Adds a new active signing key and retires the present one.
    pub fn rotate_signing(&mut self, entropy: &dyn Entropy, clock: &dyn Clock) -> KeyId {
        rotate(&mut self.0.signing, entropy, clock)
    }

    /// Takes a retired wrapping key out for good. Only after everything has been rewrapped: what it still wraps
    /// is lost.
    pub fn remove_wrapping(&mut self, id: KeyId) -> Result<(), VaultError> {
        let key = self.0.wrapping.iter().find(|key| key.id() == id).ok_or(VaultError::UnknownKey { id })?;
        if key.state() == KeyState::Active {
            return Err(VaultError::RingRule {
                problem: "the active wrapping key cannot be removed: rotate first",
            });
        }
        self.0.wrapping.retain(|key| key.id() != id);
        Ok(())
    }

    /// What keys there are, without their secrets.
    pub fn keys(&self) -> Vec<KeyInfo> {
        let of = |keys: &[RingKey], role| keys.iter().map(|key| key.info(role)).collect::<Vec<_>>();
        let mut all = of(&self.0.wrapping, KeyRole::Wrapping);
        all.push(self.0.lookup.info(KeyRole::Lookup));
        all.extend(of(&self.0.signing, KeyRole::Signing));
        all
    }

    pub(crate) fn wrapping(&self) -> &[RingKey] {
        &self.0.wrapping
    }

    pub(crate) fn active_wrapping(&self) -> Result<&RingKey, VaultError> {
        only_active(&self.0.wrapping)
            .ok_or(VaultError::RingRule { problem: "it needs exactly one active wrapping key" })
    }

    pub(crate) const fn lookup(&self) -> &RingKey {
        &self.0.lookup
    }

    pub(crate) fn signing(&self) -> &[RingKey] {
        &self.0.signing
    }

    pub(crate) fn active_signing(&self) -> Result<&RingKey, VaultError> {
        only_active(&self.0.signing)
            .ok_or(VaultError::RingRule { problem: "it needs exactly one active signing key" })
    }

    fn check(&self) -> Result<(), VaultError> {
        self.active_wrapping()?;
        self.active_signing()?;
        if self.0.lookup.state() != KeyState::Active {
            return Err(VaultError::RingRule {
                problem: "the lookup key must be active: it is never rotated",
            });
        }
        let mut ids: Vec<_> = self.keys().iter().map(|key| key.id).collect();
        ids.sort_unstable();
        if ids.array_windows().any(|[one, next]| one == next) {
            return Err(VaultError::RingRule { problem: "two keys have the same id" });
        }
        Ok(())
    }
}

fn rotate(keys: &mut Vec<RingKey>, entropy: &dyn Entropy, clock: &dyn Clock) -> KeyId {
    let fresh = RingKey::generate(entropy, clock);
    let id = fresh.id();
    keys.iter_mut().for_each(RingKey::retire);
    keys.push(fresh);
    id
}

fn only_active(keys: &[RingKey]) -> Option<&RingKey> {
    let mut active = keys.iter().filter(|key| key.state() == KeyState::Active);
    let first = active.next();
    if active.next().is_some() { None } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;
    use habeas_domain::{ManualClock, SeededEntropy};

    fn ring() -> KeyRing {
        KeyRing::generate(&SeededEntropy::new(1), &ManualClock::new(chrono::DateTime::UNIX_EPOCH))
    }

    #[test]
    fn the_json_form_reads_back() {
        let ring = ring();
        let text = ring.expose().unwrap();
        assert_eq!(KeyRing::parse(&text).unwrap().expose().unwrap(), text);
        let drawn = vec![
            (r#""secret": "[\w-]{43}""#, r#""secret": "[43 characters]""#),
            (r#""id": "[0-9a-f]{16}""#, r#""id": "[16 hex digits]""#),
        ];
        insta::with_settings!({ filters => drawn }, { insta::assert_snapshot!(text.as_str()) });
    }

    #[test]
    fn rotating_adds_an_active_key_and_keeps_the_old_one() {
        let (mut ring, clock) = (ring(), ManualClock::new(chrono::DateTime::UNIX_EPOCH));
        let (old, lookup) = (ring.active_wrapping().unwrap().id(), ring.lookup().id());
        let new = ring.rotate_wrapping(&SeededEntropy::new(2), &clock);
        assert_eq!(ring.active_wrapping().unwrap().id(), new);
        assert_eq!(ring.wrapping().iter().map(RingKey::id).collect::<Vec<_>>(), [old, new]);
        assert_eq!(ring.lookup().id(), lookup);
        ring.check().unwrap();
    }

    #[test]
    fn only_a_retired_key_can_be_removed() {
        let (mut ring, clock) = (ring(), ManualClock::new(chrono::DateTime::UNIX_EPOCH));
        let old = ring.active_wrapping().unwrap().id();
        assert!(matches!(ring.remove_wrapping(old), Err(VaultError::RingRule { .. })));
        let new = ring.rotate_wrapping(&SeededEntropy::new(2), &clock);
        ring.remove_wrapping(old).unwrap();
        assert_eq!(ring.wrapping().iter().map(RingKey::id).collect::<Vec<_>>(), [new]);
        assert!(matches!(ring.remove_wrapping(old), Err(VaultError::UnknownKey { .. })));
    }

    #[test]
    fn a_ring_that_breaks_a_rule_is_refused_by_name() {
        let good = ring().expose().unwrap().to_string();
        let id = ring().active_wrapping().unwrap().id().to_string();
        let signing = ring().active_signing().unwrap().id().to_string();
        let cases = [
            (good.replacen("active", "retired", 1), "exactly one active wrapping key"),
            (good.replace(&signing, &id), "two keys have the same id"),
            (good.replace("\"version\": 1", "\"version\": 2"), "format version 2"),
        ];
        for (text, problem) in cases {
            let error = KeyRing::parse(&text).unwrap_err().to_string();
            assert!(error.contains(problem), "{error}");
        }
    }

    #[test]
    fn a_broken_ring_is_located_and_not_quoted() {
        let text = ring().expose().unwrap().replace("\"secret\": \"", "\"secret\": \"!");
        let error = KeyRing::parse(&text).unwrap_err();
        assert!(matches!(error, VaultError::RingSyntax { line, .. } if line > 1), "{error:?}");
        assert!(!format!("{error} {error:?}").contains('!'));
    }
}
