//! Reading a package back: nothing changed, nothing added, nothing missing, and signed by a trusted key.

mod error;
mod layout;

use std::{
    collections::HashSet,
    io::{self, Read, Seek},
};

use zip::{ZipArchive, result::ZipError};

pub use error::VerifyError;

use crate::{
    Check, FileEntry, ManifestContent,
    digest::Digesting,
    manifest::{self, Manifest},
};

/// The largest manifest that is read: 200,000 files and more.
const MOST_MANIFEST_BYTES: u64 = 64 * 1024 * 1024;

/// A package that is whole, unchanged and signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedPackage {
    /// What it says of itself. All of it is covered by the signature.
    pub content: ManifestContent,
    /// The trusted key that signed it.
    pub key_id: String,
}

/// Checks a package: the archive's layout, the manifest's signature, the set of files, and every file's hash.
/// Memory stays flat: files are hashed as they are unpacked, never beyond the length that the manifest gives.
pub fn verify<R: Read + Seek>(mut package: R, trusted: &dyn Check) -> Result<VerifiedPackage, VerifyError> {
    layout::refuse_tail(&mut package)?;
    let mut archive = ZipArchive::with_config(layout::FROM_THE_START, package).map_err(damaged)?;
    layout::refuse_gaps(&mut archive)?;
    let (content, key_id) = read_manifest(&mut archive, trusted)?;
    compare_names(&archive, &content)?;
    for file in &content.files {
        compare(&mut archive, file)?;
    }
    Ok(VerifiedPackage { content, key_id })
}

fn read_manifest<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    trusted: &dyn Check,
) -> Result<(ManifestContent, String), VerifyError> {
    let manifest = parse_manifest(&manifest_bytes(archive)?)?;
    let bytes = manifest.signed_bytes().map_err(VerifyError::Manifest)?;
    let signature = manifest.signature().ok_or(VerifyError::ManifestForm)?;
    trusted.check(&signature, &bytes).map_err(VerifyError::Signature)?;
    Ok((manifest.content, signature.key_id))
}

fn manifest_bytes<R: Read + Seek>(archive: &mut ZipArchive<R>) -> Result<Vec<u8>, VerifyError> {
    let file = archive.by_name(manifest::PATH).map_err(|error| match error {
        ZipError::FileNotFound => VerifyError::NoManifest,
        other => damaged(other),
    })?;
    let mut bytes = Vec::new();
    file.take(MOST_MANIFEST_BYTES).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// Reads a manifest of this version, written in the one way in which manifests are written.
fn parse_manifest(bytes: &[u8]) -> Result<Manifest, VerifyError> {
    #[derive(serde::Deserialize)]
    struct Any {
        content: Version,
    }
    #[derive(serde::Deserialize)]
    struct Version {
        version: u32,
    }
    let Any { content: Version { version } } =
        serde_json::from_slice(bytes).map_err(VerifyError::Manifest)?;
    if version != manifest::VERSION {
        return Err(VerifyError::Version { version });
    }
    let manifest: Manifest = serde_json::from_slice(bytes).map_err(VerifyError::Manifest)?;
    if manifest.to_bytes().map_err(VerifyError::Manifest)? == bytes {
        Ok(manifest)
    } else {
        Err(VerifyError::ManifestForm)
    }
}

fn compare_names<R: Read + Seek>(
    archive: &ZipArchive<R>,
    content: &ManifestContent,
) -> Result<(), VerifyError> {
    let listed: HashSet<&str> =
        content.files.iter().map(|file| file.path.as_str()).chain([manifest::PATH]).collect();
    if listed.len() != content.files.len() + 1 {
        return Err(VerifyError::ManifestForm);
    }
    for name in archive.file_names() {
        let name = name.map_err(damaged)?;
        if !listed.contains(name.as_ref()) {
            return Err(VerifyError::Extra { path: name.into_owned() });
        }
    }
    Ok(())
}

fn compare<R: Read + Seek>(archive: &mut ZipArchive<R>, file: &FileEntry) -> Result<(), VerifyError> {
    let path = || file.path.clone();
    let content = archive.by_name(&file.path).map_err(|error| match error {
        ZipError::FileNotFound => VerifyError::Missing { path: path() },
        other => damaged(other),
    })?;
    let mut hash = Digesting::new(io::sink());
    // One byte more than it may have shows that it is too long.
    io::copy(&mut content.take(file.bytes.saturating_add(1)), &mut hash).map_err(unreadable)?;
    let (_, sha256, bytes) = hash.finish();
    if (sha256, bytes) == (file.sha256.clone(), file.bytes) {
        Ok(())
    } else {
        Err(VerifyError::Changed { path: path() })
    }
}

/// What the ZIP reader refuses is damage, unless the reading itself failed.
fn damaged(error: ZipError) -> VerifyError {
    match error {
        ZipError::Io(error) => unreadable(error),
        other => VerifyError::Damaged(other),
    }
}

/// Wrong checksums and cut streams come as errors of reading.
fn unreadable(error: io::Error) -> VerifyError {
    match error.kind() {
        io::ErrorKind::InvalidData
        | io::ErrorKind::InvalidInput
        | io::ErrorKind::UnexpectedEof
        | io::ErrorKind::Other => VerifyError::Damaged(ZipError::Io(error)),
        _ => VerifyError::Read(error),
    }
}
