//! Mails that a person says never came.

use async_trait::async_trait;
use habeas_api::{MailAgain, MailAgainRefused, MailedAgain};
use habeas_domain::{Actor, Fault, RequestId};
use habeas_ledger::{Ledger, OpenRequest, RequestView, WaitsFor};
use habeas_verification::LinksAgain;

use crate::pages::Renewals;

/// Mails a person their link again: to prove who they are, or to what was made for them.
pub(crate) struct LinkDesk {
    /// The state database.
    pub(crate) ledger: Ledger,
    /// Links that prove who somebody is.
    pub(crate) links: LinksAgain,
    /// Links to packages.
    pub(crate) renewals: Renewals,
}

impl LinkDesk {
    async fn after_proof(
        &self,
        view: &RequestView,
        of: &OpenRequest,
        by: Actor,
    ) -> Result<Vec<MailedAgain>, MailAgainRefused> {
        if !view.waits_for.contains(&WaitsFor::AddressConfirmation) {
            return self.packages(view, by).await;
        }
        let confirmation = self.links.new_addresses(of, by).await?;
        let mut mailed: Vec<_> = confirmation.then_some(MailedAgain::NewAddress).into_iter().collect();
        match self.packages(view, by).await {
            Ok(packages) => mailed.extend(packages),
            Err(MailAgainRefused::Nothing | MailAgainRefused::TooMany) if confirmation => {}
            Err(MailAgainRefused::Nothing) => return Err(MailAgainRefused::TooMany),
            Err(other) => return Err(other),
        }
        Ok(mailed)
    }

    async fn packages(&self, view: &RequestView, by: Actor) -> Result<Vec<MailedAgain>, MailAgainRefused> {
        let (mut kept, mut mailed) = (0, Vec::new());
        for job in &view.jobs {
            let package = self.ledger.package_of_job(job.id).await.map_err(Fault::from)?;
            let Some(package) = package else { continue };
            kept += 1;
            if self.renewals.renew(&package, by).await? {
                mailed.push(MailedAgain::Package(job.right));
            }
        }
        match (kept, mailed.is_empty()) {
            (0, _) => Err(MailAgainRefused::Nothing),
            (_, true) => Err(MailAgainRefused::TooMany),
            (_, false) => Ok(mailed),
        }
    }
}

#[async_trait]
impl MailAgain for LinkDesk {
    async fn mail_again(&self, request: RequestId, by: Actor) -> Result<Vec<MailedAgain>, MailAgainRefused> {
        let view = self.ledger.request_view(request).await?;
        if view.disputed_at.is_some() {
            return Err(MailAgainRefused::Disputed);
        }
        if view.agent_waits || view.agent_stopped_at.is_some() {
            return Err(MailAgainRefused::WaitsForAgent);
        }
        let of = self.ledger.open_request(request).await?;
        if !LinksAgain::waits(&of) {
            return self.after_proof(&view, &of, by).await;
        }
        if self.links.mail(&of, by).await? {
            Ok(vec![MailedAgain::Verification])
        } else {
            Err(MailAgainRefused::TooMany)
        }
    }
}
