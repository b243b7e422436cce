use std::collections::{BTreeSet, HashMap};

use async_trait::async_trait;
use chrono::TimeDelta;
use futures::{FutureExt, StreamExt};
use habeas_domain::{
    JobState, Letter, Outcome, PackageId, Personal, Right, StoreName,
    letter::{JobReport, Kept, PackageLink},
    regime::{Regime, RegimeId},
};
use habeas_ledger::{Claimed, Conclusion, JobToRun, NewPackage, NewReceipt, OpenRequest, TaskReport};
use habeas_package::PackageInfo;
use habeas_runtime::{Failure, Worker};
use serde_json::json;

use crate::{CollectionReport, Fulfilment, FulfilmentError, TaskDetail};

/// How many packages are written at once.
const PARALLEL: usize = 8;

/// Ends jobs whose tasks are done: makes the package or the receipt, and orders the mail that tells the person. Also
/// tells of a delay when a job has stalled.
#[derive(Debug, Clone)]
pub struct ConcludeWorker(Fulfilment);

/// A job to conclude with all that it needs.
struct Case<'a> {
    claimed: &'a Claimed,
    job: &'a JobToRun,
    request: OpenRequest,
    reports: Vec<TaskReport>,
}

impl ConcludeWorker {
    /// A conclude worker.
    pub const fn new(fulfilment: Fulfilment) -> Self {
        Self(fulfilment)
    }

    async fn run_group(&self, group: &[Claimed]) -> Result<Vec<Failure>, FulfilmentError> {
        let ids: Vec<_> = group.iter().filter_map(|claimed| claimed.job).collect();
        let jobs = self.0.ledger.jobs_to_run(&ids).await?;
        let cases = self.cases(group, &jobs, &ids).await?;
        let mut concluding = Vec::with_capacity(cases.len());
        for case in &cases {
            concluding.push(async move { (case.claimed, self.conclude(case).await) }.boxed());
        }
        let mut results = futures::stream::iter(concluding).buffer_unordered(PARALLEL);
        let (mut concluded, mut failures) = (Vec::with_capacity(cases.len()), Vec::new());
        while let Some((claimed, result)) = results.next().await {
            match result {
                Ok(one) => concluded.push(one),
                Err(error) => failures.push(Failure::new(claimed, error)),
            }
        }
        drop(results);
        fail::fail_point!("conclude::before_commit");
        self.0.ledger.concluded(concluded).await?;
        fail::fail_point!("conclude::after_commit");
        self.forget_spools(&cases, &failures).await;
        Ok(failures)
    }

