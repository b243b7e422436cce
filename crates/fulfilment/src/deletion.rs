//! Deletion: the effects of the manifest in one transaction for the group, then re-read and prove.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use futures::StreamExt;
use habeas_connector_api::{
    Action, ChangeReport, ChangeSet, EffectSalt, Owner, RowCondition, Selection, Step, condition::moment,
    rewriting::is_applied,
};
use habeas_domain::{Effect, FieldName, Value, schema::CollectionSchema};
use habeas_ledger::{Erased, TaskDone};
use habeas_registry::{DeletionAction, DeletionPlan, DeletionStep, FieldEffect, Keep};
use habeas_runtime::Failure;

use crate::{
    CollectionReport, FulfilmentError, KeyBook, Owed, TaskDetail, group,
    rest::Rest,
    spelling,
    task_worker::{Done, Task, TaskWorker, done, owners},
};

/// What is left of one person in one collection after a step.
#[derive(Debug, Clone, Default)]
struct Left {
    /// Rows that a rule keeps.
    kept: u64,
    /// The last day on which any of them is kept.
    until: Option<NaiveDate>,
    /// When the first of them may go.
    next: Option<DateTime<Utc>>,
    /// Those of them that are dated after the proof, and those that the rest of a deletion leaves alone as dated so.
    later: u64,
}

/// What a step left of a group.
#[derive(Debug, Default)]
pub(crate) struct StepLeft {
    people: BTreeMap<Owner, Left>,
    /// Rows that are neither kept nor as the effects leave them, by whom they belong to.
    pub(crate) wrong: BTreeMap<Owner, u64>,
    wrong_rows: u64,
}

/// What was done to a group, and what is left of it.
pub(crate) struct Erasing {
    pub(crate) plan: DeletionPlan,
    pub(crate) report: ChangeReport,
    left: Vec<StepLeft>,
    proven_at: DateTime<Utc>,
}

impl TaskWorker {
    /// Deletes for these tasks together. A person of whom more is left than a rule keeps fails alone: what was done for the
    /// others is done, and only this run knows how many rows it was.
    pub(crate) async fn delete(&self, tasks: &[Task], rest: Option<&Rest>) -> Result<Done, FulfilmentError> {
        let schema = self.handle()?.schema().await?;
        let plan = match rest {
            Some(rest) => self.rest_of_deletion(&schema, rest)?,
            None => self.deletion(&schema, None)?,
        };
        let since = rest.map(|rest| rest.since);
        // The last thing before the store is touched: until here an objection or a hold comes in time.
        let entered = self.beside_no_hold(self.enter(tasks).await?).await?;
        let mut ended = Done::default();
        if entered.is_empty() {
            return Ok(ended);
        }
        let erasing = self.erase_by(plan, &owners(entered.iter().copied()), &schema, since).await?;
        for (owner, task) in (0..).zip(&entered) {
            if let Some(error) = erasing.unproven(Some(owner)) {
                ended.failures.push(Failure::new(&task.claimed, error));
                continue;
            }
            let keys = spelling::of_book(&self.fulfilment.registry, &task.detail.keys);
            let erased = Some(Erased { keys, since });
            ended.done.push(TaskDone { erased, ..report_of(task, owner, &erasing)? });
        }
        Ok(ended)
    }

    /// Erases these people by the rules of the manifest, re-reads the store, and refuses to call it done if more is left
    /// than a rule keeps.
    pub(crate) async fn erase(
        &self,
        people: &[(Owner, &KeyBook)],
        schema: &[CollectionSchema],
        since: Option<DateTime<Utc>>,
    ) -> Result<Erasing, FulfilmentError> {
        let erasing = self.erase_by(self.deletion(schema, since)?, people, schema, since).await?;
        match erasing.unproven(None) {
            Some(error) => Err(error),
            None => Ok(erasing),
        }
    }

    async fn erase_by(
        &self,
        plan: DeletionPlan,
        people: &[(Owner, &KeyBook)],
        schema: &[CollectionSchema],
        since: Option<DateTime<Utc>>,
    ) -> Result<Erasing, FulfilmentError> {
        self.spares_others(&plan, people, schema).await?;
        let report = self.apply(&self.change_set(&plan, people)).await?;
        let left = self.left(&plan, people, schema, since).await?;
        Ok(Erasing { plan, report, left, proven_at: self.fulfilment.ledger.ids().now() })
    }

    /// Whether a deletion has nothing left to do for this person in this store, now or when a rule ends. Changes nothing.
    pub(crate) async fn is_erased(&self, book: &KeyBook) -> Result<bool, FulfilmentError> {
        let schema = self.handle()?.schema().await?;
        let plan = self.deletion(&schema, None)?;
        let left = self.left(&plan, &[(0, book)], &schema, None).await?;
        Ok(left.iter().all(|step| step.wrong_rows == 0 && step.people.is_empty()))
    }

