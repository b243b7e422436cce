//! `manifest.json`: every file with its hash, signed.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use habeas_domain::{Bilingual, CollectionName, Language, RequestId, Right, StoreName};
use serde::{Deserialize, Serialize};

use crate::{PackageError, Sign, SignatureBytes, canonical};

/// Where the manifest lies in the archive.
pub(crate) const PATH: &str = "manifest.json";
/// The version of this format.
pub(crate) const VERSION: u32 = 1;

const CANONICAL: &str = "The bytes are the member `content` of this file in the JSON Canonicalization Scheme \
    (RFC 8785): UTF-8, members sorted by name, no white space.";

/// One file of the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Its path in the archive.
    pub path: String,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
    /// How many rows it holds, if it holds rows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rows: Option<u64>,
}

/// One collection and its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectionEntry {
    /// The store.
    pub store: StoreName,
    /// The title of its product.
    pub product: String,
    /// Its name in the store.
    pub collection: CollectionName,
    /// What people call it.
    pub title: Bilingual,
    /// How many rows there are.
    pub rows: u64,
    /// The path of the rows as JSON.
    pub json: String,
    /// The path of the rows as CSV.
    pub csv: String,
    /// The path of the schema of the JSON.
    pub schema: String,
}

/// How the manifest is signed. It is itself part of what is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signing {
    /// Always `Ed25519`.
    pub algorithm: String,
    /// The key to check it with. Whether to trust that key is for the reader to find out elsewhere.
    pub public_key: String,
    /// Which bytes are signed.
    pub bytes: String,
    /// How the message is made from those bytes.
    pub message: String,
}

/// What a package says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestContent {
    /// Always `habeas-package`.
    pub format: String,
    /// The version of the format.
    pub version: u32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The request that it answers.
    pub request: RequestId,
    /// The right being fulfilled.
    pub right: Right,
    /// The person's language.
    pub language: Language,
    /// The name of the controller.
    pub controller: String,
    /// The law that was applied.
    pub regime: Bilingual,
    /// The version of the privacy notice in force.
    pub notice_version: Option<String>,
    /// The titles of products whose stores could not be read; empty in a whole package.
    pub undone: Vec<String>,
    /// How many rows there are in all.
    pub rows: u64,
    /// How many things `withheld.html` lists.
    pub withheld: u64,
    /// The collections.
    pub collections: Vec<CollectionEntry>,
    /// Every file but the manifest itself.
    pub files: Vec<FileEntry>,
    /// How this is signed.
    pub signing: Signing,
}

/// The signature as the manifest holds it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignatureText {
    key_id: String,
    /// Base64 (RFC 4648, section 4).
    value: String,
}

/// The whole file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) content: ManifestContent,
    signature: SignatureText,
}

impl Signing {
    pub(crate) fn by(signer: &dyn Sign) -> Self {
        Self {
            algorithm: "Ed25519".to_owned(),
            public_key: signer.public_key_text(),
            bytes: CANONICAL.to_owned(),
            message: signer.message_format(),
        }
    }
}

impl Manifest {
    pub(crate) fn sign(content: ManifestContent, signer: &dyn Sign) -> Result<Self, PackageError> {
        let made = signer.sign(&canonical::bytes(&content)?).map_err(PackageError::Sign)?;
        let signature = SignatureText { key_id: made.key_id, value: STANDARD.encode(made.bytes) };
        Ok(Self { content, signature })
    }

    /// The file's bytes. There is only one way to write a manifest, so that a reader can demand it.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// The signature; nothing if it is not base64.
    pub(crate) fn signature(&self) -> Option<SignatureBytes> {
        let bytes = STANDARD.decode(&self.signature.value).ok()?;
        Some(SignatureBytes { key_id: self.signature.key_id.clone(), bytes })
    }

    pub(crate) fn signed_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        canonical::bytes(&self.content)
    }
}
