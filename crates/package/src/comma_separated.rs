//! Rows as CSV (RFC 4180) that opens rightly in a spreadsheet: UTF-8 with a byte order mark, formulas disarmed.

use std::{borrow::Cow, io::Write};

use habeas_domain::Value;

use crate::{FieldInfo, PackageError, cell};

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Writes rows as CSV.
pub(crate) struct CsvRows<W: Write> {
    out: csv::Writer<W>,
}

impl<W: Write> CsvRows<W> {
    /// Writes the heading, which is made of the fields' names.
    pub(crate) fn begin(mut out: W, fields: &[FieldInfo]) -> Result<Self, PackageError> {
        out.write_all(BYTE_ORDER_MARK)?;
        let mut out =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).flexible(true).from_writer(out);
        let heading = fields.iter().map(|field| cell::guarded(Cow::Borrowed(field.name.as_str())));
        out.write_record(heading.map(|name| name.as_bytes().to_vec()))?;
        Ok(Self { out })
    }

    pub(crate) fn row(&mut self, values: &[Value]) -> Result<(), PackageError> {
        for value in values {
            self.out.write_field(field(value).as_bytes())?;
        }
        self.out.write_record(None::<&[u8]>)?;
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<(), PackageError> {
        self.out.flush()?;
        Ok(())
    }
}

fn field(value: &Value) -> Cow<'_, str> {
    let text = cell::printable(cell::text(value));
    if cell::is_number(value) { text } else { cell::guarded(text) }
}

/// A small collection's CSV, made in memory while its JSON is written, so that its rows are read only once.
pub(crate) struct SmallCsv {
    rows: Option<CsvRows<Vec<u8>>>,
}

impl SmallCsv {
    /// Beyond this many bytes the rows are read again instead.
    pub(crate) const MOST_BYTES: usize = 256 * 1024;

    pub(crate) fn begin(fields: &[FieldInfo]) -> Result<Self, PackageError> {
        Ok(Self { rows: Some(CsvRows::begin(Vec::new(), fields)?) })
    }

    pub(crate) fn row(&mut self, values: &[Value]) -> Result<(), PackageError> {
        if let Some(rows) = &mut self.rows {
            rows.row(values)?;
            if rows.out.get_ref().len() > Self::MOST_BYTES {
                self.rows = None;
            }
        }
        Ok(())
    }

    /// The whole file, or nothing if it grew too large to hold.
    pub(crate) fn finish(self) -> Result<Option<Vec<u8>>, PackageError> {
        let whole = |rows: CsvRows<Vec<u8>>| rows.out.into_inner().map_err(|error| error.into_error().into());
        self.rows.map(whole).transpose()
    }
}