    /// The steps of a deletion now.
    pub(crate) fn deletion(
        &self,
        schema: &[CollectionSchema],
        since: Option<DateTime<Utc>>,
    ) -> Result<DeletionPlan, FulfilmentError> {
        let now = self.fulfilment.ledger.ids().now();
        let mut plan = self.fulfilment.registry.deletion_plan(&self.store, schema, now)?;
        if let Some(since) = since {
            narrow(&mut plan, since);
        }
        Ok(plan)
    }

    pub(crate) async fn apply(&self, change: &ChangeSet) -> Result<ChangeReport, FulfilmentError> {
        fail::fail_point!("task::before_apply");
        let report =
            self.handle()?.store.apply(change).await.map_err(FulfilmentError::of_store(&self.store))?;
        fail::fail_point!("task::after_apply");
        Ok(report)
    }

    /// The same salt for every run, so that a second run changes nothing.
    pub(crate) fn salt(&self) -> EffectSalt {
        EffectSalt::new(*self.fulfilment.ledger.vault().lookup("effect-salt", self.store.as_str()).as_bytes())
    }

    fn change_set(&self, plan: &DeletionPlan, people: &[(Owner, &KeyBook)]) -> ChangeSet {
        let steps = plan.steps.iter().map(|step| Step {
            collection: step.collection.clone(),
            matches: group::matches(&step.lookups, people),
            except: group::except(&step.lookups, people),
            only: condition(step),
            action: action(&step.action),
        });
        ChangeSet { salt: self.salt(), steps: steps.collect() }
    }

    /// Re-reads what each step is about, with the same keys.
    pub(crate) async fn left(
        &self,
        plan: &DeletionPlan,
        people: &[(Owner, &KeyBook)],
        schema: &[CollectionSchema],
        since: Option<DateTime<Utc>>,
    ) -> Result<Vec<StepLeft>, FulfilmentError> {
        let mut left = Vec::with_capacity(plan.steps.len());
        for step in &plan.steps {
            left.push(self.left_by(step, people, schema, since).await?);
        }
        Ok(left)
    }

    /// What is left must be what a rule keeps, or be as the effects leave it.
    async fn left_by(
        &self,
        step: &DeletionStep,
        people: &[(Owner, &KeyBook)],
        schema: &[CollectionSchema],
        since: Option<DateTime<Utc>>,
    ) -> Result<StepLeft, FulfilmentError> {
        let mut left = StepLeft::default();
        let (matches, except) = (group::matches(&step.lookups, people), group::except(&step.lookups, people));
        let effects: &[FieldEffect] = match &step.action {
            DeletionAction::Untie(_) => return Ok(left),
            DeletionAction::Rows => &[],
            DeletionAction::Fields(effects) => effects,
        };
        if matches.is_empty() {
            return Ok(left);
        }
        let fail = FulfilmentError::of_store(&self.store);
        let selection = Selection {
            collection: step.collection.clone(),
            matches,
            except,
            fields: read_back(step, effects),
        };
        let (live, now) =
            (schema.iter().find(|live| live.name == step.collection), self.fulfilment.ledger.ids().now());
        let mut rows = self.handle()?.store.select(&selection).await.map_err(&fail)?;
        while let Some(row) = rows.next().await {
            let row = row.map_err(&fail)?;
            let dated = row.values.first();
            if since.is_some_and(|since| came_after(dated, since)) {
                row.owners.iter().for_each(|owner| left.people.entry(*owner).or_default().later += 1);
                continue;
            }
            if let Some(keep) = kept_by(step, &row.values) {
                for owner in row.owners {
                    let left = left.people.entry(owner).or_default();
                    left.keep(keep, dated);
                    left.later += u64::from(came_after(dated, now));
                }
            } else if effects.is_empty() || !all_applied(effects, step, &row.values, live) {
                left.note_wrong(row.owners);
            }
        }
        Ok(left)
    }
}

impl Erasing {
    /// What is left of this person, or of anybody, that no rule keeps.
    fn unproven(&self, owner: Option<Owner>) -> Option<FulfilmentError> {
        self.plan.steps.iter().zip(&self.left).find_map(|(step, left)| {
            let rows = match owner {
                Some(owner) => left.wrong.get(&owner).copied().unwrap_or_default(),
                None => left.wrong_rows,
            };
            let (store, collection) = (self.plan.store.clone(), step.collection.clone());
            (rows > 0).then_some(FulfilmentError::NotProven { store, collection, left: rows })
        })
    }
}

