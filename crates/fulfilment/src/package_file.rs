//! The package as a sealed object: written from spools, opened for the person.

use std::io::Write;

use futures::Stream;
use habeas_domain::{PackageId, Right};
use habeas_ledger::{OpenRequest, TaskReport};
use habeas_package::{
    BoxError, CollectionInfo, FieldInfo, PackageInfo, PackageWriter, RowSource, Rows, Summary, Withheld,
};
use habeas_registry::{CopyField, CopyPlan};
use habeas_vault::{Context, RequestKey, Vault};
use tokio::runtime::Handle;

use crate::{
    Fulfilment, FulfilmentError, Objects, Segment, TaskDetail,
    object::{ObjectError, ObjectWriter},
    spool::SpoolReader,
};

/// How much is gathered before it is written.
const PIECE: usize = 1024 * 1024;

fn place(package: PackageId) -> Context {
    Context::new("package", package)
}

/// One store's part of a package.
struct Part {
    plan: CopyPlan,
    segments: Vec<Segment>,
    spool: SpoolReader,
    withheld: Vec<Withheld>,
}

impl Fulfilment {
    /// Writes a package from the spools of its tasks. Returns where it lies.
    pub(crate) async fn write_package(
        &self,
        id: PackageId,
        request: &OpenRequest,
        info: PackageInfo,
        reports: &[TaskReport],
    ) -> Result<(String, Summary), FulfilmentError> {
        let parts = self.parts(request, info.right, reports).await?;
        let path = format!("package/{}/{id}", request.id);
        let out = ObjectSink {
            objects: self.objects.clone(),
            path: path.clone(),
            out: None,
            handle: Handle::current(),
            pending: Vec::new(),
        };
        let (vault, key) = (self.ledger.vault().clone(), request.key.clone());
        let writing = tokio::task::spawn_blocking(move || write(&vault, &key, id, info, parts, out));
        let written = match writing.await.map_err(|_| FulfilmentError::Thread).flatten() {
            Ok((summary, None)) => Ok(summary),
            Ok((summary, Some(whole))) => {
                self.objects.write(&path, whole).await.map(|()| summary).map_err(FulfilmentError::from)
            }
            Err(error) => Err(error),
        };
        match written {
            Ok(summary) => Ok((path, summary)),
            Err(error) => {
                self.forget_object(&path).await;
                Err(error)
            }
        }
    }

    /// Forgets what nobody will ask for. What stays behind is unreadable once its request's key is destroyed.
    pub(crate) async fn forget_object(&self, path: &str) {
        if let Err(error) = self.objects.delete(path).await {
            tracing::warn!(%error, "an object that is of no use could not be deleted");
        }
    }

    async fn parts(
        &self,
        request: &OpenRequest,
        right: Right,
        reports: &[TaskReport],
    ) -> Result<Vec<Part>, FulfilmentError> {
        let mut parts = Vec::with_capacity(reports.len());
        for report in reports {
            let Some(path) = &report.object else { continue };
            let TaskDetail::Copied { segments } = TaskDetail::read(report)? else { continue };
            let plan = match right {
                Right::Portability => self.registry.portability_plan(&report.store),
                _ => self.registry.access_plan(&report.store),
            };
            let plan = plan.ok_or_else(|| FulfilmentError::UnknownStore(report.store.clone()))?;
            let (vault, objects) = (self.ledger.vault().clone(), self.objects.clone());
            let spool = SpoolReader::open(vault, objects, request.key.clone(), path, &segments).await?;
            let withheld = self.withheld(request, right, (&plan, &segments));
            parts.push(Part { plan, segments, spool, withheld });
        }
        Ok(parts)
    }
}

/// One segment of a spool, read as often as it takes.
struct SegmentRows<'a> {
    spool: &'a SpoolReader,
    index: usize,
    segment: &'a Segment,
}

impl RowSource for SegmentRows<'_> {
    fn size(&self) -> Option<u64> {
        Some(self.segment.length)
    }

    fn open(&mut self) -> Result<Rows<'_>, BoxError> {
        Ok(Box::new(self.spool.rows(self.index, self.segment)))
    }
}

