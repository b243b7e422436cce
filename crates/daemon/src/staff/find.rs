//! Requests by id or by reference, and their jobs by right.

use habeas_domain::{RequestId, Right};
use habeas_ledger::{JobView, Ledger, RequestView};

use crate::failure::{Exit, Failure};

/// The request that `text` names: its id, or the reference that people call it by.
pub(crate) async fn find_request(ledger: &Ledger, text: &str) -> Result<RequestView, Failure> {
    if let Ok(id) = text.parse::<RequestId>() {
        return Ok(ledger.request_view(id).await?);
    }
    let mut found = ledger.find_by_reference(text).await?;
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        (Some(_), false) => Err(Failure::new(
            Exit::Findings,
            "ambiguous",
            "several requests have this reference; give the id of the one you mean",
        )),
        (None, _) => Err(Failure::new(
            Exit::Findings,
            "not-found",
            "there is no such request; give its id, or its reference such as HB-7K3M-9QTX",
        )),
    }
}

/// Nothing is done to a request that has ended.
pub(crate) fn closed(why: &str) -> Failure {
    Failure::new(Exit::Findings, "state", format!("the request is closed: {why}"))
}

/// The job that fulfils `right`; the only one, if no right is named.
pub(crate) fn find_job(request: &RequestView, right: Option<Right>) -> Result<&JobView, Failure> {
    let found = match right {
        Some(right) => request.jobs.iter().find(|job| job.right == right),
        None if request.jobs.len() == 1 => request.jobs.first(),
        None => None,
    };
    found.ok_or_else(|| {
        let rights: Vec<&str> = request.rights.iter().map(|right| right.as_str()).collect();
        Failure::usage(format!("say which job with --right: {}", rights.join(", ")))
    })
}
