//! Each package is there, whole, and a ZIP with its manifest.

use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::document::{Document, Package, located};

/// Rights that end with a package.
const RIGHTS: [&str; 2] = ["access", "portability"];

/// What is wrong with the packages.
pub(crate) fn findings(document: &Document, folder: &Path) -> Vec<String> {
    let mut findings: Vec<String> =
        document.packages.iter().filter_map(|package| of_package(package, document, folder)).collect();
    let missing =
        RIGHTS.iter().filter(|right| !document.packages.iter().any(|package| package.right == **right));
    findings.extend(missing.map(|right| format!("no package for {right}")));
    findings
}

fn of_package(package: &Package, document: &Document, folder: &Path) -> Option<String> {
    let file = located(folder, &package.file);
    let name = format!("the package {}", file.display());
    if !document.requests.iter().any(|request| request.id == package.request) {
        return Some(format!("{name} belongs to no request"));
    }
    let bytes = match std::fs::read(&file) {
        Ok(bytes) => bytes,
        Err(failure) => return Some(format!("{name}: {failure}")),
    };
    if hex::encode(Sha256::digest(&bytes)) != package.sha256.to_ascii_lowercase() {
        return Some(format!("{name} has another SHA-256"));
    }
    // File names stand uncompressed in a ZIP.
    let holds = |wanted: &[u8]| bytes.windows(wanted.len()).any(|window| window == wanted);
    let is_whole = bytes.starts_with(b"PK\x03\x04") && holds(b"manifest.json") && holds(b"index.html");
    (!is_whole).then(|| format!("{name} is no ZIP with manifest.json and index.html"))
}
