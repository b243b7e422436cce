//! `habeas request guardian`

use std::sync::Arc;

use clap::Args;
use habeas_domain::{
    EmailAddress, PersonName,
    submission::{Guardian, NamedGuardian},
};
use habeas_ledger::Scope;
use habeas_verification::Guardians;
use serde_json::json;

use super::paper::challenges;
use crate::{
    assembly::{calendars, regimes},
    context::Context,
    failure::Failure,
    output::Report,
    staff::{Staff, TokenArg, find_request},
};

/// Options of `request guardian`.
#[derive(Args)]
pub(crate) struct GuardianArgs {
    /// Its id, or its reference.
    request: String,
    /// The parent's or guardian's name.
    #[arg(long)]
    name: String,
    /// Their own address. They are mailed a link.
    #[arg(long)]
    email: String,
    /// The child's age in years, compared with the law's and not kept. Without it, that the stores hold the guardian is not
    /// enough: staff look at a document.
    #[arg(long, value_name = "YEARS", value_parser = clap::value_parser!(u8).range(0..=120))]
    child_age: Option<u8>,
}

impl std::fmt::Debug for GuardianArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GuardianArgs")
    }
}

impl GuardianArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let name =
            PersonName::parse(&self.name).map_err(|problem| Failure::usage(format!("--name: {problem}")))?;
        let email = EmailAddress::parse(&self.email)
            .map_err(|problem| Failure::usage(format!("--email: {problem}")))?;
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let view = find_request(&staff.ledger, &self.request).await?;
        let regimes = Arc::new(regimes(&staff.config)?);
        let calendars = Arc::new(calendars()?);
        let guardians =
            Guardians::new(staff.ledger.clone(), challenges(context, &staff)?, regimes, calendars);
        let named = NamedGuardian { guardian: Guardian { name, email }, child_age: self.child_age };
        guardians.name(view.id, named, staff.actor).await?;
        let text = "named, and mailed a link; nothing that the child does opens the request from now on";
        Ok(Report::new(text, &json!({ "request": view.id, "guardian": "named" })))
    }
}