    async fn cases<'a>(
        &self,
        group: &'a [Claimed],
        jobs: &'a HashMap<habeas_domain::JobId, JobToRun>,
        ids: &[habeas_domain::JobId],
    ) -> Result<Vec<Case<'a>>, FulfilmentError> {
        let mut reports = self.0.ledger.task_reports(ids).await?;
        let mut cases = Vec::with_capacity(group.len());
        for claimed in group {
            let Some(job) = claimed.job.and_then(|job| jobs.get(&job)) else { continue };
            let request = self.0.ledger.open_request(job.request).await?;
            let reports = reports.extract_if(.., |report| report.job == job.id).collect();
            cases.push(Case { claimed, job, request, reports });
        }
        Ok(cases)
    }

    async fn conclude(&self, case: &Case<'_>) -> Result<Conclusion, FulfilmentError> {
        let regime = self.regime(&case.request)?;
        let mut conclusion = Conclusion {
            lease: case.claimed.lease,
            request: case.request.id,
            job: case.job.id,
            outcome: None,
            letter: self.delay(case),
            package: None,
            receipt: None,
            to: Personal::new(case.request.address().to_owned()),
        };
        if case.job.state != JobState::Concluding {
            return Ok(conclusion);
        }
        let mut report = self.report(case)?;
        if case.job.right.gives_a_copy() && report.rows > 0 {
            let (package, link) = self.package(case, &regime, &report.undone).await?;
            conclusion.package = Some(package);
            report.package = Some(link);
        }
        if case.job.right.changes_stores() && report.outcome != Outcome::NothingHeld {
            let number = receipt_number(case);
            conclusion.receipt = Some(self.receipt(case, &number));
            report.receipt = Some(number);
        }
        conclusion.outcome = Some(report.outcome);
        conclusion.letter = Letter::JobEnded(report);
        Ok(conclusion)
    }

    fn regime(&self, request: &OpenRequest) -> Result<Regime, FulfilmentError> {
        let known =
            RegimeId::new(request.regime.clone()).ok().and_then(|id| self.0.regimes.get(&id).cloned());
        known.ok_or(FulfilmentError::Ledger(habeas_ledger::LedgerError::NotFound("regime")))
    }

    fn delay(&self, case: &Case<'_>) -> Letter {
        Letter::JobDelayed {
            right: case.job.right,
            stores_done: u32::try_from(case.reports.len()).unwrap_or(u32::MAX),
            open: self.undone(case),
            due_on: case.request.due_on,
        }
    }

    /// The products whose stores were planned and have not reported.
    fn undone(&self, case: &Case<'_>) -> Vec<String> {
        let done: BTreeSet<&StoreName> = case.reports.iter().map(|report| &report.store).collect();
        let planned = case.job.plan.iter().flat_map(|plan| &plan.stores);
        let missing = planned.filter(|store| !done.contains(store));
        let products: BTreeSet<String> = missing
            .map(|store| {
                self.0
                    .registry
                    .manifest(store)
                    .map_or_else(|| store.to_string(), |found| found.product.clone())
            })
            .collect();
        products.into_iter().collect()
    }

    fn report(&self, case: &Case<'_>) -> Result<JobReport, FulfilmentError> {
        let changed = changes(&case.reports)?;
        let undone = self.undone(case);
        let rows = case.reports.iter().map(|report| report.rows).sum();
        let kept: Vec<Kept> = changed.iter().filter_map(|(_, one)| kept(one)).collect();
        let touched = changed.iter().any(|(_, one)| one.matched > 0);
        let conflicts = changed.iter().any(|(_, one)| one.conflicts > 0);
        let outcome = if !undone.is_empty() || conflicts || !kept.is_empty() {
            Outcome::PartlyDone
        } else if rows == 0 && !touched {
            Outcome::NothingHeld
        } else {
            Outcome::Done
        };
        Ok(JobReport {
            right: case.job.right,
            outcome,
            stores: u32::try_from(case.reports.len()).unwrap_or(u32::MAX),
            rows,
            package: None,
            kept,
            undone,
            refusal: None,
            receipt: None,
        })
    }

    async fn package(
        &self,
        case: &Case<'_>,
        regime: &Regime,
        undone: &[String],
    ) -> Result<(NewPackage, PackageLink), FulfilmentError> {
        let id: PackageId = self.0.ledger.ids().fresh();
        let now = self.0.ledger.ids().now();
        let controller = &self.0.options.controller;
        let info = PackageInfo {
            request: case.request.id,
            right: case.job.right,
            language: case.request.language,
            controller: controller.name.get(case.request.language).to_owned(),
            regime: regime.title.clone(),
            complaint: regime.complaint.text.clone(),
            created_at: now,
            notice_version: controller.notice_version.clone(),
            undone: undone.to_vec(),
        };
        let (object, summary) = self.0.write_package(id, &case.request, info, &case.reports).await?;
        let token = self.0.ledger.vault().new_token();
        let expires_at = now + TimeDelta::from_std(self.0.options.package_ttl).unwrap_or(TimeDelta::days(7));
        let downloads = self.0.options.package_downloads;
        let link = PackageLink {
            url: self.0.options.links.package(case.request.language, &token.expose()),
            expires_at,
            downloads,
        };
        let sha256 =
            hex::decode(&summary.sha256).ok().and_then(|bytes| bytes.try_into().ok()).unwrap_or_default();
        let (token, bytes, rows) = (token.hash(), summary.bytes, summary.rows);
        Ok((NewPackage { id, object, sha256, bytes, rows, token, expires_at, downloads }, link))
    }

    /// Counts, times and proofs; no values.
    fn receipt(&self, case: &Case<'_>, number: &str) -> NewReceipt {
        let stores: Vec<_> = case
            .reports
            .iter()
            .map(|report| json!({ "store": report.store, "did": report.report }))
            .collect();
        let body = json!({
            "format": "habeas-receipt", "version": 1, "number": number, "request": case.request.id,
            "job": case.job.id, "right": case.job.right, "at": self.0.ledger.ids().now(), "stores": stores,
        })
        .to_string();
        let signature = self.0.ledger.vault().sign("receipt", body.as_bytes());
        NewReceipt { body, signature }
    }

    /// Spools are of no use once their package is stored. One that stays behind is unreadable when its request's
    /// key is destroyed.
    async fn forget_spools(&self, cases: &[Case<'_>], failures: &[Failure]) {
        let ended = cases.iter().filter(|case| {
            case.job.state == JobState::Concluding
                && !failures.iter().any(|one| one.lease == case.claimed.lease)
        });
        for path in ended.flat_map(|case| &case.reports).filter_map(|report| report.object.as_deref()) {
            if let Err(error) = self.0.objects.delete(path).await {
                tracing::warn!(%error, "a spool could not be deleted");
            }
        }
    }
}

fn changes(reports: &[TaskReport]) -> Result<Vec<(StoreName, CollectionReport)>, FulfilmentError> {
    let mut all = Vec::new();
    for report in reports {
        let detail: TaskDetail = serde_json::from_value(report.report.clone())
            .map_err(|source| FulfilmentError::Unreadable { what: "a report", source })?;
        if let TaskDetail::Changed { collections } = detail {
            all.extend(collections.into_iter().map(|one| (report.store.clone(), one)));
        }
    }
    Ok(all)
}

fn kept(one: &CollectionReport) -> Option<Kept> {
    let reason = one.reason.clone().filter(|_| one.kept > 0)?;
    Some(Kept { what: one.title.clone(), reason, until: one.until, rows: one.kept })
}

/// The request's reference with the right's first letter: `HB-7K3M-9QTX-D`.
fn receipt_number(case: &Case<'_>) -> String {
    let letter = match case.job.right {
        Right::Correction => 'C',
        _ => 'D',
    };
    format!("{}-{letter}", case.request.id.reference())
}

#[async_trait]
impl Worker for ConcludeWorker {
    fn name(&self) -> &'static str {
        "conclude"
    }

    async fn run(&self, group: Vec<Claimed>) -> Vec<Failure> {
        match self.run_group(&group).await {
            Ok(failures) => failures,
            Err(error) => Failure::all(&group, &error.to_fault()),
        }
    }
}
