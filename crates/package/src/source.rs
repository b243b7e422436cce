//! Where rows come from.

use std::error::Error;

use habeas_domain::Value;

/// Any error of the caller's.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// One reading of a collection's rows. Each row holds one value per field, in the order of the fields.
pub type Rows<'a> = Box<dyn Iterator<Item = Result<Vec<Value>, BoxError>> + 'a>;

/// Rows that can be read more than once, such as a spool.
///
/// A ZIP is written from front to back, and each row belongs to two of its files. So that memory stays flat, a
/// collection that is not small is read twice: once for JSON and once for CSV. Both readings must give the same rows.
///
/// Any `FnMut() -> Result<impl Iterator<...>, BoxError>` is one, of unknown size.
pub trait RowSource {
    /// About how many bytes all rows take together, such as the length of the spool; nothing if unknown. Files that
    /// may pass 4 GiB need ZIP64, which the oldest unpackers cannot read, so it is worth saying.
    fn size(&self) -> Option<u64>;

    /// Begins a reading at the first row.
    fn open(&mut self) -> Result<Rows<'_>, BoxError>;
}

impl<F, I> RowSource for F
where
    F: FnMut() -> Result<I, BoxError>,
    I: Iterator<Item = Result<Vec<Value>, BoxError>> + 'static,
{
    fn size(&self) -> Option<u64> {
        None
    }

    fn open(&mut self) -> Result<Rows<'_>, BoxError> {
        Ok(Box::new(self()?))
    }
}
