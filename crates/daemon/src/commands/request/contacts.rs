//! `habeas request contacts`

use std::sync::Arc;

use clap::Args;
use habeas_domain::Fault;
use habeas_ledger::Scope;
use habeas_verification::on_file::of_request;
use serde_json::json;

use crate::{
    assembly::{connect_stores, files, open_registry},
    context::Context,
    failure::{Exit, Failure},
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
        let request = staff.ledger.to_be_called(view.id).await?;
        let registry = open_registry(&staff.config)?;
        let stores = connect_stores(context, &registry)?;
        let files = files(&staff.config, &staff.ledger, (Arc::new(registry), stores));
        let held = of_request(&*files, &request).await.map_err(away)?;
        let phones: Vec<&str> = held.phones.iter().map(habeas_domain::PhoneNumber::as_str).collect();
        staff.ledger.record_contacts_seen(view.id, staff.actor, phones.len()).await?;
        let text = if phones.is_empty() {
            "no telephone number is on file: no call-back can count\n".to_owned()
        } else {
            format!("on file: {}\ncall one of these, and no other\n", phones.join(", "))
        };
        Ok(Report::new(text, &json!({ "request": view.id, "phones": phones })))
    }
}

fn away(fault: Fault) -> Failure {
    Failure::new(Exit::Unavailable, "stores", fault.detail).fix("look at the store: `habeas store check`")
}
