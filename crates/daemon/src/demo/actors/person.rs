//! A person who asked for something: reads mails, follows links, presses buttons, types codes.

use std::path::{Path, PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
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

/// A text in a header (RFC 2047).
fn encoded(text: &str) -> String {
    format!("=?UTF-8?B?{}?=", STANDARD.encode(text))
}

/// A package that was fetched and checked.
#[derive(Debug, Clone)]
pub(in crate::demo) struct Download {
    /// What was asked for.
    pub(in crate::demo) right: Right,
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

    /// Writes a mail in Japanese that asks for a copy and for a file to take elsewhere, as a mail server delivers it: whole,
    /// or not at all.
    pub(in crate::demo) fn write_to(&self, mailbox: &Path, name: &str) -> Result<(), Failure> {
        let raw = format!(
            "From: {from}\r\nTo: privacy@example.com\r\nMessage-ID: <two-rights@example.jp>\r\n\
             Date: Mon, 6 Apr 2026 09:00:00 +0900\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{body}\r\n",
            from = format_args!("{} <{}>", encoded(name), self.email),
            subject = encoded("個人データについて"),
            body = STANDARD.encode(format!(
                "例示マート ご担当者様\r\n\r\n私に関する個人データの開示を請求します。\r\n\
                 あわせて、データポータビリティの権利に基づき、機械可読な形式での提供を請求します。\r\n\r\n{name}\r\n"
            )),
        );
        let (aside, file) = (mailbox.join("two-rights.tmp"), mailbox.join("two-rights.eml"));
        let written = std::fs::write(&aside, raw).and_then(|()| std::fs::rename(&aside, &file));
        written.map_err(|error| {
            let message = format!("cannot put a mail into {}: {error}", mailbox.display());
            Failure::new(Exit::Unavailable, "demo", message)
        })
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

    /// Asks for a code, types it, downloads the package of the `nth` mail that says a job is done, and checks its hashes
    /// and its signature.
    pub(in crate::demo) async fn download(
        &self,
        nth: usize,
        folder: &Path,
        ledger: &Ledger,
    ) -> Result<Download, Failure> {
        let mail = mailbox::wait_for(&self.mails, &self.email, "job-done", nth).await?;
        let page = self.browser.open(&mail.link("/package/")?).await?;
        let ask = self.browser.press(&page, &[]).await?;
        let code = mailbox::wait_for(&self.mails, &self.email, "download-code", nth).await?.code()?;
        let opened = self.browser.press(&ask, &[("code", &code)]).await?;
        let zip = self.browser.press(&opened, &[]).await?.body;
        let sha256 = hex::encode(Sha256::digest(&zip));
        let verifier = ledger.vault().verifier();
        let whole = habeas_package::verify(std::io::Cursor::new(&zip), &verifier)
            .map_err(|error| Failure::of(Exit::Findings, "demo", &error))?;
        let right = whole.content.right;
        let (name, _) = self.email.split_once('@').unwrap_or((&self.email, ""));
        let file = folder.join(format!("{right}-{name}.zip"));
        std::fs::write(&file, &zip).map_err(|error| Failure::of(Exit::Unavailable, "demo", &error))?;
        Ok(Download { right, file, sha256, files: whole.content.files.len(), key: whole.key_id })
    }
}
