//! The service behind the pages.

use async_trait::async_trait;
use habeas_console::{Confirmation, Desk, GrantText, Granted, LinkSecret, Offer, Proof, Redeemed, TypedCode};
use habeas_domain::{Fault, RequestId, Right};
use habeas_ledger::{ChallengeRecord, Ledger, PackageRecord, Purpose, RequestView};
use habeas_vault::{Token, TokenHash};
use habeas_verification::{CodeAnswer, Confirmation as Confirmed, DownloadAnswer, Grant, LinkState, Whose};

use super::{
    Renewals, SealedPackages,
    answers::{desk_fault, if_there, objection, proof},
};

/// The service behind the pages: verification judges, the ledger says what a page shows.
pub(crate) struct PersonDesk {
    ledger: Ledger,
    desk: habeas_verification::Desk,
    renewals: Renewals,
    packages: SealedPackages,
}

impl PersonDesk {
    /// Over `ledger`, where `desk` judges secrets, `renewals` mails new links to packages, and `packages` hands out
    /// what was redeemed.
    pub(crate) fn new(
        ledger: Ledger,
        desk: habeas_verification::Desk,
        renewals: Renewals,
        packages: SealedPackages,
    ) -> Self {
        Self { ledger, desk, renewals, packages }
    }

    async fn challenge(&self, link: &LinkSecret) -> Result<Option<ChallengeRecord>, Fault> {
        let Some(hash) = hash(link) else { return Ok(None) };
        Ok(self.ledger.challenge_by_token(&hash).await?)
    }

    async fn package(&self, link: &LinkSecret) -> Result<Option<PackageRecord>, Fault> {
        let Some(hash) = hash(link) else { return Ok(None) };
        Ok(self.ledger.package_by_token(&hash).await?)
    }

    async fn view(&self, request: RequestId) -> Result<Option<RequestView>, Fault> {
        if_there(self.ledger.request_view(request).await)
    }

    /// What a page shows about a link that does, or did, what it is for.
    async fn confirmation(&self, link: &LinkSecret) -> Result<Option<Confirmation>, Fault> {
        self.of(link, proof).await
    }

    /// The same, as a proof that follows from the link's purpose.
    async fn of(
        &self,
        link: &LinkSecret,
        proof: impl Fn(Purpose) -> Option<Proof> + Send,
    ) -> Result<Option<Confirmation>, Fault> {
        let Some(record) = self.challenge(link).await? else { return Ok(None) };
        // Every person comes this way once: the request alone is one statement, its whole view is eight.
        let Some(of) = if_there(self.ledger.open_request(record.request).await)? else { return Ok(None) };
        let mut rights = of.submission.rights;
        rights.sort_unstable();
        Ok(proof(record.purpose).map(|proof| Confirmation {
            proof,
            rights,
            reference: of.id.reference(),
            due_on: of.due_on,
        }))
    }

    async fn offer(&self, link: &LinkSecret) -> Result<Option<Offer>, Fault> {
        let Some(package) = self.package(link).await? else { return Ok(None) };
        Ok(self.named(&package).await?.map(|(right, reference)| Offer {
            right,
            reference,
            bytes: package.bytes,
            expires_at: package.expires_at,
            downloads_left: package.downloads_left,
        }))
    }

    /// The right that a package fulfils, and the reference of its request.
    async fn named(&self, package: &PackageRecord) -> Result<Option<(Right, String)>, Fault> {
        let Some(view) = self.view(package.request).await? else { return Ok(None) };
        let right = view.jobs.iter().find(|job| job.id == package.job).map(|job| job.right);
        Ok(right.map(|right| (right, view.reference)))
    }
}

fn hash(link: &LinkSecret) -> Option<TokenHash> {
    Token::parse(link.expose()).ok().map(|token| token.hash())
}

#[async_trait]
impl Desk for PersonDesk {
    async fn look(&self, link: &LinkSecret) -> Result<Option<Confirmation>, Fault> {
        match self.desk.look(link.expose()).await.map_err(desk_fault)? {
            LinkState::Open { .. } => self.confirmation(link).await,
            LinkState::Stop(standing) => self.of(link, |_| objection(standing)).await,
            LinkState::Used | LinkState::NotValid => Ok(None),
        }
    }

    async fn confirm(&self, link: &LinkSecret) -> Result<Option<Confirmation>, Fault> {
        match self.desk.confirm(link.expose()).await.map_err(desk_fault)? {
            Confirmed::Confirmed => self.confirmation(link).await,
            Confirmed::Objected(standing) => self.of(link, |_| objection(standing)).await,
            Confirmed::AlreadyUsed | Confirmed::NotValid => Ok(None),
        }
    }

    async fn try_code(&self, link: &LinkSecret, code: &TypedCode) -> Result<Option<Confirmation>, Fault> {
        let answer = self.desk.try_code(Whose::Link(link.expose()), code.expose()).await;
        match answer.map_err(desk_fault)? {
            CodeAnswer::Confirmed => self.confirmation(link).await,
            CodeAnswer::Refused | CodeAnswer::Malformed => Ok(None),
        }
    }

    async fn send_new_code(&self, link: &LinkSecret) -> Result<(), Fault> {
        self.desk.send_new_code(Whose::Link(link.expose())).await.map_err(desk_fault)
    }

    async fn look_at_package(&self, link: &LinkSecret) -> Result<Option<Offer>, Fault> {
        match self.desk.look_at_package(link.expose()).await.map_err(desk_fault)? {
            Some(_) => self.offer(link).await,
            None => Ok(None),
        }
    }

    async fn send_download_code(&self, link: &LinkSecret) -> Result<(), Fault> {
        self.desk.send_download_code(link.expose()).await.map_err(desk_fault)
    }

    async fn try_download_code(&self, link: &LinkSecret, code: &TypedCode) -> Result<Option<Granted>, Fault> {
        let answer = self.desk.try_download_code(link.expose(), code.expose()).await;
        match answer.map_err(desk_fault)? {
            DownloadAnswer::Granted(grant) => {
                let grant = GrantText::new(grant.expose());
                Ok(self.offer(link).await?.map(|offer| Granted { grant, offer }))
            }
            DownloadAnswer::Refused | DownloadAnswer::Malformed => Ok(None),
        }
    }

    async fn redeem(&self, link: &LinkSecret, grant: &GrantText) -> Result<Option<Redeemed>, Fault> {
        // Before a download is counted: an object store that is away costs the person nothing.
        self.packages.is_there().await?;
        let redeemed = self.desk.redeem(link.expose(), &Grant::presented(grant.expose())).await;
        let Some(package) = redeemed.map_err(desk_fault)? else { return Ok(None) };
        let Some((right, reference)) = self.named(&package).await? else { return Ok(None) };
        let answer = Redeemed { package: package.id, right, reference, bytes: package.bytes };
        self.packages.hand_out(package);
        Ok(Some(answer))
    }

    async fn renew_package(&self, link: &LinkSecret) -> Result<(), Fault> {
        match self.package(link).await? {
            Some(package) => self.renewals.renew(&package).await,
            None => Ok(()),
        }
    }
}

/// A download is fetched by code, never by a link that was mailed.
const _: () = assert!(proof(Purpose::Download).is_none());