impl StepLeft {
    fn note_wrong(&mut self, owners: Vec<Owner>) {
        self.wrong_rows += 1;
        for owner in owners {
            *self.wrong.entry(owner).or_default() += 1;
        }
    }
}

impl Left {
    fn keep(&mut self, keep: &Keep, dated: Option<&Value>) {
        self.kept += 1;
        let Some(date) = dated.and_then(moment).map(|at| at.date_naive()) else { return };
        self.until = self.until.max(Some(keep.last_day(date)));
        let over = keep.over_at(date);
        self.next = Some(self.next.map_or(over, |next| next.min(over)));
    }
}

/// The rest of a deletion is about the rows that a rule kept then, and not about what the person gave the company since.
fn narrow(plan: &mut DeletionPlan, since: DateTime<Utc>) {
    plan.steps.retain(|step| step.keep.is_some());
    for rule in plan.steps.iter_mut().filter_map(|step| step.keep.as_mut()) {
        rule.before = rule.before.min(since);
    }
}

fn came_after(dated: Option<&Value>, since: DateTime<Utc>) -> bool {
    dated.and_then(moment).is_some_and(|at| at >= since)
}

fn condition(step: &DeletionStep) -> Option<RowCondition> {
    step.keep.as_ref().map(|rule| RowCondition::Before { field: rule.keep.field.clone(), at: rule.before })
}

fn action(action: &DeletionAction) -> Action {
    match action {
        DeletionAction::Rows => Action::DeleteRows,
        DeletionAction::Untie(fields) => {
            Action::Rewrite(fields.iter().map(|field| (field.clone(), Effect::Null)).collect())
        }
        DeletionAction::Fields(effects) => {
            Action::Rewrite(effects.iter().map(|one| (one.field.clone(), one.effect.clone())).collect())
        }
    }
}

/// The date of the keep rule first, if there is one, then the fields with an effect; some field in any case.
fn read_back(step: &DeletionStep, effects: &[FieldEffect]) -> Vec<FieldName> {
    let date = step.keep.iter().map(|rule| rule.keep.field.clone());
    let mut fields: Vec<FieldName> = date.chain(effects.iter().map(|one| one.field.clone())).collect();
    if fields.is_empty() {
        fields.extend(step.lookups.first().map(|lookup| lookup.field.clone()));
    }
    fields
}

fn kept_by<'a>(step: &'a DeletionStep, values: &[Value]) -> Option<&'a Keep> {
    let rule = step.keep.as_ref()?;
    let meant = condition(step)?.admits(values.first().unwrap_or(&Value::Null));
    (!meant).then_some(&rule.keep)
}

fn all_applied(
    effects: &[FieldEffect],
    step: &DeletionStep,
    values: &[Value],
    live: Option<&CollectionSchema>,
) -> bool {
    let skip = usize::from(step.keep.is_some());
    effects.iter().zip(values.iter().skip(skip)).all(|(effect, value)| {
        live.and_then(|live| live.field(&effect.field))
            .is_some_and(|field| is_applied(&effect.effect, value, field))
    })
}

fn report_of(task: &Task, owner: Owner, erasing: &Erasing) -> Result<TaskDone, FulfilmentError> {
    let Erasing { plan, report, left, proven_at } = erasing;
    let (mut collections, mut again_at, mut rows) = (Vec::new(), None::<DateTime<Utc>>, 0);
    for ((step, did), left) in plan.steps.iter().zip(&report.steps).zip(left) {
        if matches!(step.action, DeletionAction::Untie(_)) {
            continue;
        }
        let counts = did.owners.get(&owner).copied().unwrap_or_default();
        let left = left.people.get(&owner).cloned().unwrap_or_default();
        // Dated after the deletion, and there already then: nothing tells these from what came since, so they stay, and that is told.
        let later = task.rest.as_ref().map_or(left.later, |rest| rest.later(step).min(left.later));
        let kept = if task.rest.is_some() { left.kept + later } else { left.kept };
        if counts.matched == 0 && kept == 0 {
            continue;
        }
        rows += counts.changed;
        again_at = match (again_at, left.next) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        collections.push(CollectionReport {
            collection: step.collection.clone(),
            title: step.title.clone(),
            side: step.side.clone(),
            action: if step.action == DeletionAction::Rows { "deleted" } else { "rewritten" }.to_owned(),
            matched: counts.matched,
            changed: counts.changed,
            kept,
            reason: step.keep.as_ref().filter(|_| kept > 0).map(|rule| rule.keep.reason.clone()),
            until: left.until,
            owed: Owed::of(step, later).filter(|_| kept > 0),
            conflicts: 0,
            proven_at: *proven_at,
        });
    }
    Ok(TaskDone { again_at, ..done(task, rows, &TaskDetail::of_change(task, rows, collections))? })
}
