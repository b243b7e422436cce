//! What becomes of a file once its mail is stored or listed.

use std::{
    ffi::{OsStr, OsString},
    fs, io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    time::SystemTime,
};

use habeas_ledger::{MailContent, MailPlace};
use sha2::{Digest, Sha256};

/// Where files are put that were stored and are to be kept.
pub(super) const TAKEN: &str = "taken";
/// Where files are put that are too large.
pub(super) const TOO_LARGE: &str = "too-large";
/// Where files are put that cannot be read.
pub(super) const UNREADABLE: &str = "unreadable";

/// What staff read of a file that is too large.
pub(super) const IN_TOO_LARGE: &str = "its file was moved to the folder `too-large`, look at it there";

/// What becomes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is deleted: its mail is stored, sealed.
    Deleted,
    /// It is moved to this folder.
    Moved(&'static str),
}

/// What is listed of a file that cannot be read.
pub(super) fn unreadable() -> MailContent {
    let reason = "its file cannot be read by this user; it was moved to the folder `unreadable`: mend its permissions and move \
                  it back"
        .to_owned();
    MailContent::LeftThere { bytes: 0, reason, header: None }
}

impl Fate {
    pub(super) fn of(content: &MailContent, keep: bool) -> Self {
        match content {
            MailContent::Whole(_) if keep => Self::Moved(TAKEN),
            MailContent::Whole(_) => Self::Deleted,
            MailContent::LeftThere { header: Some(_), .. } => Self::Moved(TOO_LARGE),
            MailContent::LeftThere { header: None, .. } => Self::Moved(UNREADABLE),
        }
    }

    /// Where a file lies that is only listed: it is known again by that if it could not be moved there.
    pub(super) fn place(self, file: &Path) -> Option<MailPlace> {
        let Self::Moved(folder @ (TOO_LARGE | UNREADABLE)) = self else { return None };
        let about = fs::symlink_metadata(file).ok();
        let changed = about.as_ref().and_then(|about| about.modified().ok());
        let since = changed.and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok()).unwrap_or_default();
        let mut digest = Sha256::new();
        digest.update(file.file_name().map(OsStr::as_bytes).unwrap_or_default());
        digest.update(since.as_nanos().to_be_bytes());
        let digest: [u8; 32] = digest.finalize().into();
        let [a, b, c, d, ..] = digest;
        let uid = u32::from_be_bytes([a, b, c, d]);
        Some(MailPlace { folder: folder.to_owned(), uidvalidity: 0, uid })
    }

    pub(super) fn befall(self, file: &Path) -> io::Result<()> {
        match self {
            Self::Deleted => fs::remove_file(file),
            Self::Moved(to) => {
                let (Some(folder), Some(name)) = (file.parent(), file.file_name()) else { return Ok(()) };
                fs::rename(file, free(&folder.join(to), name)?)
            }
        }
    }
}

/// A name in a folder that no file has yet.
fn free(folder: &Path, name: &OsStr) -> io::Result<PathBuf> {
    let mut path = folder.join(name);
    let mut number = 1_u32;
    while path.try_exists()? {
        number += 1;
        let mut numbered = OsString::from(format!("{number}-"));
        numbered.push(name);
        path = folder.join(numbered);
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_file_of_the_same_name_takes_the_place_of_none() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(TAKEN)).unwrap();
        for text in ["first", "second", "third"] {
            let file = folder.path().join("a.eml");
            fs::write(&file, text).unwrap();
            Fate::Moved(TAKEN).befall(&file).unwrap();
        }
        let kept = |name: &str| fs::read_to_string(folder.path().join(TAKEN).join(name)).unwrap();
        assert_eq!([kept("a.eml"), kept("2-a.eml"), kept("3-a.eml")], ["first", "second", "third"]);
    }
}
