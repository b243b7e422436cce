//! How a job ends: what its tasks come to, and what of it is told.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use habeas_domain::{
    Letter, Outcome, Right, StoreName,
    letter::{JobReport, Kept, Unmet, WhyUnmet},
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
        let (mut changed, mut uncounted) = (Vec::new(), 0);
        let mut stores: BTreeMap<&StoreName, Vec<CollectionReport>> = BTreeMap::new();
        for report in &case.reports {
            let detail = TaskDetail::read(report)?;
            uncounted += u32::from(detail.is_uncounted());
            let collections = detail.changed();
            changed.extend(collections.iter().cloned());
            // Where what a rule kept is gone already, the later report says what is kept still.
            let last = stores.entry(&report.store).or_default();
            if proven_at(&collections) >= proven_at(last) {
                *last = collections;
            }
        }
        let unmet = unmet(case, &changed)?;
        let mut kept: Vec<Kept> = stores.values().flatten().filter_map(kept).collect();
        let undone = self.undone(case);
        let rows = case.reports.iter().map(|report| report.rows).sum();
        let short = !undone.is_empty() || !kept.is_empty() || !unmet.is_empty();
        let outcome = if short { Outcome::PartlyDone } else { found(case, rows)? };
        let outcome = self.unless_referred(outcome);
        // Nothing of this job is left undone by what an earlier deletion has kept.
        if kept.is_empty() {
            kept.extend_from_slice(&case.kept_before);
        }
        // Where nothing is held every store was asked for the person's keys, and none has a task.
        let asked = match outcome {
            Outcome::NothingHeld => self.registry.own().count(),
            _ => stores.len(),
        };
        Ok(JobReport {
            right: case.job.right,
            outcome,
            stores: u32::try_from(asked).unwrap_or(u32::MAX),
            rows,
            package: None,
            kept,
            undone,
            unmet,
            uncounted,
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
    } else {
        // Every value says already what was asked for: what no value takes is told as unmet.
        Outcome::Done
    })
}

/// What of a correction was not made: what no value takes, and what somebody else changed since the approval.
fn unmet(case: &Case<'_>, changed: &[CollectionReport]) -> Result<Vec<Unmet>, FulfilmentError> {
    if case.job.right != Right::Correction {
        return Ok(Vec::new());
    }
    let planned = case.job.plan.as_ref().map(PlanDetail::read).transpose()?;
    let mut unmet: Vec<Unmet> = planned
        .iter()
        .flat_map(|plan| &plan.unmet)
        .map(|one| Unmet { what: habeas_package::category_title(&one.category), why: one.why })
        .collect();
    let newer = changed.iter().filter(|one| one.conflicts > 0);
    unmet.extend(newer.map(|one| Unmet { what: one.title.clone(), why: WhyUnmet::ChangedSince }));
    Ok(unmet)
}

/// When the last of these was proven; nothing for a report of nothing.
pub(crate) fn proven_at(collections: &[CollectionReport]) -> Option<DateTime<Utc>> {
    collections.iter().map(|one| one.proven_at).max()
}

/// What a rule keeps of a collection.
pub(crate) fn kept(one: &CollectionReport) -> Option<Kept> {
    let reason = one.reason.clone().filter(|_| one.kept > 0)?;
    Some(Kept { what: one.title.clone(), reason, until: one.until, rows: one.kept })
}