/// Returns a short package as a whole: it is yet to be written.
fn write(
    vault: &Vault,
    key: &RequestKey,
    id: PackageId,
    info: PackageInfo,
    parts: Vec<Part>,
    out: ObjectSink,
) -> Result<(Summary, Option<Vec<u8>>), FulfilmentError> {
    let sealed = vault.sealing_writer(key, &place(id), out)?;
    let mut package = PackageWriter::new(sealed, info)?;
    for part in parts {
        package.withheld(&part.withheld);
        for (index, segment) in part.segments.iter().enumerate() {
            let mut rows = SegmentRows { spool: &part.spool, index, segment };
            package.collection(collection_info(&part.plan, segment), &mut rows)?;
        }
    }
    let (summary, sealed) = package.finish(vault)?;
    let sink = sealed.finish().map_err(habeas_package::PackageError::from)?;
    Ok((summary, sink.close()?))
}

fn collection_info(plan: &CopyPlan, segment: &Segment) -> CollectionInfo {
    let known = plan.collections.iter().find(|one| one.collection == segment.collection);
    let field = |name: &habeas_domain::FieldName| -> Option<&CopyField> {
        known.and_then(|known| known.fields.iter().find(|field| &field.field == name))
    };
    let named = segment.collection.to_string();
    CollectionInfo {
        store: plan.store.clone(),
        product: plan.product.clone(),
        collection: segment.collection.clone(),
        title: known.map_or_else(
            || habeas_domain::Bilingual { en: named.clone(), ja: named.clone() },
            |known| known.title.clone(),
        ),
        fields: segment
            .fields
            .iter()
            .map(|(name, kind)| FieldInfo {
                name: name.clone(),
                title: field(name).map(|field| field.title.clone()),
                category: field(name).map(|field| field.category.clone()),
                kind: *kind,
            })
            .collect(),
    }
}

/// An object as a blocking writer, for a thread that may block.
struct ObjectSink {
    objects: Objects,
    path: String,
    out: Option<ObjectWriter>,
    handle: Handle,
    pending: Vec<u8>,
}

impl ObjectSink {
    fn send(&mut self) -> Result<(), ObjectError> {
        let piece = std::mem::take(&mut self.pending);
        let out = match &mut self.out {
            Some(out) => out,
            none => none.insert(self.handle.block_on(self.objects.writer(&self.path))?),
        };
        self.handle.block_on(out.push(piece))
    }

    /// Finishes the object. What never filled a piece comes back instead.
    fn close(mut self) -> Result<Option<Vec<u8>>, FulfilmentError> {
        if self.out.is_none() {
            return Ok(Some(self.pending));
        }
        if !self.pending.is_empty() {
            self.send()?;
        }
        match self.out.take() {
            Some(out) => Ok(self.handle.block_on(out.close()).map(|()| None)?),
            None => Ok(None),
        }
    }
}

impl Write for ObjectSink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= PIECE {
            self.send().map_err(std::io::Error::other)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The plain bytes of a package, piece by piece, for the person it belongs to. The caller has proven that it is they.
pub fn open_package(
    vault: &Vault,
    objects: &Objects,
    key: &RequestKey,
    id: PackageId,
    path: &str,
) -> impl Stream<Item = Result<bytes::Bytes, FulfilmentError>> + Send + 'static {
    let state = Opening {
        opener: Some(vault.opener(key, &place(id))),
        objects: objects.clone(),
        path: path.to_owned(),
        at: 0,
        length: None,
    };
    futures::stream::try_unfold(state, Opening::next)
}

struct Opening {
    opener: Option<habeas_vault::stream::StreamOpener>,
    objects: Objects,
    path: String,
    at: u64,
    length: Option<u64>,
}

impl Opening {
    async fn next(mut self) -> Result<Option<(bytes::Bytes, Self)>, FulfilmentError> {
        let length = match self.length {
            Some(length) => length,
            None => *self.length.insert(self.objects.length(&self.path).await?),
        };
        let Some(opener) = &mut self.opener else { return Ok(None) };
        let plain = if self.at < length {
            let to = length.min(self.at + PIECE as u64);
            let sealed = self.objects.read(&self.path, self.at..to).await?;
            self.at = to;
            opener.push(&sealed)?.to_vec()
        } else {
            let Some(opener) = self.opener.take() else { return Ok(None) };
            opener.finish()?.to_vec()
        };
        Ok(Some((bytes::Bytes::from(plain), self)))
    }
}
