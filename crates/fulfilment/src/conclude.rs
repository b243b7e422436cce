use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use chrono::TimeDelta;
use futures::{FutureExt, StreamExt};
use habeas_domain::{
    JobId, JobState, Letter, Outcome, PackageId, Personal, Right, TypedId,
    letter::{JobReport, Kept, PackageLink},
    regime::{Regime, RegimeId},
};
use habeas_ledger::{
    AgentCopy, Claimed, Conclusion, JobToRun, NewPackage, NewReceipt, OpenRequest, RECEIPT, TaskReport,
};
use habeas_package::PackageInfo;
use habeas_runtime::{Failure, Worker};
use serde_json::{Value, json};

use crate::{
    Fulfilment, FulfilmentError,
    halving::halving,
    kept_before::{is_told, kept_in},
    rest_told::rest_deleted,
    spool,
};

/// How many packages are written at once.
const PARALLEL: usize = 8;

/// Ends jobs whose tasks are done: makes the package or the receipt, and orders the mail that tells the person. Also
/// tells of a delay when a job has stalled.
#[derive(Debug, Clone)]
pub struct ConcludeWorker(Fulfilment);

/// A job to conclude with all that it needs.
pub(crate) struct Case<'a> {
    pub(crate) claimed: &'a Claimed,
    pub(crate) job: &'a JobToRun,
    pub(crate) request: Arc<OpenRequest>,
    pub(crate) reports: Vec<TaskReport>,
    /// What a rule keeps of earlier deletions of the same person.
    pub(crate) kept_before: Vec<Kept>,
}

impl ConcludeWorker {
    /// A conclude worker.
    pub const fn new(fulfilment: Fulfilment) -> Self {
        Self(fulfilment)
    }

    async fn run_group(&self, group: &[Claimed]) -> Result<Vec<Failure>, FulfilmentError> {
        let ids: Vec<JobId> = group.iter().filter_map(|claimed| claimed.job).collect();
        let jobs = self.0.ledger.jobs_to_run(&ids).await?;
        let (cases, mut failures) = self.cases(group, &jobs, &ids).await?;
        let mut concluding = Vec::with_capacity(cases.len());
        for case in &cases {
            concluding.push(async move { (case.claimed, self.conclude(case).await) }.boxed());
        }
        let mut results = futures::stream::iter(concluding).buffer_unordered(PARALLEL);
        let mut concluded = Vec::with_capacity(cases.len());
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
        self.forget_spools(&cases).await;
        Ok(failures)
    }

