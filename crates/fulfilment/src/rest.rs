//! The rest of a deletion: what a rule kept then and keeps no longer, by the manifest of the day on which it goes.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use habeas_domain::{Bilingual, CollectionName, FieldName, JobId, WorkKind, schema::CollectionSchema};
use habeas_ledger::{Claimed, TaskReport};
use habeas_registry::{DeletionAction, DeletionPlan, DeletionStep, Keep, KeepRule, Period};
use serde::{Deserialize, Serialize};

use crate::{CollectionReport, FulfilmentError, TaskDetail, task_worker::TaskWorker};

/// What a rule kept of a collection, so that its end is met whatever becomes of the rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    /// The date that the rule went by.
    pub dated: FieldName,
    /// The fields that it kept; empty where it kept whole rows.
    pub fields: Vec<FieldName>,
    /// How many of the rows were dated after the deletion, as the end of a contract is.
    #[serde(default, skip_serializing_if = "is_none")]
    pub later: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_none(rows: &u64) -> bool {
    *rows == 0
}

impl Owed {
    /// What a step keeps by its rule, if it has one.
    pub(crate) fn of(step: &DeletionStep, later: u64) -> Option<Self> {
        let dated = step.keep.as_ref()?.keep.field.clone();
        Some(Self { dated, fields: fields(step).cloned().collect(), later })
    }

    /// Whether a step does what was put off, or a part of it.
    fn is_met_by(&self, step: &DeletionStep) -> bool {
        let whole = self.fields.is_empty() || step.action == DeletionAction::Rows;
        whole || fields(step).any(|field| self.fields.contains(field))
    }
}

/// What of one person is left to be deleted in a store.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rest {
    /// When the deletion itself was proven. Rows that came later are not meant.
    pub(crate) since: DateTime<Utc>,
    owed: Vec<(CollectionName, Option<Bilingual>, Option<Owed>)>,
}

fn fields(step: &DeletionStep) -> impl Iterator<Item = &FieldName> {
    let effects = match &step.action {
        DeletionAction::Fields(effects) => &effects[..],
        DeletionAction::Rows | DeletionAction::Untie(_) => &[],
    };
    effects.iter().map(|effect| &effect.field)
}

impl TaskWorker {
    /// What is left of the deletions whose rest is claimed, by job. Of what was put off again only the latest counts.
    pub(crate) async fn rests(&self, group: &[Claimed]) -> Result<HashMap<JobId, Rest>, FulfilmentError> {
        let deferred: Vec<&Claimed> =
            group.iter().filter(|claimed| claimed.kind == WorkKind::Deferred).collect();
        let jobs: Vec<JobId> = deferred.iter().filter_map(|claimed| claimed.job).collect();
        if jobs.is_empty() {
            return Ok(HashMap::new());
        }
        let mut reports = self.fulfilment.ledger.task_reports(&jobs).await?;
        reports.retain(|report| report.store == self.store);
        let mut rests = HashMap::new();
        for (claimed, job) in deferred.into_iter().filter_map(|claimed| Some((claimed, claimed.job?))) {
            let own: Vec<&TaskReport> = reports.iter().filter(|report| report.job == job).collect();
            if let Some(rest) = rest(claimed, &own)? {
                rests.insert(job, rest);
            }
        }
        Ok(rests)
    }

    /// The steps that do what was put off. Refused where no step covers it any more: it would stay for good, and nobody
    /// would be told.
    pub(crate) fn rest_of_deletion(
        &self,
        schema: &[CollectionSchema],
        rest: &Rest,
    ) -> Result<DeletionPlan, FulfilmentError> {
        let mut plan = self.deletion(schema, None)?;
        if !rest.owed.iter().all(|(collection, _, owed)| is_covered(&plan, collection, owed.as_ref())) {
            return Err(FulfilmentError::PlanChanged(self.store.clone()));
        }
        plan.steps.retain_mut(|step| {
            if step.keep.is_none() {
                step.keep = rest.rule_of_then(step);
            }
            step.keep.is_some()
        });
        for rule in plan.steps.iter_mut().filter_map(|step| step.keep.as_mut()) {
            rule.before = rule.before.min(rest.since);
        }
        Ok(plan)
    }
}

impl Rest {
    /// How many of the rows that this step is about were there when the deletion was proven, and are dated after it.
    pub(crate) fn later(&self, step: &DeletionStep) -> u64 {
        let of_step = self.owed.iter().filter(|(collection, ..)| *collection == step.collection);
        let owed = of_step.filter_map(|(.., owed)| owed.as_ref().filter(|owed| owed.is_met_by(step)));
        owed.map(|owed| owed.later).max().unwrap_or_default()
    }

    /// A step that no rule holds back any more: what the rule of then kept goes now, and nothing that came later.
    fn rule_of_then(&self, step: &DeletionStep) -> Option<KeepRule> {
        let met = |(collection, reason, owed): &(CollectionName, Option<Bilingual>, Option<Owed>)| {
            let owed = owed.as_ref().filter(|owed| *collection == step.collection && owed.is_met_by(step))?;
            let reason = reason.clone().unwrap_or_else(|| step.title.clone());
            let period = Period::new(1, habeas_registry::Unit::Days)?;
            Some(Keep { reason, field: owed.dated.clone(), period })
        };
        self.owed.iter().find_map(met).map(|keep| KeepRule { keep, before: self.since })
    }
}

fn rest(claimed: &Claimed, reports: &[&TaskReport]) -> Result<Option<Rest>, FulfilmentError> {
    let (mut since, mut owed) = (None::<DateTime<Utc>>, Vec::new());
    for report in reports {
        let collections: Vec<CollectionReport> = TaskDetail::read(report)?.changed();
        let first = collections.iter().map(|one| one.proven_at).min();
        since = since.into_iter().chain(first).min();
        if habeas_domain::TypedId::uuid(report.work) == claimed.target {
            let kept = collections.into_iter().filter(|one| one.kept > 0);
            owed.extend(kept.map(|one| (one.collection, one.reason, one.owed)));
        }
    }
    Ok(since.map(|since| Rest { since, owed }))
}

/// Whether the manifest of now does what was put off: under a rule of its own, or, without one, to all that was kept.
fn is_covered(plan: &DeletionPlan, collection: &CollectionName, owed: Option<&Owed>) -> bool {
    let is_told = |step: &DeletionStep| !matches!(step.action, DeletionAction::Untie(_));
    let mut steps = plan.steps.iter().filter(|step| is_told(step) && step.collection == *collection);
    match owed {
        // A report of an earlier release does not say what the rule went by.
        None => steps.any(|step| step.keep.is_some()),
        Some(owed) if owed.fields.is_empty() => steps.next().is_some(),
        Some(owed) => {
            let steps: Vec<&DeletionStep> = steps.collect();
            let whole = steps.iter().any(|step| step.action == DeletionAction::Rows);
            whole
                || owed.fields.iter().all(|kept| steps.iter().any(|step| fields(step).any(|one| one == kept)))
        }
    }
}
