//! One collection: its rows as JSON and as CSV, its schema, and what the page needs to know of it.

use std::{collections::HashSet, io::Write};

use habeas_domain::Value;

use crate::{
    BoxError, CollectionInfo, PackageError, RowSource,
    archive::{Archive, Reach},
    comma_separated::{CsvRows, SmallCsv},
    json_rows, json_schema,
    observed::Observed,
    path::Paths,
    preview::{Budget, Preview},
};

/// A collection that is in the archive.
#[derive(Debug)]
pub(crate) struct Collected {
    pub(crate) info: CollectionInfo,
    pub(crate) paths: Paths,
    pub(crate) rows: u64,
    pub(crate) preview: Preview,
}

/// Writes the collection's three files.
pub(crate) fn write<W: Write>(
    archive: &mut Archive<W>,
    budget: &mut Budget,
    paths: Paths,
    info: CollectionInfo,
    source: &mut dyn RowSource,
) -> Result<Collected, PackageError> {
    refuse_duplicates(&info)?;
    let reach = Reach::of_rows(source.size());
    let mut first = First::new(&info)?;
    archive.file(&paths.json, reach, |out| {
        json_rows::write(out, |json| {
            each(&info, source, |row| {
                first.see(budget, row)?;
                json.row(&info.fields, row)
            })
            .map(|rows| first.rows = rows)
        })?;
        Ok(Some(first.rows))
    })?;
    let First { rows, observed, preview, small } = first;
    archive.file(&paths.csv, reach, |out| {
        match small.finish()? {
            Some(whole) => out.write_all(&whole)?,
            None => again(out, &info, source, rows)?,
        }
        Ok(Some(rows))
    })?;
    archive
        .file(&paths.schema, Reach::Short, |out| json_schema::write(out, &info, &observed).map(|()| None))?;
    Ok(Collected { info, paths, rows, preview })
}

/// What is learned in the first reading.
struct First {
    rows: u64,
    observed: Vec<Observed>,
    preview: Preview,
    small: SmallCsv,
}

impl First {
    fn new(info: &CollectionInfo) -> Result<Self, PackageError> {
        Ok(Self {
            rows: 0,
            observed: info.fields.iter().map(|field| Observed::new(field.kind)).collect(),
            preview: Preview::default(),
            small: SmallCsv::begin(&info.fields)?,
        })
    }

    fn see(&mut self, budget: &mut Budget, row: &[Value]) -> Result<(), PackageError> {
        self.observed.iter_mut().zip(row).for_each(|(observed, value)| observed.see(value));
        self.preview.see(budget, row);
        self.small.row(row)
    }
}

/// Reads the rows a second time, for a CSV that is too large to hold.
fn again(
    out: &mut dyn Write,
    info: &CollectionInfo,
    source: &mut dyn RowSource,
    first: u64,
) -> Result<(), PackageError> {
    let mut csv = CsvRows::begin(out, &info.fields)?;
    let second = each(info, source, |row| csv.row(row))?;
    csv.finish()?;
    if second == first {
        return Ok(());
    }
    Err(PackageError::RowsChanged {
        store: info.store.clone(),
        collection: info.collection.clone(),
        first,
        second,
    })
}

/// Reads the rows once, one at a time. Says how many there were.
fn each(
    info: &CollectionInfo,
    source: &mut dyn RowSource,
    mut take: impl FnMut(&[Value]) -> Result<(), PackageError>,
) -> Result<u64, PackageError> {
    let unread = |source: BoxError| PackageError::Rows {
        store: info.store.clone(),
        collection: info.collection.clone(),
        source,
    };
    let mut count = 0;
    for row in source.open().map_err(unread)? {
        let row = row.map_err(unread)?;
        count += 1;
        if row.len() != info.fields.len() {
            return Err(PackageError::RowShape {
                store: info.store.clone(),
                collection: info.collection.clone(),
                row: count,
                expected: info.fields.len(),
                found: row.len(),
            });
        }
        take(&row)?;
    }
    Ok(count)
}

fn refuse_duplicates(info: &CollectionInfo) -> Result<(), PackageError> {
    let mut seen = HashSet::new();
    match info.fields.iter().find(|field| !seen.insert(&field.name)) {
        None => Ok(()),
        Some(field) => Err(PackageError::DuplicateField {
            store: info.store.clone(),
            collection: info.collection.clone(),
            field: field.name.clone(),
        }),
    }
}
