//! What happened, as the state database and the folder tell it.

use std::{path::PathBuf, time::Instant};

use chrono::{DateTime, NaiveDate, Utc};
use habeas_domain::{Language, WorkKind, audit::AuditEntry};
use habeas_fulfilment::{CollectionReport, TaskDetail};
use habeas_ledger::{JobView, Ledger, RequestView};

use super::{
    Folder,
    actors::{self, Download, ReadMail},
    company::{Person, StoreFile},
    play::Part,
};
use crate::{context::Context, failure::Failure};

/// Everything that happened.
pub(super) struct Gathered {
    /// The requests, in the order of the rights.
    pub(super) requests: Vec<Told>,
    /// Every mail, oldest first.
    pub(super) mails: Vec<ReadMail>,
    /// The stores.
    pub(super) stores: Vec<(&'static str, &'static str, PathBuf)>,
    /// When the first request arrived.
    pub(super) began: DateTime<Utc>,
    /// How long the whole demo took, in seconds.
    pub(super) seconds: f64,
    /// Whether the audit trail is whole, and how many entries it has.
    pub(super) trail: (bool, u64),
}

/// One request and what came of it.
pub(super) struct Told {
    /// Who asked.
    pub(super) person: Person,
    /// The request.
    pub(super) view: RequestView,
    /// Its audit trail.
    pub(super) trail: Vec<AuditEntry>,
    /// What was changed, store by store.
    pub(super) changed: Vec<(String, CollectionReport)>,
    /// What stays, why, and until when.
    pub(super) kept: Vec<Kept>,
    /// Who of staff agreed.
    pub(super) approved_by: Option<String>,
    /// What they downloaded.
    pub(super) downloads: Vec<Download>,
}

/// Rows that stay.
pub(super) struct Kept {
    /// In which store.
    pub(super) store: String,
    /// In which collection.
    pub(super) collection: String,
    /// How many.
    pub(super) rows: u64,
    /// Why.
    pub(super) reason: String,
    /// The last day.
    pub(super) until: Option<NaiveDate>,
}

impl Told {
    /// The first job of the request: the only one, unless a mail asked for more.
    pub(super) fn job(&self) -> Option<&JobView> {
        self.view.jobs.first()
    }

    /// The days on which kept rows are deleted by themselves, by store.
    pub(super) fn deferred(&self) -> Vec<(String, DateTime<Utc>)> {
        let tasks = self.job().map(|job| job.tasks.as_slice()).unwrap_or_default();
        let deferred = tasks.iter().filter(|task| task.kind == WorkKind::Deferred);
        deferred.filter_map(|task| Some((task.store.to_string(), task.due_at?))).collect()
    }
}

/// Gathers everything.
pub(super) async fn gather(
    context: &Context,
    ledger: &Ledger,
    folder: &Folder,
    stores: &[StoreFile],
    parts: Vec<Part>,
    began: Instant,
) -> Result<Gathered, Failure> {
    let mut requests = Vec::new();
    for part in parts {
        requests.push(told(ledger, part).await?);
    }
    let first = requests.iter().map(|told| told.view.received_at).min();
    let audit = ledger.verify_audit(|_| {}).await?;
    Ok(Gathered {
        mails: actors::all_mails(&folder.mails())?,
        stores: stores.iter().map(|store| (store.name, store.about, store.file.clone())).collect(),
        began: first.unwrap_or_else(|| context.clock.now()),
        seconds: began.elapsed().as_secs_f64(),
        trail: (audit.is_whole(), audit.entries),
        requests,
    })
}

async fn told(ledger: &Ledger, part: Part) -> Result<Told, Failure> {
    let view = ledger.request_view(part.request).await?;
    let trail = ledger.audit_entries(part.request).await?;
    let jobs: Vec<_> = view.jobs.iter().map(|job| job.id).collect();
    let mut changed = Vec::new();
    for report in ledger.task_reports(&jobs).await? {
        let store = report.store.to_string();
        changed.extend(TaskDetail::read(&report)?.changed().into_iter().map(|one| (store.clone(), one)));
    }
    changed.sort_by(|one, other| one.0.cmp(&other.0));
    let kept = changed.iter().filter(|(_, one)| one.kept > 0).map(|(store, one)| Kept {
        store: store.clone(),
        collection: one.title.get(Language::En).to_owned(),
        rows: one.kept,
        reason: one.reason.as_ref().map(|reason| reason.get(Language::En).to_owned()).unwrap_or_default(),
        until: one.until,
    });
    let kept = kept.collect();
    let Part { person, approved_by, downloads, .. } = part;
    Ok(Told { person, view, trail, changed, kept, approved_by, downloads })
}
