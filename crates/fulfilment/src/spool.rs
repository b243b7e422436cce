//! The spool: one sealed object per task, with a segment per collection. Rows stream in and out; nothing holds
//! one person's whole data in memory.

use std::{
    borrow::Cow,
    io::{BufRead, BufReader, Read},
    sync::Arc,
};

use habeas_domain::{CollectionName, FieldName, Value, schema::FieldType};
use habeas_vault::{Context, RequestKey, Vault, stream::StreamSealer};
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use uuid::Uuid;

use crate::{FulfilmentError, Objects, Segment, object::ObjectWriter};

/// How much is gathered before it is written, and read at once.
const PIECE: usize = 256 * 1024;

/// How much all spools of a group may gather together.
const GATHERED: usize = 8 * 1024 * 1024;

/// Where the spools of a job lie; all of them can go when the job has ended.
pub(crate) fn folder(job: Uuid) -> String {
    format!("spool/{job}/")
}

/// Where a segment belongs: moved to another place it does not open.
fn place(path: &str, index: usize) -> Context {
    Context::new("spool", format!("{path}#{index}"))
}

/// Writes one task's spool. The object is there only after [`SpoolWriter::finish`].
pub(crate) struct SpoolWriter {
    vault: Vault,
    objects: Objects,
    key: RequestKey,
    path: String,
    piece: usize,
    pending: Vec<u8>,
    flushed: u64,
    out: Option<ObjectWriter>,
    open: Option<(StreamSealer, Segment)>,
    segments: Vec<Segment>,
}

impl SpoolWriter {
    /// One of the spools that are written for so many people at the same time.
    pub(crate) fn new(vault: Vault, objects: Objects, key: RequestKey, path: String, people: usize) -> Self {
        let piece = (GATHERED / people.max(1)).min(PIECE);
        let (pending, segments) = (Vec::new(), Vec::new());
        Self { vault, objects, key, path, piece, pending, flushed: 0, out: None, open: None, segments }
    }

    /// Adds a row of a collection. Rows of one collection come together.
    pub(crate) async fn row(
        &mut self,
        collection: &CollectionName,
        fields: &[(FieldName, FieldType)],
        values: &[Value],
    ) -> Result<(), FulfilmentError> {
        if self.open.as_ref().is_none_or(|(_, segment)| &segment.collection != collection) {
            self.end_segment()?;
            self.begin_segment(collection, fields)?;
        }
        let mut line = serde_json::to_vec(&Line::of(values)).map_err(FulfilmentError::unreadable("a row"))?;
        line.push(b'\n');
        if let Some((sealer, segment)) = &mut self.open {
            segment.rows += 1;
            self.pending.extend(sealer.push(&line)?);
        }
        if self.pending.len() >= self.piece {
            self.flush().await?;
        }
        Ok(())
    }

    /// Notes that the row before was written without a field, which is about somebody else.
    pub(crate) fn withhold(&mut self, field: &FieldName) {
        let Some((_, segment)) = &mut self.open else { return };
        match segment.withheld.iter_mut().find(|(known, _)| known == field) {
            Some((_, rows)) => *rows += 1,
            None => segment.withheld.push((field.clone(), 1)),
        }
    }

    fn begin_segment(
        &mut self,
        collection: &CollectionName,
        fields: &[(FieldName, FieldType)],
    ) -> Result<(), FulfilmentError> {
        let sealer = self.vault.sealer(&self.key, &place(&self.path, self.segments.len()))?;
        let offset = self.flushed + self.pending.len() as u64;
        let (collection, fields) = (collection.clone(), fields.to_vec());
        self.open =
            Some((sealer, Segment { collection, fields, offset, length: 0, rows: 0, withheld: Vec::new() }));
        Ok(())
    }

