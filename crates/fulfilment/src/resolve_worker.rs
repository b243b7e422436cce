use std::collections::HashMap;

use async_trait::async_trait;
use futures::FutureExt;
use habeas_domain::{Fault, HeldKey, JobId, KeyName, Personal, RequestId, RequestState, Right, StoreName};
use habeas_ledger::{Claimed, JobToRun, OpenRequest, Planned};
use habeas_registry::Collection;
use habeas_runtime::{Failure, Worker};
use serde::Deserialize;

use crate::{
    Fulfilment, FulfilmentError, KeyBook, Person, PlanDetail, Resolved, Review, Terms,
    halving::halving,
    new_address::{Moved, confirmed},
    resolve,
};

/// Finds the keys of a group of people and plans their jobs.
#[derive(Debug, Clone)]
pub struct ResolveWorker(Fulfilment);

impl ResolveWorker {
    /// A resolve worker.
    pub const fn new(fulfilment: Fulfilment) -> Self {
        Self(fulfilment)
    }

    async fn run_group(&self, group: &[Claimed]) -> Result<Vec<Failure>, FulfilmentError> {
        let ids: Vec<RequestId> = group.iter().map(|claimed| claimed.request).collect();
        let requests = self.0.ledger.open_requests(&ids).await?;
        let jobs = self.0.ledger.jobs_to_plan(&ids).await?;
        let reviewed: Vec<RequestId> =
            requests.values().filter(|one| one.was_reviewed).map(|one| one.id).collect();
        let decided = self.0.ledger.decided_findings(&reviewed).await?;
        // One request may be resolved for two reasons at once, and is then looked up twice.
        let (open, erased): (Vec<_>, Vec<_>) = group
            .iter()
            .map(|claimed| (claimed, requests.get(&claimed.request)))
            .partition(|(_, one)| one.is_some());
        let open: Vec<(&Claimed, &OpenRequest)> =
            open.into_iter().filter_map(|(claimed, request)| Some((claimed, request?))).collect();
        let mut people = Vec::with_capacity(open.len());
        for (_, request) in &open {
            let decided = decided.get(&request.id).map(Vec::as_slice).unwrap_or_default();
            let terms = Terms::of(decided, &self.0.registry);
            people.push(Person { book: self.known(request, &jobs)?, terms });
        }
        let most: Vec<Option<usize>> = people.iter().map(|person| person.terms.addresses()).collect();
        let strangers = self.strangers(&open, &people).await?;
        let resolved = resolve(&self.0.registry, &self.0.stores, people).await?;
        let resolved = resolved.into_iter().zip(strangers).map(|(one, stranger)| stranger.map_or(one, Err));
        let mut planned = Vec::with_capacity(open.len());
        let mut failures: Vec<Failure> = erased
            .iter()
            .map(|(claimed, _)| Failure::new(claimed, FulfilmentError::Gone("request")))
            .collect();
        for (((claimed, request), result), most) in open.into_iter().zip(resolved).zip(most) {
            match self.planned(claimed, (request, most), result, &jobs).await {
                Ok(one) => planned.extend(one),
                Err(fault) => failures.push(Failure::new(claimed, fault)),
            }
        }
        fail::fail_point!("resolve::before_commit");
        self.0.ledger.planned(planned).await?;
        fail::fail_point!("resolve::after_commit");
        Ok(failures)
    }

    /// For each of them why somebody has to look, if a new address leads to somebody else.
    async fn strangers(
        &self,
        open: &[(&Claimed, &OpenRequest)],
        people: &[Person],
    ) -> Result<Vec<Option<Review>>, FulfilmentError> {
        let mut known = Vec::with_capacity(open.len());
        for (_, request) in open {
            // A key book can be long, and is needed only beside a new address.
            let before = request.resolved.as_ref().filter(|_| confirmed(request).next().is_some());
            let before = before.map(|book| KeyBook::deserialize(book.expose())).transpose();
            known.push(before.map_err(FulfilmentError::unreadable("a key book"))?.unwrap_or_default());
        }
        let moved = open.iter().zip(people).zip(&known);
        let moved: Vec<Moved<'_>> = moved
            .map(|(((_, request), person), known)| Moved { request, known, terms: &person.terms })
            .collect();
        self.0.strangers(&moved).await
    }

