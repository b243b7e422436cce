//! `habeas request contacts`

use std::sync::Arc;

use clap::Args;
use habeas_domain::verification::EvidenceRefused;
use habeas_fulfilment::FileRoom;
use habeas_ledger::{LedgerError, Scope};
use serde_json::json;

use crate::{
    assembly::{connect_stores, open_registry},
    context::Context,
    failure::Failure,
    output::Report,
    staff::{Staff, TokenArg, find_request},
};

/// Options of `request contacts`.
#[derive(Debug, Args)]
pub(crate) struct ContactsArgs {
    /// Its id, or its reference.
    request: String,
}

impl ContactsArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let view = find_request(&staff.ledger, &self.request).await?;
        let identity = staff.ledger.identity(view.id).await?;
        if !identity.evidence.iter().any(|one| one.method.begins()) {
            return Err(LedgerError::from(EvidenceRefused::MailFirst).into());
        }
        let person = staff.ledger.person(view.id).await?.into_inner();
        staff.ledger.record_seen(view.id, staff.actor, "contacts").await?;
        let registry = open_registry(&staff.config)?;
        let stores = connect_stores(context, &registry)?;
        let held = FileRoom::new(Arc::new(registry), stores).of(&person.subject.email).await?;
        let phones: Vec<&str> = held.phones.iter().map(habeas_domain::PhoneNumber::as_str).collect();
        let text = if phones.is_empty() {
            "no telephone number is on file\n".to_owned()
        } else {
            format!("on file: {}\ncall one of these, and no other\n", phones.join(", "))
        };
        Ok(Report::new(text, &json!({ "request": view.id, "phones": phones })))
    }
}
