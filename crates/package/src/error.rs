//! Why a package could not be made.

use std::io;

use habeas_domain::{CollectionName, FieldName, Retry, StoreName};

use crate::{BoxError, page::PageError};

/// Why a package could not be made. What was written so far must be thrown away. No text holds a person's data.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The place that the archive is written to failed.
    #[error("the package could not be written; check the place that packages are kept in")]
    Write(#[source] io::Error),
    /// The ZIP could not be written.
    #[error("the package's archive could not be written")]
    Archive(#[source] zip::result::ZipError),
    /// The rows could not be read.
    #[error("the rows of {store}/{collection} could not be read")]
    Rows {
        /// The store.
        store: StoreName,
        /// The collection.
        collection: CollectionName,
        /// Why.
        #[source]
        source: BoxError,
    },
    /// A row has more or fewer values than there are fields.
    #[error("row {row} of {store}/{collection} has {found} values where its fields are {expected}")]
    RowShape {
        /// The store.
        store: StoreName,
        /// The collection.
        collection: CollectionName,
        /// Which row, counted from 1.
        row: u64,
        /// How many fields there are.
        expected: usize,
        /// How many values came.
        found: usize,
    },
    /// The second reading gave another number of rows.
    #[error("{store}/{collection} gave {first} rows when read first and {second} when read again")]
    RowsChanged {
        /// The store.
        store: StoreName,
        /// The collection.
        collection: CollectionName,
        /// Rows of the first reading.
        first: u64,
        /// Rows of the second.
        second: u64,
    },
    /// Two fields of a collection have the same name.
    #[error("{store}/{collection} has the field {field} twice; name each field once")]
    DuplicateField {
        /// The store.
        store: StoreName,
        /// The collection.
        collection: CollectionName,
        /// The field.
        field: FieldName,
    },
    /// The pages' templates or words are broken.
    #[error("the package's pages are broken")]
    Page(#[source] &'static PageError),
    /// A page could not be rendered.
    #[error("a page of the package could not be rendered")]
    Render(#[source] minijinja::Error),
    /// The manifest could not be signed.
    #[error("the package could not be signed")]
    Sign(#[source] BoxError),
    /// An earlier call failed, so the archive has a hole.
    #[error("an earlier write of this package failed; begin it anew")]
    Broken,
}

impl PackageError {
    /// Whether making the package again may work.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Write(_)
            | Self::Archive(_)
            | Self::Rows { .. }
            | Self::RowsChanged { .. }
            | Self::Sign(_)
            | Self::Broken => Retry::Later,
            Self::RowShape { .. } | Self::DuplicateField { .. } | Self::Page(_) | Self::Render(_) => {
                Retry::Never
            }
        }
    }
}

impl From<io::Error> for PackageError {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

/// Our values always serialise, so what fails is the writing.
impl From<serde_json::Error> for PackageError {
    fn from(error: serde_json::Error) -> Self {
        Self::Write(error.into())
    }
}

/// Our records always fit, so what fails is the writing.
impl From<csv::Error> for PackageError {
    fn from(error: csv::Error) -> Self {
        Self::Write(error.into())
    }
}

impl From<zip::result::ZipError> for PackageError {
    fn from(error: zip::result::ZipError) -> Self {
        Self::Archive(error)
    }
}
