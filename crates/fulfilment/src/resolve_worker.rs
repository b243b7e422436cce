use std::collections::HashMap;

use async_trait::async_trait;
use habeas_domain::{KeyName, KeyValue, Personal, RequestId, RequestState};
use habeas_ledger::{Claimed, JobToRun, OpenRequest, Planned};
use habeas_registry::START_KEY;
use habeas_runtime::{Failure, Worker};

use crate::{Fulfilment, FulfilmentError, KeyBook, Person, Review, resolve};

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
        let mut requests = self.0.ledger.open_requests(&ids).await?;
        let jobs = self.0.ledger.jobs_to_plan(&ids).await?;
        let mut people = Vec::with_capacity(group.len());
        let mut open: Vec<(&Claimed, OpenRequest)> = Vec::with_capacity(group.len());
        for claimed in group {
            // Closed or erased since: there is nothing to find, and the work is finished without a plan.
            let Some(request) = requests.remove(&claimed.request) else { continue };
            people.push(Person { book: book(&request)? });
            open.push((claimed, request));
        }
        let resolved = resolve(&self.0.registry, &self.0.stores, people).await?;
        let mut planned = Vec::with_capacity(open.len());
        let mut failures = Vec::new();
        for ((claimed, request), result) in open.into_iter().zip(resolved) {
            match result {
                Err(review) => self.stop(claimed, &request, &review).await?,
                Ok(book) => match self.plan_all(claimed, &request, &book, &jobs).await {
                    Ok(one) => planned.push(one),
                    Err(error) => failures.push(Failure::new(claimed, error)),
                },
            }
        }
        fail::fail_point!("resolve::before_commit");
        self.0.ledger.planned(planned).await?;
        fail::fail_point!("resolve::after_commit");
        Ok(failures)
    }

    async fn stop(
        &self,
        claimed: &Claimed,
        request: &OpenRequest,
        review: &Review,
    ) -> Result<(), FulfilmentError> {
        tracing::warn!(request = %request.id, reason = %review, "a request stops for review");
        Ok(self.0.ledger.review_needed(claimed.lease, request.id, &review.to_string()).await?)
    }

    async fn plan_all(
        &self,
        claimed: &Claimed,
        request: &OpenRequest,
        book: &KeyBook,
        jobs: &HashMap<habeas_domain::JobId, JobToRun>,
    ) -> Result<Planned, FulfilmentError> {
        let mut plans = Vec::new();
        if request.state != RequestState::Closed {
            for job in jobs.values().filter(|job| job.request == request.id) {
                plans.push(self.0.plan(request, job, book).await?);
            }
        }
        let keys = serde_json::to_value(book)
            .map_err(|source| FulfilmentError::Unreadable { what: "a key book", source })?;
        Ok(Planned {
            lease: claimed.lease,
            request: request.id,
            keys: Personal::new(keys),
            jobs: plans,
            looked_at: self.0.ledger.ids().now(),
        })
    }
}

/// What the person proved: the address that the link and the code went to.
fn book(request: &OpenRequest) -> Result<KeyBook, FulfilmentError> {
    let email = KeyName::new(START_KEY).map_err(|_| FulfilmentError::Thread)?;
    let value = KeyValue::new(request.submission.subject.email.lookup_form().expose());
    Ok(KeyBook::verified(value.map(|value| (email, value))))
}

#[async_trait]
impl Worker for ResolveWorker {
    fn name(&self) -> &'static str {
        "resolve"
    }

    async fn run(&self, group: Vec<Claimed>) -> Vec<Failure> {
        match self.run_group(&group).await {
            Ok(failures) => failures,
            Err(error) => Failure::all(&group, &error.to_fault()),
        }
    }
}
