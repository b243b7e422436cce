//! New links to packages that are still kept.

use std::time::Duration;

use chrono::TimeDelta;
use habeas_domain::{Actor, Fault, Letter, Links, Personal, letter::PackageLink};
use habeas_ledger::{Ledger, NewChallenge, OpenRequest, PackageRecord, Purpose};

use super::answers::if_there;

/// How many mails about its packages a request may be sent in 24 hours, codes included.
const MAILS_A_DAY: u64 = 6;

/// Mails new links to packages.
pub(crate) struct Renewals {
    /// The state database.
    pub(crate) ledger: Ledger,
    /// Where the pages are.
    pub(crate) links: Links,
    /// How long a new link holds.
    pub(crate) ttl: Duration,
    /// How often the package can be fetched with it.
    pub(crate) downloads: u32,
}

impl Renewals {
    /// Mails a new link to the address of the package's request, unless too many mails went there today. The old link
    /// ends only after the mail is ordered, so that a crash between the two leaves one that works.
    /// An agent's link is not renewed: who fetches it again is for the person to say.
    pub(crate) async fn renew(&self, package: &PackageRecord) -> Result<(), Fault> {
        if package.for_agent {
            return Ok(());
        }
        let Some(of) = if_there(self.ledger.open_request(package.request).await)? else { return Ok(()) };
        let view = self.ledger.request_view(package.request).await?;
        let Some(job) = view.jobs.iter().find(|job| job.id == package.job) else { return Ok(()) };
        let token = self.ledger.vault().new_token();
        let ends = self.ledger.ids().now() + TimeDelta::from_std(self.ttl).unwrap_or(TimeDelta::days(7));
        let link = PackageLink {
            url: self.links.package(of.language, &token.expose()),
            expires_at: ends,
            downloads: self.downloads,
        };
        let letter = Letter::PackageRenewed { right: job.right, package: link };
        let ordered =
            self.ledger.challenge_within(package.request, mail(&of, package, letter), MAILS_A_DAY).await?;
        if ordered {
            self.ledger.renew_package(package.id, token.hash(), ends, self.downloads, Actor::Subject).await?;
        }
        Ok(())
    }
}

/// A mail that asks nothing: a challenge without link and code of its own.
fn mail(of: &OpenRequest, package: &PackageRecord, letter: Letter) -> NewChallenge {
    NewChallenge {
        purpose: Purpose::Download,
        link: None,
        code: None,
        tries: 0,
        package: Some(package.id),
        to: Personal::new(of.address().to_owned()),
        letter,
    }
}
