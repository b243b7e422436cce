use habeas_ledger::{Guessed, PackageRecord, Purpose};
use habeas_vault::{Code, TokenHash};

use super::{Desk, DeskError, DownloadAnswer, PackagePage, codes::was_last, count, presented};
use crate::Grant;

impl Desk {
    /// Sends a code to the address that the request was proven with, or to the agent whose link it is, if `package` is the token
    /// of a package that can still be fetched and not too many codes were sent for that link today. The answer is the same in
    /// every case. A new code makes the older ones for the same package void. Whoever has too many sent is not who the link
    /// was mailed to: it ends, and a new one is mailed there.
    pub async fn send_download_code(&self, package: &str) -> Result<(), DeskError> {
        self.paced(Box::pin(self.send_download(package))).await
    }

    async fn send_download(&self, token: &str) -> Result<(), DeskError> {
        let found = self.package(token).await?;
        let code = self.challenges.code().await?;
        let Some((link, package)) = found else { return Ok(()) };
        let Some(of) = self.open(package.request).await? else { return Ok(()) };
        let new = self.challenges.download(&of, &package, &link, &code)?;
        let most = self.challenges.options().download_codes_a_day;
        let turn = self.turns.of(package.request).await;
        let sent = self.ledger.challenge_within(package.request, new, most).await?;
        drop(turn);
        if !sent {
            self.renew_guessed(&link, &package).await?;
        }
        count("new-download-code", if sent { "sent" } else { "not-sent" });
        Ok(())
    }

    /// Tries the code that a person typed to fetch a package. Counted before it is judged. The permission that it
    /// gives works once; until then the same code gives the same permission again.
    pub async fn try_download_code(&self, package: &str, typed: &str) -> Result<DownloadAnswer, DeskError> {
        let Ok(code) = Code::parse(typed) else { return Ok(DownloadAnswer::Malformed) };
        let answer = self.paced(Box::pin(self.try_download(package, &code))).await?;
        count("download-code", if answer == DownloadAnswer::Refused { "refused" } else { "granted" });
        Ok(answer)
    }

    async fn try_download(&self, token: &str, code: &Code) -> Result<DownloadAnswer, DeskError> {
        let found = self.package(token).await?;
        let tried = match &found {
            Some((_, package)) => {
                self.ledger.try_code(package.request, purpose(package), Some(package.id)).await?
            }
            None => None,
        };
        let right = self.is_right(code, tried.as_ref()).await?;
        if let Some((link, package)) = found.as_ref().filter(|_| !right && was_last(tried.as_ref())) {
            self.renew_guessed(link, package).await?;
        }
        Ok(match found {
            Some((link, _)) if right => {
                DownloadAnswer::Granted(Grant::of(self.challenges.vault(), &link, code))
            }
            _ => DownloadAnswer::Refused,
        })
    }

    /// Somebody guesses behind this link, or keeps its codes from whom they are for: staff are told, the link ends, and whoever it
    /// was mailed to gets another, which nobody else knows. What cannot be mailed now is told to ops; the link goes on.
    async fn renew_guessed(&self, link: &TokenHash, package: &PackageRecord) -> Result<(), DeskError> {
        self.guessed(package.request, Guessed::Download).await?;
        let Some(renew) = &self.renew else { return Ok(()) };
        let _turn = self.turns.of(package.request).await;
        // Of many who are at it at once the first ends the link, and no other mails one more.
        if self.ledger.package_by_token(link).await?.is_none() {
            return Ok(());
        }
        if let Err(fault) = renew.renew_link(package).await {
            tracing::error!(request = %package.request, %fault, "a link to a package that somebody guesses behind was not renewed");
        }
        Ok(())
    }

    /// Uses a permission and one of the package's downloads, and says what to send. Nothing if the permission was used,
    /// ended, or is for another package, or if no download is left.
    pub async fn redeem(&self, package: &str, grant: &Grant) -> Result<Option<PackageRecord>, DeskError> {
        let redeemed = self.within(Box::pin(self.redeem_once(package, grant))).await?;
        count("download", if redeemed.is_some() { "redeemed" } else { "refused" });
        Ok(redeemed)
    }

    async fn redeem_once(&self, token: &str, grant: &Grant) -> Result<Option<PackageRecord>, DeskError> {
        let Some((link, package)) = self.package(token).await? else { return Ok(None) };
        let stored = grant.stored(self.challenges.vault(), &link)?;
        let record = self.ledger.challenge_by_token(&stored).await?;
        let record = record.filter(|record| {
            record.open && record.purpose == purpose(&package) && record.request == package.request
        });
        match record {
            Some(record) if self.ledger.prove(record.id).await? => Ok(if package.for_agent {
                self.ledger.use_agent_download(package.id).await?
            } else {
                self.ledger.use_download(package.id).await?
            }),
            _ => Ok(None),
        }
    }

    /// What the page of a package shows; nothing if it cannot be fetched. Changes nothing.
    pub async fn look_at_package(&self, package: &str) -> Result<Option<PackagePage>, DeskError> {
        self.within(async {
            let Some((_, package)) = self.package(package).await? else { return Ok(None) };
            Ok(self.open(package.request).await?.map(|of| PackagePage {
                language: of.language,
                expires_at: package.expires_at,
                downloads_left: package.downloads_left,
            }))
        })
        .await
    }

    /// The package of a token that can still be fetched.
    async fn package(&self, token: &str) -> Result<Option<(TokenHash, PackageRecord)>, DeskError> {
        let Some(link) = presented(token) else { return Ok(None) };
        let package = self.ledger.package_by_token(&link).await?;
        let now = self.ledger.ids().now();
        Ok(package.filter(|package| package.is_open(now)).map(|package| (link, package)))
    }
}

/// What a code for a package is for: the person's and the agent's are kept apart.
const fn purpose(package: &PackageRecord) -> Purpose {
    if package.for_agent { Purpose::AgentDownload } else { Purpose::Download }
}
