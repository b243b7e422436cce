//! Where sealed spools and packages lie: a folder, or any object store, so that several machines can share them.

use std::{ops::Range, time::Duration};

use bytes::Bytes;
use habeas_domain::{Fault, JobId, RequestId, TypedId};
use opendal::{ErrorKind, Operator, layers::TimeoutLayer};

use crate::bucket::Redirected;

/// The object store failed. Names the operation, never the content.
#[derive(Debug, thiserror::Error)]
#[error("the object store failed to {operation}")]
pub struct ObjectError {
    /// What was tried.
    pub operation: &'static str,
    /// Why.
    #[source]
    pub source: Box<opendal::Error>,
}

impl ObjectError {
    fn at(operation: &'static str) -> impl Fn(opendal::Error) -> Self {
        move |source| Self { operation, source: Box::new(source) }
    }

    fn is_redirected(&self) -> bool {
        let mut below: Option<&(dyn std::error::Error + 'static)> = Some(self.source.as_ref());
        while let Some(error) = below {
            if error.is::<Redirected>() {
                return true;
            }
            below = error.source();
        }
        false
    }

    /// As a failure of work.
    pub fn to_fault(&self) -> Fault {
        if self.is_redirected() {
            return Fault::permanent("object-refused", format!("{self}: {Redirected}"));
        }
        let detail = format!("{self}: {}", self.source.kind());
        match self.source.kind() {
            ErrorKind::NotFound => Fault::permanent("object-missing", detail),
            ErrorKind::PermissionDenied | ErrorKind::ConfigInvalid | ErrorKind::Unsupported => {
                Fault::permanent("object-refused", detail)
            }
            _ => Fault::temporary("object-unavailable", detail),
        }
    }
}

/// Objects by path. Everything in them is sealed before it comes here.
#[derive(Debug, Clone)]
pub struct Objects(Operator);

/// The longest that one operation may take.
const LIMIT: Duration = Duration::from_secs(30);

impl Objects {
    /// Objects in a folder of this machine.
    pub fn in_folder(folder: &std::path::Path) -> Result<Self, ObjectError> {
        let service = opendal::services::Fs::default().root(&folder.to_string_lossy());
        Ok(Self::over(Operator::new(service).map_err(ObjectError::at("open the folder"))?))
    }

    /// Objects behind any operator of opendal.
    pub(crate) fn over(operator: Operator) -> Self {
        let limits = TimeoutLayer::new().with_timeout(LIMIT).with_io_timeout(LIMIT);
        Self(operator.layer(limits))
    }

    /// Writes a small object at once.
    pub async fn write(&self, path: &str, bytes: Vec<u8>) -> Result<(), ObjectError> {
        self.0.write(path, bytes).await.map(drop).map_err(ObjectError::at("write"))
    }

    /// Begins to write an object piece by piece. It is whole once it is closed; before that, nobody may read it.
    pub async fn writer(&self, path: &str) -> Result<ObjectWriter, ObjectError> {
        self.0.writer(path).await.map(ObjectWriter).map_err(ObjectError::at("write"))
    }

    /// Reads a part of an object.
    pub async fn read(&self, path: &str, range: Range<u64>) -> Result<Bytes, ObjectError> {
        let buffer = self.0.read_with(path).range(range).await.map_err(ObjectError::at("read"))?;
        Ok(buffer.to_bytes())
    }

    /// The length of an object.
    pub async fn length(&self, path: &str) -> Result<u64, ObjectError> {
        Ok(self.0.stat(path).await.map_err(ObjectError::at("look up"))?.content_length())
    }

    /// Forgets an object, if it is there.
    pub async fn delete(&self, path: &str) -> Result<(), ObjectError> {
        self.0.delete(path).await.map_err(ObjectError::at("delete"))
    }

    /// Forgets every object whose path begins with `folder`, which ends in a slash.
    pub async fn delete_folder(&self, folder: &str) -> Result<(), ObjectError> {
        self.0.delete_with(folder).recursive(true).await.map_err(ObjectError::at("delete"))
    }

    /// Forgets all that a request and its jobs have left here.
    pub async fn forget_request(&self, request: RequestId, jobs: &[JobId]) -> Result<(), ObjectError> {
        self.delete_folder(&format!("package/{request}/")).await?;
        for job in jobs {
            self.delete_folder(&crate::spool::folder(job.uuid())).await?;
        }
        Ok(())
    }

    /// Whether the object store answers.
    pub async fn ping(&self) -> Result<(), ObjectError> {
        self.0.check().await.map_err(ObjectError::at("answer"))
    }
}

/// An object that is being written.
pub struct ObjectWriter(opendal::Writer);

impl ObjectWriter {
    /// Adds a piece.
    pub async fn push(&mut self, bytes: Vec<u8>) -> Result<(), ObjectError> {
        self.0.write(bytes).await.map_err(ObjectError::at("write"))
    }

    /// Finishes the object.
    pub async fn close(mut self) -> Result<(), ObjectError> {
        self.0.close().await.map(drop).map_err(ObjectError::at("finish"))
    }
}

impl std::fmt::Debug for ObjectWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ObjectWriter")
    }
}
