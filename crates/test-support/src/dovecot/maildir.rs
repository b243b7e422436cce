//! What a test does to a mailbox behind the server's back: deliver, look, make it anew.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::Dovecot;
use crate::names;

impl Dovecot {
    /// Delivers a mail as a mail server does: written aside, then moved into the folder in one step.
    pub fn deliver(&self, user: &str, raw: &[u8]) -> Result<()> {
        let name = names::unique("mail-");
        let mailbox = self.mailbox(user);
        for part in ["tmp", "new", "cur"] {
            self.folder.subfolder(&format!("mail/{user}/{part}"), self.account)?;
        }
        self.account.own(&mailbox)?;
        let aside = mailbox.join("tmp").join(&name);
        std::fs::write(&aside, raw).context("writing a mail")?;
        self.account.own(&aside)?;
        std::fs::rename(&aside, mailbox.join("new").join(&name)).context("delivering a mail")
    }

    /// How many mails of a user's folder (`None` is the inbox) carry the flag `\Seen`.
    pub fn seen(&self, user: &str, folder: Option<&str>) -> Result<usize> {
        let flags = |name: &str| name.split_once(":2,").is_some_and(|(_, flags)| flags.contains('S'));
        Ok(self.files(user, folder)?.iter().filter(|name| flags(name)).count())
    }

    /// How many mails lie in a user's folder (`None` is the inbox).
    pub fn count(&self, user: &str, folder: Option<&str>) -> Result<usize> {
        Ok(self.files(user, folder)?.len())
    }

    /// Has the server forget the UIDs of a user's inbox, so that it gives new ones under another UIDVALIDITY. The server
    /// must be stopped.
    pub fn forget_uids(&self, user: &str) -> Result<()> {
        let mailbox = self.mailbox(user);
        for entry in std::fs::read_dir(&mailbox)? {
            let path = entry?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if name == "dovecot-uidlist"
                || name.starts_with("dovecot.index")
                || name.starts_with("dovecot.list")
            {
                std::fs::remove_file(&path).context("forgetting the UIDs")?;
            }
        }
        Ok(())
    }

    fn files(&self, user: &str, folder: Option<&str>) -> Result<Vec<String>> {
        let mut mailbox = self.mailbox(user);
        if let Some(folder) = folder {
            mailbox = mailbox.join(format!(".{folder}"));
        }
        let mut names = list(&mailbox.join("new"))?;
        names.extend(list(&mailbox.join("cur"))?);
        Ok(names)
    }
}

fn list(folder: &Path) -> Result<Vec<String>> {
    let folder: PathBuf = folder.to_owned();
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(&folder)?.flatten();
    Ok(entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
}
