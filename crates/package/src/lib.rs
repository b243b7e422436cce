//! The archive a person downloads.
//!
//! [`PackageWriter`] writes a ZIP into any [`std::io::Write`] in flat memory: rows are pulled one by one from a
//! [`RowSource`] and go straight through. [`verify()`] reads an archive back and finds any file that was changed,
//! added or removed, and any manifest that nobody trusted has signed.
//!
//! ```text
//! index.html                                 for people: what this is, and the first rows of everything
//! data/<store>/<collection>.json, .csv       all rows
//! schema/<store>/<collection>.schema.json    what each field is (JSON Schema 2020-12)
//! withheld.html                              what is held and not handed over, and why
//! README.txt
//! manifest.json                              every file with its SHA-256, signed
//! ```
//!
//! The same input gives the same bytes: times come from [`PackageInfo::created_at`] alone.

mod archive;
mod canonical;
mod cell;
mod collection;
mod comma_separated;
mod digest;
mod error;
mod info;
mod json_rows;
mod json_schema;
mod manifest;
mod observed;
mod page;
mod path;
mod preview;
mod sign;
mod source;
mod vault_keys;
mod verify;
mod writer;

pub use error::PackageError;
pub use info::{CollectionInfo, FieldInfo, PackageInfo, Withheld};
pub use manifest::{CollectionEntry, FileEntry, ManifestContent, Signing};
pub use page::{PageError, category_title};
pub use preview::{PREVIEW_CHARS, PREVIEW_ROWS};
pub use sign::{Check, Sign, SignatureBytes};
pub use source::{BoxError, RowSource, Rows};
pub use verify::{VerifiedPackage, VerifyError, verify};
pub use writer::{PackageWriter, Summary};
