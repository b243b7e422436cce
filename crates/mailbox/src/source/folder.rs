//! A folder of `.eml` files: the embedded default's mailbox, and where other programs may put mails.
//!
//! A writer makes the file under another name and renames it to `*.eml` when it is whole. What was stored is deleted, or
//! moved to the folder `taken` beside it if it is to be kept; what is too large is moved to `too-large`, what cannot be
//! read to `unreadable`, and both are listed for staff.

mod away;

use std::{
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use chrono::{DateTime, Utc};
use habeas_domain::Personal;
use habeas_ledger::{Ledger, LedgerError, MailContent, MailboxPlace, MailboxPosition, NewReceivedMail};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::away::{Fate, TAKEN, TOO_LARGE, UNREADABLE};
use super::{
    Bell,
    left_there::{header_of, too_large},
    standing::failures_in_a_row,
};

/// How many files are stored in one transaction, and how many bytes of them, unless one alone is longer.
const AT_ONCE: usize = 16;
const BYTES_AT_ONCE: u64 = 8_000_000;

/// Between two notes that the folder was read.
const NOTED_EVERY: Duration = Duration::from_secs(30);

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
    /// Whether files that were stored are kept, in plain text.
    pub keep: bool,
}

/// Why a folder could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The folder cannot be read, or a file in it not moved or deleted.
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

/// A file, what is stored of it, and what becomes of it then.
struct Found {
    file: PathBuf,
    fate: Fate,
    mail: NewReceivedMail,
}

impl FolderReader {
    /// A reader that stores in `ledger` and rings `bell`. Makes the folder.
    pub fn open(options: FolderOptions, ledger: Ledger, bell: Bell) -> io::Result<Self> {
        let beside = [Some(TOO_LARGE), Some(UNREADABLE), options.keep.then_some(TAKEN)];
        let beside = beside.into_iter().flatten().map(|name| options.folder.join(name));
        for folder in std::iter::once(options.folder.clone()).chain(beside) {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        Ok(Self { options, ledger, bell })
    }

    /// Reads until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let (mut failures, mut noted) = (0, None);
        while !stop.is_cancelled() {
            match self.noted_round(&mut noted, &stop).await {
                Ok(()) => failures = 0,
                Err(error) => {
                    if failures == 0 {
                        tracing::warn!(mailbox = self.options.name, error = %error, "a mailbox cannot be read now");
                    }
                    failures += 1;
                }
            }
            failures_in_a_row(&self.options.name, failures);
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(self.options.poll) => {}
            }
        }
    }

    /// A round, and now and then a note that it went well.
    async fn noted_round(
        &self,
        noted: &mut Option<Instant>,
        stop: &CancellationToken,
    ) -> Result<(), FolderError> {
        let place = MailboxPlace { mailbox: self.options.name.clone(), folder: String::new() };
        if noted.is_none() {
            let first = MailboxPosition { place: place.clone(), uidvalidity: 0, last_uid: 0, dated_until: 0 };
            self.ledger.open_mailbox(&first, self.ledger.ids().now()).await?;
        }
        self.round_until(stop).await?;
        if noted.is_none_or(|noted| noted.elapsed() >= NOTED_EVERY) {
            self.ledger.mailbox_read(&place).await?;
            *noted = Some(Instant::now());
        }
        Ok(())
    }

    /// Stores what lies in the folder now.
    pub async fn round(&self) -> Result<(), FolderError> {
        self.round_until(&CancellationToken::new()).await
    }

    async fn round_until(&self, stop: &CancellationToken) -> Result<(), FolderError> {
        let folder = self.options.folder.clone();
        let files = blocking(move || waiting(&folder)).await?;
        let (mut group, mut bytes, mut ended) = (Vec::new(), 0, Ok(()));
        for file in files {
            if stop.is_cancelled() {
                break;
            }
            let Some(found) = self.found(file).await? else { continue };
            bytes += found.mail.content.held();
            group.push(found);
            if group.len() >= AT_ONCE || bytes >= BYTES_AT_ONCE {
                ended = self.store(std::mem::take(&mut group)).await?.and(ended);
                bytes = 0;
            }
        }
        Ok(self.store(group).await?.and(ended)?)
    }

    /// What there is of a file; nothing if somebody took it away meanwhile.
    async fn found(&self, file: PathBuf) -> Result<Option<Found>, FolderError> {
        let (path, max) = (file.clone(), self.options.max_bytes);
        let read = blocking(move || read(&path, max, away::IN_TOO_LARGE)).await;
        let now = self.ledger.ids().now();
        let Some((content, arrived_at)) = there_is(read, now) else { return Ok(None) };
        let fate = Fate::of(&content, self.options.keep);
        let path = file.clone();
        let place = blocking(move || Ok(fate.place(&path))).await?;
        let received_at = arrived_at.min(now);
        let mailbox = self.options.name.clone();
        let mail = NewReceivedMail { mailbox, place, received_at, content, delivery: None };
        Ok(Some(Found { file, fate, mail }))
    }

    /// Stores mails and puts their files away, as many of them as can be.
    async fn store(&self, group: Vec<Found>) -> Result<io::Result<()>, FolderError> {
        if group.is_empty() {
            return Ok(Ok(()));
        }
        let (files, mails): (Vec<_>, Vec<_>) =
            group.into_iter().map(|found| ((found.file, found.fate), found.mail)).unzip();
        fail::fail_point!("mailbox::before_store");
        self.ledger.store_mails(&mails, None).await?;
        fail::fail_point!("mailbox::after_store");
        self.bell.ring();
        let mut ended = Ok(());
        for (file, fate) in files {
            ended = blocking(move || fate.befall(&file)).await.and(ended);
        }
        Ok(ended)
    }
}

