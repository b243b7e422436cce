//! Mails as `.eml` files in a folder: the embedded default, and what the demo reads.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use habeas_domain::{MailId, id::TypedId as _};

use super::{Transport, TransportError};
use crate::OutgoingMail;

/// Tells apart the unfinished files of two writers in one process.
static WRITES: AtomicU64 = AtomicU64::new(0);

/// Writes each mail into a folder as `<yyyymmddThhmmssZ>-<kind>-<mail id>.eml`, readable by the owner alone.
///
/// The name depends on the mail alone, and a file appears whole or not at all, so that a retry never makes a second
/// one. The time in the name is when the mail's id was made, so that names sort in the order of the mails.
#[derive(Debug, Clone)]
pub struct FolderTransport {
    folder: PathBuf,
}

impl FolderTransport {
    /// Opens the folder, making it (and those above it) where there is none.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = folder.into();
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        Ok(Self { folder })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a mail is written.
    pub fn file_of(&self, mail: &OutgoingMail) -> PathBuf {
        let stamp = made_at(mail.id).unwrap_or(mail.date).format("%Y%m%dT%H%M%SZ");
        self.folder.join(format!("{stamp}-{}-{}.eml", mail.kind, mail.id))
    }
}

#[async_trait]
impl Transport for FolderTransport {
    async fn send(&self, mail: &OutgoingMail) -> Result<(), TransportError> {
        let (folder, file, raw) = (self.folder.clone(), self.file_of(mail), mail.raw.clone());
        let written = tokio::task::spawn_blocking(move || write_whole(&folder, &file, raw.expose()));
        written
            .await
            .unwrap_or_else(|cut| Err(io::Error::other(cut)))
            .map_err(|source| TransportError::Folder { source })
    }
}

/// When a time-ordered id was made (RFC 9562, section 5.7).
fn made_at(id: MailId) -> Option<DateTime<Utc>> {
    let (seconds, nanos) = id.uuid().get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
}

/// Writes beside the file, then moves it there: readers see all of it or nothing, also after a power cut.
fn write_whole(folder: &Path, file: &Path, raw: &[u8]) -> io::Result<()> {
    let write = WRITES.fetch_add(1, Ordering::Relaxed);
    let unfinished = folder.join(format!(".{}-{write}.part", std::process::id()));
    let moved = write_through(&unfinished, raw).and_then(|()| fs::rename(&unfinished, file));
    if moved.is_err() {
        // The first error is the one to tell; a leftover does no harm.
        let _ = fs::remove_file(&unfinished);
    }
    moved?;
    File::open(folder)?.sync_all()
}

fn write_through(file: &Path, raw: &[u8]) -> io::Result<()> {
    let mut open = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)?;
    open.write_all(raw)?;
    open.sync_all()
}