    async fn cases<'a>(
        &self,
        group: &'a [Claimed],
        jobs: &'a HashMap<JobId, JobToRun>,
        ids: &[JobId],
    ) -> Result<(Vec<Case<'a>>, Vec<Failure>), FulfilmentError> {
        let requests: Vec<_> = group.iter().map(|claimed| claimed.request).collect();
        let opened = self.0.ledger.open_requests(&requests).await?;
        let requests: HashMap<_, _> = opened.into_iter().map(|(id, open)| (id, Arc::new(open))).collect();
        let mut reports = self.0.ledger.task_reports(ids).await?;
        let telling = jobs.values().filter(|job| is_told(job, &reports)).map(|job| job.request);
        let kept_before = self.0.ledger.kept_before(&telling.collect::<Vec<_>>()).await?;
        // In the same order each time, in packages and letters too.
        reports.sort_by(|one, other| one.store.cmp(&other.store));
        let (mut cases, mut failures) = (Vec::with_capacity(group.len()), Vec::new());
        for claimed in group {
            let job = claimed.job.and_then(|job| jobs.get(&job));
            let (Some(job), Some(request)) = (job, requests.get(&claimed.request)) else {
                failures.push(Failure::new(claimed, FulfilmentError::Gone("job")));
                continue;
            };
            let reports: Vec<TaskReport> =
                reports.iter().filter(|report| report.job == job.id).cloned().collect();
            let kept = kept_before.get(&claimed.request).filter(|_| is_told(job, &reports));
            let kept_before = kept_in(kept.map_or(&[], Vec::as_slice))?;
            let mut case = Case { claimed, job, request: Arc::clone(request), reports, kept_before };
            match self.0.look_again(&mut case).await {
                Ok(()) => cases.push(case),
                Err(error) => failures.push(Failure::new(claimed, error)),
            }
        }
        Ok((cases, failures))
    }

    async fn conclude(&self, case: &Case<'_>) -> Result<Conclusion, FulfilmentError> {
        let regime = self.regime(&case.request)?;
        let mut conclusion = Conclusion {
            lease: case.claimed.lease,
            request: case.request.id,
            job: case.job.id,
            outcome: None,
            letter: self.0.delay(case),
            package: None,
            receipt: None,
            to: Personal::new(case.request.address().to_owned()),
            agent: None,
        };
        if let Some(rest) = case.rest_done() {
            let number = format!("{}-R", receipt_number(case));
            let told = json!({ "rest": true, "stores": did(&rest) });
            conclusion.receipt = Some(self.signed(case, &number, told));
            conclusion.letter = rest_deleted(&case.reports, &rest, number)?;
            return Ok(conclusion);
        }
        // Work that only tells of a delay has a target of its own, and leaves the end of the job to the work that ends it.
        if case.job.state != JobState::Concluding || case.claimed.target != case.job.id.uuid() {
            return Ok(conclusion);
        }
        let mut report = self.0.report(case)?;
        if case.job.right.gives_a_copy() && report.rows > 0 {
            let (package, link) = self.package(case, &regime, &report.undone).await?;
            conclusion.package = Some(package);
            report.package = Some(link);
        }
        let nothing = matches!(report.outcome, Outcome::NothingHeld | Outcome::Referred);
        if case.job.right.changes_stores() && !nothing {
            let number = receipt_number(case);
            conclusion.receipt = Some(self.receipt(case, &number, &report));
            report.receipt = Some(number);
        }
        conclusion.agent = self.for_agent(case, report.package.as_ref());
        conclusion.outcome = Some(report.outcome);
        conclusion.letter = Letter::JobEnded(report);
        Ok(conclusion)
    }

    /// What the agent gets, where one acts and the person lets them have the results: a way of their own to the package.
    fn for_agent(&self, case: &Case<'_>, package: Option<&PackageLink>) -> Option<AgentCopy> {
        let agent = case.request.agent.as_ref().filter(|agent| agent.receives)?;
        let token = package.map(|_| self.0.ledger.vault().new_token());
        let link = package.zip(token.as_ref()).map(|(package, token)| PackageLink {
            url: self.0.options.links.package(case.request.language, &token.expose()),
            ..package.clone()
        });
        Some(AgentCopy {
            to: Personal::new(agent.said.email.as_str().to_owned()),
            letter: Letter::AgentResult { right: case.job.right, package: link },
            token: token.map(|token| token.hash()),
        })
    }

    fn regime(&self, request: &OpenRequest) -> Result<Regime, FulfilmentError> {
        let known =
            RegimeId::new(request.regime.clone()).ok().and_then(|id| self.0.regimes.get(&id).cloned());
        known.ok_or(FulfilmentError::Ledger(habeas_ledger::LedgerError::NotFound("regime")))
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
            kept: case.kept_before.clone(),
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
        let sha256 = hex::decode(&summary.sha256).ok().and_then(|bytes| bytes.try_into().ok());
        let sha256 = sha256.ok_or(FulfilmentError::Digest)?;
        let (token, bytes, rows) = (token.hash(), summary.bytes, summary.rows);
        Ok((NewPackage { id, object, sha256, bytes, rows, token, expires_at, downloads }, link))
    }

    /// Counts, times and proofs; no values.
    fn receipt(&self, case: &Case<'_>, number: &str, ended: &JobReport) -> NewReceipt {
        let stores: Vec<&TaskReport> = case.reports.iter().collect();
        let told = json!({
            "outcome": ended.outcome, "undone": ended.undone, "unmet": ended.unmet, "stores": did(&stores),
        });
        self.signed(case, number, told)
    }

    /// A receipt that says this, beside what every receipt says.
    fn signed(&self, case: &Case<'_>, number: &str, told: Value) -> NewReceipt {
        let mut body = json!({
            "format": "habeas-receipt", "version": 1, "number": number, "request": case.request.id,
            "job": case.job.id, "right": case.job.right, "at": self.0.ledger.ids().now(),
        });
        if let (Value::Object(body), Value::Object(told)) = (&mut body, told) {
            body.extend(told);
        }
        let body = body.to_string();
        let signature = self.0.ledger.vault().sign(RECEIPT, body.as_bytes());
        NewReceipt { body, signature }
    }

    /// Spools are of no use once their job has ended. Whether it has is read again: a conclusion under a lease that was
    /// lost ended nothing, and somebody else may be reading the spools.
    async fn forget_spools(&self, cases: &[Case<'_>]) {
        let copies: Vec<JobId> =
            cases.iter().filter(|case| case.job.right.gives_a_copy()).map(|case| case.job.id).collect();
        if copies.is_empty() {
            return;
        }
        let jobs = self.0.ledger.jobs_to_run(&copies).await.unwrap_or_default();
        for job in jobs.values().filter(|job| job.state == JobState::Ended) {
            if let Err(error) = self.0.objects.delete_folder(&spool::folder(job.id.uuid())).await {
                tracing::warn!(%error, "the spools of a job could not be deleted");
            }
        }
    }
}

/// What was done, by store.
fn did(reports: &[&TaskReport]) -> Vec<Value> {
    reports.iter().map(|report| json!({ "store": report.store, "did": report.report })).collect()
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
        halving(&group, |one| one, |part| self.run_group(part).boxed()).await
    }
}
