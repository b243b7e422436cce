//! A person who asked for something: reads mails, follows links, presses buttons, types codes.

use std::path::{Path, PathBuf};

use habeas_domain::Right;
use habeas_ledger::Ledger;
use sha2::{Digest, Sha256};

use super::{browser::Browser, mailbox};
use crate::failure::{Exit, Failure};

/// A person with a mailbox and a browser.
#[derive(Debug, Clone)]
pub(in crate::demo) struct Requester {
    email: String,
    mails: PathBuf,
    browser: Browser,
}

/// A package that was fetched and checked.
#[derive(Debug, Clone)]
pub(in crate::demo) struct Download {
    /// Where it lies.
    pub(in crate::demo) file: PathBuf,
    /// SHA-256 of it, in hexadecimal digits.
    pub(in crate::demo) sha256: String,
    /// How many files its signed manifest lists, each with its hash.
    pub(in crate::demo) files: usize,
    /// The key that signed it.
    pub(in crate::demo) key: String,
}

impl Requester {
    /// Somebody who reads the mails to `email` in that folder.
    pub(in crate::demo) fn new(email: &str, mails: &Path) -> Result<Self, Failure> {
        Ok(Self { email: email.to_owned(), mails: mails.to_owned(), browser: Browser::new()? })
    }

    /// Proves who they are: follows the link in the mail and presses the button.
    pub(in crate::demo) async fn confirm_identity(&self) -> Result<(), Failure> {
        self.confirm(&self.email, "verify").await
    }

    /// Confirms that a new address is theirs, too.
    pub(in crate::demo) async fn confirm_address(&self, address: &str) -> Result<(), Failure> {
        self.confirm(address, "confirm-new-address").await
    }

    async fn confirm(&self, address: &str, kind: &str) -> Result<(), Failure> {
        let mail = mailbox::wait_for(&self.mails, address, kind, 0).await?;
        let page = self.browser.open(&mail.link("/confirm/")?).await?;
        self.browser.press(&page, &[]).await.map(drop)
    }

    /// Waits for the mail that says how it ended.
    pub(in crate::demo) async fn wait_for_end(&self, address: &str) -> Result<(), Failure> {
        let done = mailbox::wait_for(&self.mails, address, "job-done", 0);
        let partly = mailbox::wait_for(&self.mails, address, "job-partly-done", 0);
        tokio::select! {
            mail = done => mail.map(drop),
            mail = partly => mail.map(drop),
        }
    }

    /// Asks for a code, types it, downloads the package, and checks its hashes and its signature.
    pub(in crate::demo) async fn download(
        &self,
        right: Right,
        folder: &Path,
        ledger: &Ledger,
    ) -> Result<Download, Failure> {
        let mail = mailbox::wait_for(&self.mails, &self.email, "job-done", 0).await?;
        let page = self.browser.open(&mail.link("/package/")?).await?;
        let ask = self.browser.press(&page, &[]).await?;
        let code = mailbox::wait_for(&self.mails, &self.email, "download-code", 0).await?.code()?;
        let opened = self.browser.press(&ask, &[("code", &code)]).await?;
        let zip = self.browser.press(&opened, &[]).await?.body;
        let file = folder.join(format!("{right}.zip"));
        std::fs::write(&file, &zip).map_err(|error| Failure::of(Exit::Unavailable, "demo", &error))?;
        let sha256 = hex::encode(Sha256::digest(&zip));
        let verifier = ledger.vault().verifier();
        let whole = habeas_package::verify(std::io::Cursor::new(zip), &verifier)
            .map_err(|error| Failure::of(Exit::Findings, "demo", &error))?;
        Ok(Download { file, sha256, files: whole.content.files.len(), key: whole.key_id })
    }
}
