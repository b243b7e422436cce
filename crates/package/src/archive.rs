//! The ZIP itself: entries one after the other, each hashed as it passes, with times that do not depend on the clock.

use std::io::{BufWriter, Write};

use chrono::{DateTime, Datelike, Timelike, Utc};
use zip::{
    CompressionMethod, System, ZipWriter,
    write::{SimpleFileOptions, StreamWriter},
};

use crate::{FileEntry, PackageError, digest::Digesting};

const BUFFER: usize = 32 * 1024;

/// How long a file may become. An entry's header says so before its content comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Surely below 4 GiB, so that the oldest unpackers can read it.
    Short,
    /// Any length, with the fields of ZIP64.
    Any,
}

impl Reach {
    /// What rows of that many bytes at their source can take at most, names of fields and all, with much to spare.
    pub(crate) fn of_rows(size: Option<u64>) -> Self {
        const SURELY_SHORT: u64 = 128 * 1024 * 1024;
        if size.is_some_and(|bytes| bytes <= SURELY_SHORT) { Self::Short } else { Self::Any }
    }
}

/// A ZIP being written into something that cannot seek.
pub(crate) struct Archive<W: Write> {
    zip: ZipWriter<StreamWriter<Digesting<W>>>,
    options: SimpleFileOptions,
    files: Vec<FileEntry>,
}

/// What became of a whole archive.
pub(crate) struct Sealed<W> {
    pub(crate) out: W,
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
}

impl<W: Write> Archive<W> {
    pub(crate) fn new(out: W, created_at: DateTime<Utc>) -> Self {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(dos_time(created_at))
            .unix_permissions(0o644)
            .system(System::Unix);
        let zip = ZipWriter::new_stream(Digesting::new(out));
        Self { zip, options, files: Vec::new() }
    }

    /// Writes one file. `content` says how many rows it wrote, if it holds rows.
    pub(crate) fn file(
        &mut self,
        path: &str,
        reach: Reach,
        content: impl FnOnce(&mut dyn Write) -> Result<Option<u64>, PackageError>,
    ) -> Result<(), PackageError> {
        self.zip.start_file(path, self.options.large_file(reach == Reach::Any))?;
        let mut out = BufWriter::with_capacity(BUFFER, Digesting::new(&mut self.zip));
        let rows = content(&mut out)?;
        out.flush()?;
        let (digesting, _) = out.into_parts();
        let (_, sha256, bytes) = digesting.finish();
        self.files.push(FileEntry { path: path.to_owned(), sha256, bytes, rows });
        Ok(())
    }

    /// The files so far.
    pub(crate) fn files(&self) -> &[FileEntry] {
        &self.files
    }

    pub(crate) fn finish(self) -> Result<Sealed<W>, PackageError> {
        let (mut out, sha256, bytes) = self.zip.finish()?.into_inner().finish();
        out.flush()?;
        Ok(Sealed { out, sha256, bytes })
    }
}

/// The moment as ZIP keeps it (in UTC; it knows no zone); 1980-01-01 outside its years 1980 to 2107.
fn dos_time(moment: DateTime<Utc>) -> zip::DateTime {
    let small = |number: u32| u8::try_from(number).unwrap_or_default();
    zip::DateTime::from_date_and_time(
        u16::try_from(moment.year()).unwrap_or_default(),
        small(moment.month()),
        small(moment.day()),
        small(moment.hour()),
        small(moment.minute()),
        small(moment.second()),
    )
    .unwrap_or_default()
}