    /// What a resolve begins with: what the person proved, and what an earlier plan of a job that is planned anew had found.
    fn known(
        &self,
        request: &OpenRequest,
        jobs: &HashMap<JobId, JobToRun>,
    ) -> Result<KeyBook, FulfilmentError> {
        let registry = &self.0.registry;
        // The address that the link and the code went to, and those on file of which the person showed a code.
        let mut book = KeyBook::of_addresses(request.proven_addresses())
            .spelled(|key, value| registry.key(key).compare.canonical(value));
        let earlier = jobs.values().filter(|job| job.request == request.id && job.right.removes_data());
        for plan in earlier.filter_map(|job| job.plan.as_ref()) {
            let detail = PlanDetail::read(plan)?;
            if !self.knew_no_sides(&detail) {
                book.remember(&detail.keys, |key| !registry.key(key).shared);
            }
        }
        Ok(book)
    }

    /// Whether a plan may know a row's other people for its person, because the manifest that tells their sides was another then.
    fn knew_no_sides(&self, detail: &PlanDetail) -> bool {
        let has_sides = |store: &StoreName| {
            let manifest = self.0.registry.manifest(store);
            manifest.is_some_and(|manifest| manifest.collections.iter().any(Collection::has_sides))
        };
        detail
            .manifests
            .iter()
            .any(|(store, print)| has_sides(store) && *print != self.0.manifest_print(store))
    }

    /// What was planned for one request, of which so many addresses may be warned; nothing if it stopped for review instead.
    async fn planned(
        &self,
        claimed: &Claimed,
        (request, most): (&OpenRequest, Option<usize>),
        resolved: Resolved,
        jobs: &HashMap<JobId, JobToRun>,
    ) -> Result<Option<Planned>, Fault> {
        match resolved {
            Ok(book) => match self.plan_all(claimed, (request, most), &book, jobs).await {
                Err(FulfilmentError::Review(review)) => {
                    self.stop(claimed, request, &review).await.map(|()| None)
                }
                planned => Ok(Some(planned?)),
            },
            Err(review) => self.stop(claimed, request, &review).await.map(|()| None),
        }
    }

    /// A request that is resolved for the first time waits for review. One that is in progress already goes on with
    /// what was planned; the job that was to be planned anew waits with its parked work.
    async fn stop(&self, claimed: &Claimed, request: &OpenRequest, review: &Review) -> Result<(), Fault> {
        if request.state != RequestState::Resolving {
            return Err(Fault::permanent("review-needed", review.to_string()));
        }
        tracing::warn!(request = %request.id, reason = %review, "a request stops for review");
        Ok(self.0.ledger.review_needed(claimed.lease, request.id, &review.to_finding()).await?)
    }

    async fn plan_all(
        &self,
        claimed: &Claimed,
        (request, most): (&OpenRequest, Option<usize>),
        book: &KeyBook,
        jobs: &HashMap<JobId, JobToRun>,
    ) -> Result<Planned, FulfilmentError> {
        let (mut plans, mut removes, mut failed) = (Vec::new(), Vec::new(), None);
        if request.state != RequestState::Closed {
            for job in jobs.values().filter(|job| job.request == request.id) {
                match self.0.plan(request, job, book, most).await {
                    Ok(plan) => plans.push(plan),
                    // What cannot be corrected keeps no copy and no deletion back.
                    Err(error) if job.right == Right::Correction => failed = Some(error),
                    Err(error) => return Err(error),
                }
                if job.right.removes_data() {
                    removes = held_keys(request, book);
                }
            }
        }
        let again = failed.is_some();
        if let Some(error) = failed.filter(|_| plans.is_empty()) {
            return Err(error);
        }
        let keys = serde_json::to_value(book).map_err(FulfilmentError::unreadable("a key book"))?;
        Ok(Planned {
            lease: claimed.lease,
            request: request.id,
            keys: Personal::new(keys),
            jobs: plans,
            referrals: self.0.notices_to_controllers(request),
            removes,
            again,
        })
    }
}

/// What legal holds are compared with: every key that was found, and what the person said of themselves. That need not be
/// true, but where it names somebody on hold a person has to look before anything is deleted.
fn held_keys(request: &OpenRequest, book: &KeyBook) -> Vec<HeldKey> {
    let subject = &request.submission.subject;
    let phone = subject.phone.iter().map(|phone| ("phone", phone.as_str()));
    let said = subject.identifiers.iter().map(|one| (one.key.as_str(), one.value.as_str()));
    let said = phone
        .chain(said)
        .filter_map(|(key, value)| Some(HeldKey::new(KeyName::new(key).ok()?, value.to_owned())));
    book.held().into_iter().chain(said).collect()
}

#[async_trait]
impl Worker for ResolveWorker {
    fn name(&self) -> &'static str {
        "resolve"
    }

    async fn run(&self, group: Vec<Claimed>) -> Vec<Failure> {
        halving(&group, |one| one, |part| self.run_group(part).boxed()).await
    }
}
