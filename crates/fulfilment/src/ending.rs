//! How a job ends: what its tasks come to, and what of it is told.

use std::collections::BTreeSet;

use habeas_domain::{
    Letter, Outcome, StoreName,
    letter::{JobReport, Kept},
};

use crate::{CollectionReport, Fulfilment, FulfilmentError, PlanDetail, TaskDetail, conclude::Case};

impl Fulfilment {
    /// The letter that tells of a delay: what is open is named, and nothing is claimed that did not happen.
    pub(crate) fn delay(&self, case: &Case<'_>) -> Letter {
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
                self.registry.manifest(store).map_or_else(|| store.to_string(), |found| found.product.clone())
            })
            .collect();
        products.into_iter().collect()
    }

    /// What the job's tasks come to.
    pub(crate) fn report(&self, case: &Case<'_>) -> Result<JobReport, FulfilmentError> {
        let mut changed = Vec::new();
        for report in &case.reports {
            changed.extend(TaskDetail::read(report)?.changed());
        }
        let kept: Vec<Kept> = changed.iter().filter_map(kept).collect();
        let undone = self.undone(case);
        let rows = case.reports.iter().map(|report| report.rows).sum();
        let short = !undone.is_empty() || !kept.is_empty() || changed.iter().any(|one| one.conflicts > 0);
        let outcome = if short { Outcome::PartlyDone } else { found(case, rows)? };
        let outcome = self.unless_referred(outcome);
        // Where nothing is held every store was asked for the person's keys, and none has a task.
        let asked = match outcome {
            Outcome::NothingHeld => self.registry.own().count(),
            _ => case.reports.len(),
        };
        Ok(JobReport {
            right: case.job.right,
            outcome,
            stores: u32::try_from(asked).unwrap_or(u32::MAX),
            rows,
            package: None,
            kept,
            undone,
            refusal: None,
            receipt: None,
            referrals: self.referrals(),
        })
    }
}

/// How a job ended of which nothing is left undone. A copy tells by itself what was there. A change that was made by an
/// attempt which did not live to report it finds nothing left to do, so there the plan tells.
fn found(case: &Case<'_>, rows: u64) -> Result<Outcome, FulfilmentError> {
    if case.job.right.gives_a_copy() {
        return Ok(if rows == 0 { Outcome::NothingHeld } else { Outcome::Done });
    }
    let Some(plan) = &case.job.plan else { return Ok(Outcome::NothingHeld) };
    if !plan.stores.is_empty() {
        return Ok(Outcome::Done);
    }
    let detail = PlanDetail::read(plan)?;
    Ok(if detail.keys.stores().is_empty() {
        Outcome::NothingHeld
    } else if detail.right_already > 0 {
        Outcome::Done
    } else {
        // The person is known, and no field holds what they want corrected.
        Outcome::PartlyDone
    })
}

fn kept(one: &CollectionReport) -> Option<Kept> {
    let reason = one.reason.clone().filter(|_| one.kept > 0)?;
    Some(Kept { what: one.title.clone(), reason, until: one.until, rows: one.kept })
}
