//! A folder of `.eml` files: the embedded default's mailbox, and where other programs may put mails.
//!
//! A writer makes the file under another name and renames it to `*.eml` when it is whole. What was stored is moved to the
//! folder `taken` beside it, what is too large to `too-large`.

use std::{
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use chrono::{DateTime, Utc};
use habeas_domain::Personal;
use habeas_ledger::{Ledger, LedgerError, MailContent, NewReceivedMail};
use tokio_util::sync::CancellationToken;

use super::Bell;

/// How many files are stored in one transaction.
const AT_ONCE: usize = 16;

/// A folder of files, and how to read it.
#[derive(Debug, Clone)]
pub struct FolderOptions {
    /// What the configuration calls the mailbox.
    pub name: String,
    /// The folder.
    pub folder: PathBuf,
    /// Between two looks.
    pub poll: Duration,
    /// Longer mails are put aside and parked, in bytes.
    pub max_bytes: u64,
}

/// Why a folder could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The folder or a file in it cannot be read or moved.
    #[error("the folder of the mailbox cannot be read; check that this user may read and write it")]
    Files(#[from] io::Error),
    /// The state database did not take the mails. They stay where they are.
    #[error("mails could not be stored")]
    Ledger(#[from] LedgerError),
}

/// Reads a folder for as long as the process lives.
#[derive(Debug, Clone)]
pub struct FolderReader {
    options: FolderOptions,
    ledger: Ledger,
    bell: Bell,
}

impl FolderReader {
    /// A reader that stores in `ledger` and rings `bell`. Makes the folder.
    pub fn open(options: FolderOptions, ledger: Ledger, bell: Bell) -> io::Result<Self> {
        for folder in [options.folder.clone(), options.folder.join("taken"), options.folder.join("too-large")]
        {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        Ok(Self { options, ledger, bell })
    }

    /// Reads until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut failing = false;
        while !stop.is_cancelled() {
            match self.round().await {
                Ok(()) => failing = false,
                Err(error) if !failing => {
                    tracing::warn!(mailbox = self.options.name, error = %error, "a mailbox cannot be read now");
                    failing = true;
                }
                Err(_) => {}
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(self.options.poll) => {}
            }
        }
    }

    /// Stores what lies in the folder now.
    pub async fn round(&self) -> Result<(), FolderError> {
        let folder = self.options.folder.clone();
        let found = blocking(move || waiting(&folder)).await?;
        for files in found.chunks(AT_ONCE) {
            let mut mails = Vec::with_capacity(files.len());
            for file in files {
                let (file, max) = (file.clone(), self.options.max_bytes);
                let (content, arrived_at) = blocking(move || read(&file, max)).await?;
                mails.push(NewReceivedMail {
                    mailbox: self.options.name.clone(),
                    place: None,
                    received_at: arrived_at.min(self.ledger.ids().now()),
                    content,
                    delivery: None,
                });
            }
            fail::fail_point!("mailbox::before_store");
            self.ledger.store_mails(&mails, None).await?;
            fail::fail_point!("mailbox::after_store");
            self.bell.ring();
            for (file, mail) in files.iter().zip(&mails) {
                let taken = matches!(mail.content, MailContent::Whole(_));
                let (file, to) = (file.clone(), if taken { "taken" } else { "too-large" });
                blocking(move || put_aside(&file, to)).await?;
            }
        }
        Ok(())
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|cut| Err(io::Error::other(cut)))
}

/// The files that are whole, oldest name first. No link is followed.
fn waiting(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_mail = Path::new(&entry.file_name()).extension().is_some_and(|end| end == "eml");
        if is_mail && entry.file_type()?.is_file() {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// A file as what is stored of it, and when it came.
pub(super) fn read(file: &Path, max_bytes: u64) -> io::Result<(MailContent, DateTime<Utc>)> {
    let about = fs::metadata(file)?;
    let arrived_at = about.modified().unwrap_or(SystemTime::UNIX_EPOCH).into();
    let content = if about.len() > max_bytes {
        too_large(about.len(), max_bytes)
    } else {
        MailContent::Whole(Personal::new(fs::read(file)?))
    };
    Ok((content, arrived_at))
}

pub(super) fn too_large(bytes: u64, max_bytes: u64) -> MailContent {
    let reason =
        format!("larger than max_bytes ({max_bytes} bytes); it was left where it is, look at it there");
    MailContent::LeftThere { bytes, reason }
}

fn put_aside(file: &Path, to: &str) -> io::Result<()> {
    let (Some(folder), Some(name)) = (file.parent(), file.file_name()) else { return Ok(()) };
    fs::rename(file, folder.join(to).join(name))
}
