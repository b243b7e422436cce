//! `habeas request mail-again`

use clap::Args;
use habeas_api::{MailAgain as _, MailAgainRefused, MailedAgain};
use habeas_ledger::Scope;
use habeas_verification::LinksAgain;
use serde_json::json;

use super::paper::challenges;
use crate::{
    assembly::links_of,
    context::Context,
    failure::{Exit, Failure},
    output::Report,
    pages::Renewals,
    staff::{LinkDesk, Staff, TokenArg, find_request},
};

/// Options of `request mail-again`.
#[derive(Debug, Args)]
pub(crate) struct MailAgainArgs {
    /// Its id, or its reference.
    request: String,
}

impl MailAgainArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let view = find_request(&staff.ledger, &self.request).await?;
        let mailed = desk(context, &staff)?.mail_again(view.id, staff.actor).await.map_err(refused)?;
        let texts: Vec<String> = mailed.iter().map(|one| told(*one)).collect();
        let parts: Vec<_> = mailed
            .iter()
            .map(|one| {
                let (leads_to, right) = one.parts();
                json!({ "leads_to": leads_to, "right": right })
            })
            .collect();
        Ok(Report::new(texts.join("\n"), &json!({ "request": view.id, "mailed": parts })))
    }
}

fn desk(context: &Context, staff: &Staff) -> Result<LinkDesk, Failure> {
    let config = &staff.config;
    let pages = links_of(config)?;
    Ok(LinkDesk {
        ledger: staff.ledger.clone(),
        links: LinksAgain::new(staff.ledger.clone(), challenges(context, staff)?),
        renewals: Renewals::new(staff.ledger.clone(), pages, &config.packages),
    })
}

fn told(mailed: MailedAgain) -> String {
    match mailed {
        MailedAgain::Verification => {
            "a new link and code to prove who they are is on its way; the codes before are void".to_owned()
        }
        MailedAgain::NewAddress => {
            "a new link to confirm each new address is on its way there; the ones before have ended"
                .to_owned()
        }
        MailedAgain::Package(right) => {
            format!("a new link to the package ({right}) is on its way; the one before has ended")
        }
    }
}

fn refused(refused: MailAgainRefused) -> Failure {
    match refused {
        MailAgainRefused::Ledger(error) => error.into(),
        MailAgainRefused::Failed(fault) => Failure::of(Exit::Unavailable, "mail-again", &fault),
        state => Failure::new(Exit::Findings, "mail-again", state.to_string()),
    }
}
