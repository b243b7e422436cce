//! New links to packages that are still kept.

use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use habeas_config::Packages;
use habeas_domain::{Actor, Fault, Letter, Links, Personal, Right, letter::PackageLink};
use habeas_ledger::{Ledger, NewChallenge, OpenRequest, PackageRecord, Purpose};
use habeas_verification::RenewLinks;

use super::answers::if_there;

/// How many new links to its packages a request may be sent in 24 hours.
const LINKS_A_DAY: u64 = 6;

/// Mails new links to packages.
pub(crate) struct Renewals {
    ledger: Ledger,
    links: Links,
    ttl: Duration,
    downloads: u32,
}

impl Renewals {
    /// New links as `links` makes them, which hold for as long and as often as `packages` says.
    pub(crate) fn new(ledger: Ledger, links: Links, packages: &Packages) -> Self {
        let ttl = Duration::from_hours(24) * packages.ttl_days.get();
        Self { ledger, links, ttl, downloads: packages.downloads.get() }
    }

    /// Mails a new link to whoever had the old one, unless too many mails went there today: to the address of the package's
    /// request, or to the agent for as long as the person lets them have it. The old link ends only after the mail is
    /// ordered, so that a crash between the two leaves one that works. Returns whether it was ordered.
    pub(crate) async fn renew(&self, package: &PackageRecord, by: Actor) -> Result<bool, Fault> {
        let Some(of) = if_there(self.ledger.open_request(package.request).await)? else { return Ok(false) };
        let view = self.ledger.request_view(package.request).await?;
        let Some(job) = view.jobs.iter().find(|job| job.id == package.job) else { return Ok(false) };
        let token = self.ledger.vault().new_token();
        let ends = self.ledger.ids().now() + TimeDelta::from_std(self.ttl).unwrap_or(TimeDelta::days(7));
        let link = PackageLink {
            url: self.links.package(of.language, &token.expose()),
            expires_at: ends,
            downloads: self.downloads,
        };
        let Some(mail) = mail(&of, package, job.right, link) else { return Ok(false) };
        if !self.ledger.challenge_for(package.request, mail, LINKS_A_DAY, by).await? {
            return Ok(false);
        }
        if package.for_agent {
            self.ledger.renew_agent_package(package.id, token.hash(), ends, self.downloads).await?;
        } else {
            self.ledger.renew_package(package.id, token.hash(), ends, self.downloads, by).await?;
        }
        Ok(true)
    }
}

#[async_trait]
impl RenewLinks for Renewals {
    async fn renew_link(&self, package: &PackageRecord) -> Result<(), Fault> {
        self.renew(package, Actor::System).await.map(drop)
    }
}

/// A mail that asks nothing: a challenge without link and code of its own. Nothing if it would go to an agent who has no
/// part in the request any more.
fn mail(of: &OpenRequest, package: &PackageRecord, right: Right, link: PackageLink) -> Option<NewChallenge> {
    let (purpose, to, letter) = if package.for_agent {
        let agent = of.agent.as_ref().filter(|agent| agent.receives)?;
        let letter = Letter::AgentResult { right, package: Some(link) };
        (Purpose::AgentDownload, agent.said.email.as_str(), letter)
    } else {
        (Purpose::Download, of.address(), Letter::PackageRenewed { right, package: link })
    };
    Some(NewChallenge {
        purpose,
        link: None,
        code: None,
        tries: 0,
        package: Some(package.id),
        to: Personal::new(to.to_owned()),
        letter,
    })
}
