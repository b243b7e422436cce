use std::{
    fs::{self, File},
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use habeas_domain::Personal;
use habeas_ledger::MailContent;

use super::mbox::{Mbox, MboxMail};
use crate::source::{
    folder::read,
    left_there::{header_of, too_large},
};

/// Where to look whether a file is an mbox.
const START: u64 = 1_000;

/// What staff read of a mail that is larger than what is taken, by where it came from.
const IN_ITS_FILE: &str = "it was left where it is, look at it there";
const REFUSED: &str = "it was refused, so that its mail server tells the sender";

/// Why mails could not be imported. The texts name no file: the caller knows it, and names hold names.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file or folder cannot be read.
    #[error("a file cannot be read")]
    Read(#[from] io::Error),
}

/// A mail that was handed over.
#[derive(Debug, Clone)]
pub struct ImportedMail {
    /// The mail.
    pub content: MailContent,
    /// When it was delivered, as far as can be told.
    pub delivered_at: Option<DateTime<Utc>>,
    /// How many bytes of the source are dealt with now, for showing progress.
    pub bytes: u64,
}

/// Mails from a file, a folder or standard input, one after the other: only one is in memory at a time.
pub struct Import {
    mails: Box<dyn Iterator<Item = io::Result<ImportedMail>> + Send>,
    total: Option<u64>,
}

impl Import {
    /// One mail from standard input, as a mail server's pipe hands it over. An mbox on standard input is read as such only
    /// if it begins with an envelope line that bears a date; a single mail may begin with one, too.
    pub fn from_reader(from: impl Read + Send + 'static, max_bytes: u64) -> Self {
        let bounds = Bounds { max_bytes, there: REFUSED };
        Self { mails: Box::new(Mails::new(from, bounds)), total: None }
    }

    /// From a file (`.eml` or mbox) or a folder (Maildir, or files named `*.eml`).
    pub fn from_path(path: &Path, max_bytes: u64) -> Result<Self, ImportError> {
        if path.is_dir() {
            return Self::from_folder(path, max_bytes);
        }
        let file = File::open(path)?;
        let total = Some(file.metadata()?.len());
        let bounds = Bounds { max_bytes, there: IN_ITS_FILE };
        Ok(Self { mails: Box::new(Mails::new(file, bounds)), total })
    }

    fn from_folder(path: &Path, max_bytes: u64) -> Result<Self, ImportError> {
        let maildir = path.join("cur").is_dir() && path.join("new").is_dir();
        let files = if maildir {
            let mut files = files(&path.join("cur"), |_| true)?;
            files.extend(files_of_new(path)?);
            files
        } else {
            files(path, |name| Path::new(name).extension().is_some_and(|end| end == "eml"))?
        };
        let total = files.iter().filter_map(|file| fs::metadata(file).ok()).map(|about| about.len()).sum();
        let mails = files.into_iter().map(move |file| {
            let bytes = fs::metadata(&file)?.len();
            let (content, arrived_at) = read(&file, max_bytes, IN_ITS_FILE)?;
            Ok(ImportedMail { content, delivered_at: Some(arrived_at), bytes })
        });
        Ok(Self { mails: Box::new(mails), total: Some(total) })
    }

    /// How many bytes there are in all, if that is known.
    pub const fn total(&self) -> Option<u64> {
        self.total
    }
}

impl Iterator for Import {
    type Item = io::Result<ImportedMail>;

    fn next(&mut self) -> Option<Self::Item> {
        self.mails.next()
    }
}

impl std::fmt::Debug for Import {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Import").field("total", &self.total).finish_non_exhaustive()
    }
}

fn files_of_new(path: &Path) -> io::Result<Vec<PathBuf>> {
    files(&path.join("new"), |_| true)
}

/// The files of a folder by name. No link is followed, no hidden file read.
fn files(folder: &Path, wanted: impl Fn(&str) -> bool) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_file() && !name.starts_with('.') && wanted(&name) {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// How large a mail may be, and what is said of one that is larger.
#[derive(Clone, Copy)]
struct Bounds {
    max_bytes: u64,
    there: &'static str,
}

/// One stream: an mbox or a single mail, whichever its first line says.
enum Mails {
    Unread { from: Box<dyn Read + Send>, bounds: Bounds },
    Mbox { mbox: Mbox<BufReader<Box<dyn Read + Send>>>, bounds: Bounds },
    Done,
}

impl Mails {
    fn new(from: impl Read + Send + 'static, bounds: Bounds) -> Self {
        Self::Unread { from: Box::new(from), bounds }
    }

    fn open(mut from: Box<dyn Read + Send>, bounds: Bounds) -> io::Result<(Self, Option<ImportedMail>)> {
        let mut start = Vec::new();
        from.by_ref().take(START).read_to_end(&mut start)?;
        let is_mbox = Mbox::<&[u8]>::begins(&start);
        let mut whole: Box<dyn Read + Send> = Box::new(io::Cursor::new(start).chain(from));
        if is_mbox {
            let mbox = Mbox::new(BufReader::new(whole), bounds.max_bytes);
            return Ok((Self::Mbox { mbox, bounds }, None));
        }
        let mut raw = Vec::new();
        whole.by_ref().take(bounds.max_bytes.saturating_add(1)).read_to_end(&mut raw)?;
        let mut bytes = raw.len() as u64;
        let content = if bytes > bounds.max_bytes {
            // Read to its end all the same: whoever writes it would take a pipe that closes for a fault of its own.
            bytes += io::copy(&mut whole, &mut io::sink())?;
            bounds.exceeded(bytes, &raw)
        } else {
            MailContent::Whole(Personal::new(raw))
        };
        Ok((Self::Done, Some(ImportedMail { content, delivered_at: None, bytes })))
    }
}

impl Iterator for Mails {
    type Item = io::Result<ImportedMail>;

    fn next(&mut self) -> Option<Self::Item> {
        match std::mem::replace(self, Self::Done) {
            Self::Done => None,
            Self::Unread { from, bounds } => match Self::open(from, bounds) {
                Err(error) => Some(Err(error)),
                Ok((next, mail)) => {
                    *self = next;
                    mail.map_or_else(|| self.next(), |mail| Some(Ok(mail)))
                }
            },
            Self::Mbox { mut mbox, bounds } => {
                let mail = mbox.next()?;
                *self = Self::Mbox { mbox, bounds };
                Some(mail.map(|mail| bounds.mail(mail)))
            }
        }
    }
}

impl Bounds {
    fn exceeded(self, bytes: u64, start: &[u8]) -> MailContent {
        too_large(bytes, self.max_bytes, self.there, Some(Personal::new(header_of(start))))
    }

    fn mail(self, mail: MboxMail) -> ImportedMail {
        let content = if mail.bytes > self.max_bytes {
            self.exceeded(mail.bytes, &mail.raw)
        } else {
            MailContent::Whole(Personal::new(mail.raw))
        };
        ImportedMail { content, delivered_at: mail.delivered_at, bytes: mail.bytes }
    }
}
