//! One request for each of the four rights, one by mail with two of them, and all work done.

use std::collections::BTreeSet;

use crate::document::{Document, Job, Request};

const RIGHTS: [&str; 4] = ["access", "deletion", "correction", "portability"];

/// What is wrong with the requests.
pub(crate) fn findings(document: &Document) -> Vec<String> {
    let mut findings = Vec::new();
    let wanted = RIGHTS.len() + 1;
    if document.requests.len() != wanted {
        findings.push(format!("{} requests instead of {wanted}", document.requests.len()));
    }
    let by_mail: Vec<&Request> =
        document.requests.iter().filter(|request| request.channel == "mailbox").collect();
    if by_mail.len() != 1 || by_mail.iter().any(|request| request.jobs.len() != 2) {
        findings.push("not one request by mail with two rights".to_owned());
    }
    let missing = RIGHTS.iter().filter(|right| document.request_for(right).is_none());
    findings.extend(missing.map(|right| format!("no request for {right}")));
    let ids: BTreeSet<&str> = document.requests.iter().map(|request| request.id.as_str()).collect();
    if ids.len() != document.requests.len() {
        findings.push("two requests with the same id".to_owned());
    }
    findings.extend(document.requests.iter().flat_map(of_request));
    findings
}

fn of_request(request: &Request) -> Vec<String> {
    let id = &request.id;
    let mut findings = Vec::new();
    if request.status != "closed" {
        findings.push(format!("request {id} is {}, not closed", request.status));
    }
    if !request.email.contains('@') || request.due.is_empty() {
        findings.push(format!("request {id} has no email or no due date"));
    }
    if request.jobs.is_empty() {
        findings.push(format!("request {id} has no job"));
    }
    findings.extend(request.jobs.iter().flat_map(|job| of_job(id, job)));
    findings
}

fn of_job(id: &str, job: &Job) -> Vec<String> {
    let name = format!("{} of request {id}", job.right);
    let mut findings = Vec::new();
    if job.status != "done" {
        findings.push(format!("{name} is {}, not done", job.status));
    }
    let undone = job.tasks.iter().filter(|task| task.status != "done");
    findings.extend(undone.map(|task| format!("{name}: the task in {} is {}", task.store, task.status)));
    if job.tasks.iter().map(|task| task.rows).sum::<u64>() == 0 {
        findings.push(format!("{name} touched no row"));
    }
    findings
}
