//! Reading the mails in the folder, as a person's mail client would.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use mail_parser::{Message, MessageParser};

use crate::failure::{Exit, Failure};

/// How long a mail may take to come.
const LIMIT: Duration = Duration::from_secs(20);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// A mail, read.
#[derive(Debug, Clone)]
pub(in crate::demo) struct ReadMail {
    /// Where it lies.
    pub(in crate::demo) file: PathBuf,
    /// To whom.
    pub(in crate::demo) to: String,
    /// The decoded subject.
    pub(in crate::demo) subject: String,
    /// What it is, such as `verify`: its file name says so.
    pub(in crate::demo) kind: String,
    /// The decoded text part.
    text: String,
}

impl ReadMail {
    /// The link in it that leads to such a page.
    pub(super) fn link(&self, page: &str) -> Result<String, Failure> {
        let words = self.text.split_whitespace().filter(|word| word.starts_with("http"));
        let link =
            words.map(|word| word.trim_end_matches(['.', ')', '>', '。'])).find(|word| word.contains(page));
        link.map(str::to_owned).ok_or_else(|| self.lacks("link"))
    }

    /// The code of 8 digits in it; blanks and hyphens between groups of four do not count.
    pub(super) fn code(&self) -> Result<String, Failure> {
        let runs = self.text.split(|c: char| !c.is_ascii_digit() && c != ' ' && c != '-');
        let digits = runs.map(|run| run.chars().filter(char::is_ascii_digit).collect::<String>());
        digits.into_iter().find(|run| run.len() == 8).ok_or_else(|| self.lacks("code"))
    }

    fn lacks(&self, what: &str) -> Failure {
        Failure::new(
            Exit::Findings,
            "demo",
            format!("the {} mail holds no {what}: {}", self.kind, self.file.display()),
        )
    }
}

/// Every mail in the folder, oldest first.
pub(in crate::demo) fn all(folder: &Path) -> Result<Vec<ReadMail>, Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(Exit::Unavailable, "demo", format!("cannot read {}: {error}", folder.display()))
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "eml") {
            files.push(path);
        }
    }
    // The id in the name is ordered by time, finer than the second that the name begins with.
    files.sort_by_key(|file| id(file));
    files.iter().map(|file| read(file)).collect()
}

/// Waits for a mail of that kind to that address, leaving out the first `seen`.
pub(super) async fn wait_for(folder: &Path, to: &str, kind: &str, seen: usize) -> Result<ReadMail, Failure> {
    let waiting = async {
        loop {
            let fits = |mail: &ReadMail| mail.to.eq_ignore_ascii_case(to) && mail.kind == kind;
            if let Some(found) = all(folder)?.into_iter().filter(fits).nth(seen) {
                return Ok(found);
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(LIMIT, waiting).await.unwrap_or_else(|_| {
        let message = format!("no {kind} mail came to {to} within {} s", LIMIT.as_secs());
        Err(Failure::new(Exit::Findings, "demo", message).fix("look at the log in the demo's folder"))
    })
}

fn read(file: &Path) -> Result<ReadMail, Failure> {
    let unreadable =
        || Failure::new(Exit::Findings, "demo", format!("this is no readable mail: {}", file.display()));
    let raw = std::fs::read(file).map_err(|_| unreadable())?;
    let message = MessageParser::default().parse(&raw).ok_or_else(unreadable)?;
    Ok(ReadMail {
        file: file.to_owned(),
        to: recipient(&message),
        subject: message.subject().unwrap_or_default().to_owned(),
        kind: kind(file),
        text: message.body_text(0).unwrap_or_default().into_owned(),
    })
}

fn recipient(message: &Message<'_>) -> String {
    let first = message.to().and_then(|to| to.first());
    first.and_then(|address| address.address()).unwrap_or_default().to_owned()
}

/// The UUID at the end of the name.
fn id(file: &Path) -> String {
    let name = file.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.get(name.len().saturating_sub(36)..).unwrap_or_default().to_owned()
}

/// `<time>-<kind>-<uuid>.eml`
fn kind(file: &Path) -> String {
    let name = file.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let parts: Vec<&str> = name.split('-').collect();
    // A UUID has five parts.
    parts.get(1..parts.len().saturating_sub(5)).unwrap_or_default().join("-")
}
