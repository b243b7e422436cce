//! New links to packages that are still kept.

use std::time::Duration;

use chrono::TimeDelta;
use habeas_domain::{
    Actor, Fault, Letter, Links, Outcome, Personal,
    letter::{JobReport, PackageLink},
};
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
    pub(crate) async fn renew(&self, package: &PackageRecord) -> Result<(), Fault> {
        let Some(of) = if_there(self.ledger.open_request(package.request).await)? else { return Ok(()) };
        if self.ledger.challenges_today(package.request, Purpose::Download).await? >= MAILS_A_DAY {
            return Ok(());
        }
        let view = self.ledger.request_view(package.request).await?;
        let Some(job) = view.jobs.iter().find(|job| job.id == package.job) else { return Ok(()) };
        let token = self.ledger.vault().new_token();
        let ends = self.ledger.ids().now() + TimeDelta::from_std(self.ttl).unwrap_or(TimeDelta::days(7));
        let link = PackageLink {
            url: self.links.package(of.language, &token.expose()),
            expires_at: ends,
            downloads: self.downloads,
        };
        let report = JobReport {
            right: job.right,
            outcome: Outcome::Done,
            stores: u32::try_from(job.tasks.len()).unwrap_or(u32::MAX),
            rows: package.rows,
            package: Some(link),
            kept: Vec::new(),
            undone: Vec::new(),
            refusal: None,
            receipt: None,
            referrals: Vec::new(),
        };
        self.ledger.challenge_again(package.request, mail(&of, package, report)).await?;
        self.ledger.renew_package(package.id, token.hash(), ends, self.downloads, Actor::Subject).await?;
        Ok(())
    }
}

/// A mail that asks nothing: a challenge without link and code of its own.
fn mail(of: &OpenRequest, package: &PackageRecord, report: JobReport) -> NewChallenge {
    NewChallenge {
        purpose: Purpose::Download,
        link: None,
        code: None,
        tries: 0,
        package: Some(package.id),
        to: Personal::new(of.address().to_owned()),
        letter: Letter::JobEnded(report),
    }
}
