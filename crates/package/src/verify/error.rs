//! Why a package is not to be trusted.

use std::io;

use habeas_domain::Retry;

use crate::BoxError;

/// Why a package is not to be trusted.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It could not be read.
    #[error("the package could not be read")]
    Read(#[source] io::Error),
    /// It is no ZIP archive, or a damaged one.
    #[error("the package is not a ZIP archive, or it is damaged; download it again")]
    Damaged(#[source] zip::result::ZipError),
    /// The archive holds bytes that belong to no listed file.
    #[error("the package's archive was put together by something else: {what}")]
    Layout {
        /// What is wrong.
        what: &'static str,
    },
    /// There is no manifest.
    #[error("the package has no manifest.json")]
    NoManifest,
    /// The manifest cannot be read.
    #[error("manifest.json cannot be read")]
    Manifest(#[source] serde_json::Error),
    /// The manifest was not written by Habeas.
    #[error("manifest.json was changed")]
    ManifestForm,
    /// The manifest is of another version.
    #[error("manifest.json is of version {version}; this program reads version 1")]
    Version {
        /// The version it says.
        version: u32,
    },
    /// No trusted key signed the manifest as it is.
    #[error("the signature of manifest.json is not good")]
    Signature(#[source] BoxError),
    /// A listed file is not there.
    #[error("{path} is missing from the package")]
    Missing {
        /// The file.
        path: String,
    },
    /// A file is there that is not listed.
    #[error("{path} was added to the package")]
    Extra {
        /// The file.
        path: String,
    },
    /// A file is not what it was.
    #[error("{path} was changed")]
    Changed {
        /// The file.
        path: String,
    },
}

impl VerifyError {
    /// Whether checking the same package again may end otherwise.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Read(_) => Retry::Later,
            _ => Retry::Never,
        }
    }
}
