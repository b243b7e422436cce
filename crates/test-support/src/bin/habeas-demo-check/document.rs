//! The document, as the README promises it.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// What `habeas demo --output json` prints.
#[derive(Debug, Deserialize)]
pub(crate) struct Document {
    pub(crate) requests: Vec<Request>,
    pub(crate) mails: Vec<Mail>,
    pub(crate) packages: Vec<Package>,
    pub(crate) stores: Vec<Store>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) email: String,
    pub(crate) channel: String,
    pub(crate) due: String,
    pub(crate) jobs: Vec<Job>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Job {
    pub(crate) right: String,
    pub(crate) status: String,
    pub(crate) tasks: Vec<Task>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Task {
    pub(crate) store: String,
    pub(crate) status: String,
    pub(crate) rows: u64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) kind: String,
    pub(crate) file: PathBuf,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) request: String,
    pub(crate) right: String,
    pub(crate) file: PathBuf,
    pub(crate) sha256: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Store {
    pub(crate) name: String,
    pub(crate) file: PathBuf,
}

impl Document {
    /// The request with a job of this right.
    pub(crate) fn request_for(&self, right: &str) -> Option<&Request> {
        self.requests.iter().find(|request| request.jobs.iter().any(|job| job.right == right))
    }
}

/// Files are named absolutely, or from the folder that the demo kept.
pub(crate) fn located(folder: &Path, file: &Path) -> PathBuf {
    folder.join(file)
}