    fn end_segment(&mut self) -> Result<(), FulfilmentError> {
        if let Some((sealer, mut segment)) = self.open.take() {
            self.pending.extend(sealer.finish()?);
            segment.length = self.flushed + self.pending.len() as u64 - segment.offset;
            self.segments.push(segment);
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), FulfilmentError> {
        let piece = std::mem::take(&mut self.pending);
        self.flushed += piece.len() as u64;
        let out = match &mut self.out {
            Some(out) => out,
            none => none.insert(self.objects.writer(&self.path).await?),
        };
        Ok(out.push(piece).await?)
    }

    /// Finishes the spool. Nothing is written for somebody without rows.
    pub(crate) async fn finish(mut self) -> Result<(Option<String>, Vec<Segment>), FulfilmentError> {
        self.end_segment()?;
        if self.segments.is_empty() {
            return Ok((None, Vec::new()));
        }
        if self.out.is_none() {
            self.objects.write(&self.path, self.pending).await?;
        } else {
            self.flush().await?;
            if let Some(out) = self.out {
                out.close().await?;
            }
        }
        Ok((Some(self.path), self.segments))
    }
}

/// A spool that can be read again and again, from a thread that may block.
#[derive(Clone)]
pub(crate) struct SpoolReader {
    vault: Vault,
    objects: Objects,
    key: RequestKey,
    path: Arc<str>,
    handle: Handle,
    /// All of it, where it is short: then a thread need not wait for every segment.
    whole: Option<bytes::Bytes>,
}

impl SpoolReader {
    /// A reader of the spool at `path` with these segments.
    pub(crate) async fn open(
        vault: Vault,
        objects: Objects,
        key: RequestKey,
        path: &str,
        segments: &[Segment],
    ) -> Result<Self, FulfilmentError> {
        let length = segments.iter().map(|segment| segment.offset + segment.length).max().unwrap_or(0);
        let whole = if length <= PIECE as u64 { Some(objects.read(path, 0..length).await?) } else { None };
        Ok(Self { vault, objects, key, path: Arc::from(path), handle: Handle::current(), whole })
    }

    /// The rows of the segment with this index.
    pub(crate) fn rows(
        &self,
        index: usize,
        segment: &Segment,
    ) -> impl Iterator<Item = Result<Vec<Value>, habeas_package::BoxError>> + use<> {
        let end = segment.offset + segment.length;
        let piece = self.piece(segment.offset, end);
        let part = ObjectPart {
            objects: self.objects.clone(),
            path: Arc::clone(&self.path),
            handle: self.handle.clone(),
            at: segment.offset + piece.len() as u64,
            end,
            piece,
        };
        let opened = self.vault.opening_reader(&self.key, &place(&self.path, index), part);
        let (mut opened, mut line) = (BufReader::new(opened), Vec::new());
        std::iter::from_fn(move || next_row(&mut opened, &mut line).transpose())
    }

    /// What of a segment is here already.
    fn piece(&self, from: u64, to: u64) -> bytes::Bytes {
        let range = usize::try_from(from).ok().zip(usize::try_from(to).ok());
        match (&self.whole, range) {
            (Some(whole), Some((from, to))) if to <= whole.len() => whole.slice(from..to),
            _ => bytes::Bytes::new(),
        }
    }
}

/// The next line as a row. A failed read is told as it is; of what was read nothing is quoted.
fn next_row(
    from: &mut impl BufRead,
    line: &mut Vec<u8>,
) -> Result<Option<Vec<Value>>, habeas_package::BoxError> {
    line.clear();
    if from.read_until(b'\n', line)? == 0 {
        return Ok(None);
    }
    let read = serde_json::from_slice::<Line<'_>>(line).map_err(FulfilmentError::unreadable("a row"))?;
    Ok(Some(read.values()))
}

/// A row as it lies in a spool. Floating-point numbers go by their bits, since not each of them has a form in JSON that
/// comes back as the same number.
#[derive(Serialize, Deserialize)]
struct Line<'a> {
    #[serde(rename = "v")]
    values: Cow<'a, [Value]>,
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    floats: Vec<(usize, u64)>,
}

impl<'a> Line<'a> {
    fn of(values: &'a [Value]) -> Self {
        let float = |(at, value): (usize, &Value)| match value {
            Value::Float(number) => Some((at, number.to_bits())),
            _ => None,
        };
        let floats: Vec<(usize, u64)> = values.iter().enumerate().filter_map(float).collect();
        let mut values = Cow::Borrowed(values);
        for (at, _) in &floats {
            if let Some(value) = values.to_mut().get_mut(*at) {
                *value = Value::Null;
            }
        }
        Self { values, floats }
    }

    fn values(self) -> Vec<Value> {
        let mut values = self.values.into_owned();
        for (at, bits) in self.floats {
            if let Some(value) = values.get_mut(at) {
                *value = Value::Float(f64::from_bits(bits));
            }
        }
        values
    }
}

/// A part of an object as a blocking reader, fetched piece by piece.
struct ObjectPart {
    objects: Objects,
    path: Arc<str>,
    handle: Handle,
    at: u64,
    end: u64,
    piece: bytes::Bytes,
}

impl Read for ObjectPart {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.piece.is_empty() && self.at < self.end {
            let to = self.end.min(self.at + PIECE as u64);
            let fetched = self.handle.block_on(self.objects.read(&self.path, self.at..to));
            self.piece = fetched.map_err(std::io::Error::other)?;
            self.at = to;
        }
        let take = into.len().min(self.piece.len());
        let taken = self.piece.split_to(take);
        if let Some(slot) = into.get_mut(..take) {
            slot.copy_from_slice(&taken);
        }
        Ok(take)
    }
}
