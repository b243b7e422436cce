//! Wrapping request keys under the ring's wrapping keys.

use std::collections::BTreeMap;

use habeas_domain::Entropy;

use crate::{
    Context, KeyId, RequestKey, VaultError, WrappedKey, aead,
    derive::{Purpose, subkey},
    ring::RingKey,
    secret::Secret,
};

const WHAT: &str = "the wrapped key";

/// The wrapping keys of a ring, ready for use: the active one wraps, all of them unwrap.
#[derive(Debug)]
pub(crate) struct WrappingKeys {
    active: KeyId,
    active_key: Secret,
    all: BTreeMap<KeyId, Secret>,
}

impl WrappingKeys {
    pub(crate) fn derive(active: &RingKey, all: &[RingKey]) -> Result<Self, VaultError> {
        let derived = all.iter().map(|key| Ok((key.id(), subkey(key.secret(), Purpose::Wrap)?)));
        Ok(Self {
            active: active.id(),
            active_key: subkey(active.secret(), Purpose::Wrap)?,
            all: derived.collect::<Result<_, VaultError>>()?,
        })
    }

    pub(crate) const fn active(&self) -> KeyId {
        self.active
    }

    pub(crate) fn wrap(
        &self,
        key: &RequestKey,
        owner: &Context,
        entropy: &dyn Entropy,
    ) -> Result<WrappedKey, VaultError> {
        let nonce = aead::fresh_nonce(entropy);
        let bound = owner.bind(&WrappedKey::format(self.active));
        let sealed = aead::encrypt(WHAT, &self.active_key, nonce, &bound, key.secret().bytes())?;
        let sealed = sealed.try_into().map_err(|_| VaultError::TooLong { what: WHAT })?;
        Ok(WrappedKey { wrapped_by: self.active, nonce, sealed })
    }

    pub(crate) fn unwrap(&self, wrapped: &WrappedKey, owner: &Context) -> Result<RequestKey, VaultError> {
        let id = wrapped.wrapped_by;
        let key = self.all.get(&id).ok_or(VaultError::UnknownKey { id })?;
        let bound = owner.bind(&WrappedKey::format(id));
        let opened = aead::decrypt(WHAT, key, wrapped.nonce, &bound, &wrapped.sealed)?;
        let secret = Secret::from_slice(&opened).ok_or(VaultError::Refused { what: WHAT })?;
        Ok(RequestKey::from_secret(secret))
    }
}
