//! The archive's own bytes: entries back to back, then the directory, then the end. Tools that read from the
//! front and tools that read the directory then see the same files.

use std::io::{Read, Seek, SeekFrom};

use zip::{
    ZipArchive,
    read::{ArchiveOffset, Config},
};

use super::{VerifyError, damaged};

/// Nothing may come before the first file.
pub(super) const FROM_THE_START: Config = Config { archive_offset: ArchiveOffset::Known(0) };

/// The end record (APPNOTE 4.3.16) without a comment.
const END_BYTES: i64 = 22;
const END_MAGIC: [u8; 4] = *b"PK\x05\x06";
/// The record after an entry's data (APPNOTE 4.3.9), without and with ZIP64.
const DESCRIPTOR: u64 = 16;
const DESCRIPTOR_64: u64 = 24;

/// Refuses comments and anything else after the end.
pub(super) fn refuse_tail(package: &mut (impl Read + Seek)) -> Result<(), VerifyError> {
    let mut end = [0; 4];
    package.seek(SeekFrom::End(-END_BYTES)).map_err(super::unreadable)?;
    package.read_exact(&mut end).map_err(super::unreadable)?;
    package.rewind().map_err(VerifyError::Read)?;
    if end == END_MAGIC {
        Ok(())
    } else {
        Err(VerifyError::Layout { what: "it does not end where a ZIP ends" })
    }
}

/// Refuses bytes before, between and after the entries, and headers that contradict the directory.
pub(super) fn refuse_gaps<R: Read + Seek>(archive: &mut ZipArchive<R>) -> Result<(), VerifyError> {
    archive.validate_header_consistency().map_err(damaged)?;
    let mut entries = Vec::with_capacity(archive.len());
    for index in 0..archive.len() {
        entries.push(span(archive, index)?);
    }
    entries.sort_unstable();
    let mut after = vec![0];
    for (start, next) in entries {
        if !after.contains(&start) {
            return Err(VerifyError::Layout { what: "there is something between its files" });
        }
        after = next.to_vec();
    }
    if after.contains(&archive.central_directory_start()) {
        Ok(())
    } else {
        Err(VerifyError::Layout { what: "there is something after its files" })
    }
}

/// Where an entry begins, and where the next one may: right after its descriptor.
fn span<R: Read + Seek>(archive: &mut ZipArchive<R>, index: usize) -> Result<(u64, [u64; 2]), VerifyError> {
    let entry = archive.by_index_raw(index).map_err(damaged)?;
    let data = entry.data_start().ok_or(VerifyError::Layout { what: "a file has no data" })?;
    let end = data.saturating_add(entry.compressed_size());
    Ok((entry.header_start(), [end.saturating_add(DESCRIPTOR), end.saturating_add(DESCRIPTOR_64)]))
}