/// What is stored of a file that was read or could not be; nothing if it is gone. One that cannot be read does not keep the
/// others.
fn there_is(
    read: io::Result<(MailContent, DateTime<Utc>)>,
    now: DateTime<Utc>,
) -> Option<(MailContent, DateTime<Utc>)> {
    match read {
        Ok(read) => Some(read),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(_) => Some((away::unreadable(), now)),
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|cut| Err(io::Error::other(cut)))
}

/// How many mails wait in a folder: for `habeas doctor`.
pub fn backlog(folder: &Path) -> io::Result<usize> {
    Ok(waiting(folder)?.len())
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

/// A file as what is stored of it, and when it came. `there` says where one is that is too large.
pub(super) fn read(file: &Path, max_bytes: u64, there: &str) -> io::Result<(MailContent, DateTime<Utc>)> {
    use io::Read;
    let about = fs::metadata(file)?;
    let arrived_at = about.modified().unwrap_or(SystemTime::UNIX_EPOCH).into();
    let mut raw = Vec::new();
    fs::File::open(file)?.take(max_bytes.saturating_add(1)).read_to_end(&mut raw)?;
    let content = if raw.len() as u64 > max_bytes {
        too_large(about.len(), max_bytes, there, Some(Personal::new(header_of(&raw))))
    } else {
        MailContent::Whole(Personal::new(raw))
    };
    Ok((content, arrived_at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_listed_and_what_is_gone_is_not() {
        let now = DateTime::UNIX_EPOCH;
        assert!(there_is(Err(io::ErrorKind::NotFound.into()), now).is_none());
        let (content, at) = there_is(Err(io::ErrorKind::PermissionDenied.into()), now).unwrap();
        assert_eq!(at, now);
        assert_eq!(Fate::of(&content, false), Fate::Moved(UNREADABLE));
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(UNREADABLE)).unwrap();
        let file = folder.path().join("a.eml");
        fs::write(&file, "x").unwrap();
        let place = Fate::Moved(UNREADABLE).place(&file).unwrap();
        assert_eq!(Some(&place), Fate::Moved(UNREADABLE).place(&file).as_ref(), "it is known again");
        assert_eq!((place.folder.as_str(), place.uidvalidity), (UNREADABLE, 0));
        Fate::Moved(UNREADABLE).befall(&file).unwrap();
        assert!(folder.path().join(UNREADABLE).join("a.eml").exists());
    }
}
