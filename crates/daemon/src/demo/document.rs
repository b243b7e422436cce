//! The demo as one JSON document.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use habeas_domain::{Outcome, WorkKind};
use habeas_ledger::JobView;
use serde::Serialize;

use super::{
    checks::Check,
    gather::{Gathered, Kept, Told},
};

/// What `habeas demo --output json` prints.
#[derive(Debug, Serialize)]
pub(super) struct Document {
    requests: Vec<Request>,
    mails: Vec<Mail>,
    packages: Vec<Package>,
    stores: Vec<Store>,
    checks: Vec<Check>,
    seconds: f64,
}

#[derive(Debug, Serialize)]
struct Request {
    id: String,
    reference: String,
    status: String,
    email: String,
    channel: String,
    due: NaiveDate,
    jobs: Vec<Job>,
}

#[derive(Debug, Serialize)]
struct Job {
    right: String,
    /// `done` when nothing is left to do; what the law keeps is in `kept`, and `outcome` tells it apart.
    status: String,
    outcome: Option<String>,
    tasks: Vec<Task>,
    kept: Vec<KeptRows>,
    deferred: Vec<Deferred>,
}

#[derive(Debug, Serialize)]
struct Task {
    store: String,
    status: String,
    rows: u64,
}

#[derive(Debug, Serialize)]
struct KeptRows {
    store: String,
    collection: String,
    rows: u64,
    reason: String,
    until: Option<NaiveDate>,
}

#[derive(Debug, Serialize)]
struct Deferred {
    store: String,
    due: DateTime<Utc>,
}

#[derive(Debug, Serialize)]
struct Mail {
    to: String,
    subject: String,
    kind: String,
    file: PathBuf,
}

#[derive(Debug, Serialize)]
struct Package {
    request: String,
    right: String,
    file: PathBuf,
    sha256: String,
}

#[derive(Debug, Serialize)]
struct Store {
    name: String,
    file: PathBuf,
}

/// The document.
pub(super) fn document(gathered: &Gathered, checks: &[Check]) -> Document {
    Document {
        requests: gathered.requests.iter().map(request).collect(),
        mails: gathered
            .mails
            .iter()
            .map(|mail| Mail {
                to: mail.to.clone(),
                subject: mail.subject.clone(),
                kind: mail.kind.clone(),
                file: mail.file.clone(),
            })
            .collect(),
        packages: gathered.requests.iter().flat_map(packages).collect(),
        stores: gathered
            .stores
            .iter()
            .map(|(name, _, file)| Store { name: (*name).to_owned(), file: file.clone() })
            .collect(),
        checks: checks.to_vec(),
        seconds: gathered.seconds,
    }
}

fn request(told: &Told) -> Request {
    Request {
        id: told.view.id.to_string(),
        reference: told.view.reference.clone(),
        status: told.view.state.as_str().to_owned(),
        email: told.person.email.clone(),
        channel: told.view.channel.to_string(),
        due: told.view.due_on,
        jobs: told.view.jobs.iter().map(|view| job(told, view)).collect(),
    }
}

fn job(told: &Told, view: &JobView) -> Job {
    let tasks = view.tasks.iter().filter(|task| task.kind == WorkKind::Task);
    Job {
        right: view.right.to_string(),
        status: status(told, view).to_owned(),
        outcome: view.outcome.map(|outcome| outcome.as_str().to_owned()),
        tasks: tasks
            .map(|task| Task {
                store: task.store.to_string(),
                status: task.state.as_str().to_owned(),
                rows: task.rows.unwrap_or(0),
            })
            .collect(),
        kept: told.kept.iter().map(kept).collect(),
        deferred: told.deferred().into_iter().map(|(store, due)| Deferred { store, due }).collect(),
    }
}

/// A deletion that did all it may is done, although the law keeps some rows.
fn status(told: &Told, view: &JobView) -> &'static str {
    let conflicts = told.changed.iter().any(|(_, one)| one.conflicts > 0);
    match view.outcome {
        Some(Outcome::PartlyDone) if !told.kept.is_empty() && !conflicts => Outcome::Done.as_str(),
        Some(outcome) => outcome.as_str(),
        None => view.state.as_str(),
    }
}

fn kept(kept: &Kept) -> KeptRows {
    KeptRows {
        store: kept.store.clone(),
        collection: kept.collection.clone(),
        rows: kept.rows,
        reason: kept.reason.clone(),
        until: kept.until,
    }
}

fn packages(told: &Told) -> impl Iterator<Item = Package> {
    told.downloads.iter().map(|download| Package {
        request: told.view.id.to_string(),
        right: download.right.to_string(),
        file: download.file.clone(),
        sha256: download.sha256.clone(),
    })
}
