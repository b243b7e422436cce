//! What a hold says, sealed under a key of its own.

use habeas_domain::{HeldKey, HoldId, Personal, RequestId, TypedId, personal::in_the_clear};
use habeas_vault::{Context, RequestKey, Vault, WrappedKey};
use serde::{Deserialize, Serialize};

use crate::{LedgerError, entity::hold};

/// What a hold is about.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Matter {
    #[serde(with = "in_the_clear")]
    pub(super) reason: Personal<String>,
    pub(super) keys: Vec<HeldKey>,
    pub(super) requests: Vec<RequestId>,
}

pub(super) fn id(row: &hold::Model) -> HoldId {
    HoldId::from_uuid(row.id)
}

pub(super) fn owner(hold: HoldId) -> Context {
    Context::new("hold", hold)
}

pub(super) fn matter(hold: HoldId) -> Context {
    Context::new("hold.matter", hold)
}

pub(super) fn lift_note(hold: HoldId) -> Context {
    Context::new("hold.lift-note", hold)
}

/// The data key of a hold.
pub(super) fn key(vault: &Vault, row: &hold::Model) -> Result<RequestKey, LedgerError> {
    Ok(vault.unwrap(&WrappedKey::from_bytes(&row.wrapped_key)?, &owner(id(row)))?)
}

/// Opens what a hold is about.
pub(super) fn open(vault: &Vault, row: &hold::Model) -> Result<Matter, LedgerError> {
    let key = key(vault, row)?;
    Ok(vault.open_json::<Matter>(&key, &matter(id(row)), &row.matter)?.into_inner())
}
