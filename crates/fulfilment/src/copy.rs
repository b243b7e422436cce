//! Access and portability: the person's rows, streamed to a sealed spool.

use futures::StreamExt;
use habeas_connector_api::Selection;
use habeas_domain::{
    FieldName, MessageId, Right,
    schema::{CollectionSchema, FieldType},
};
use habeas_ledger::TaskDone;
use habeas_registry::{CopyCollection, CopyPlan};

use crate::{
    FulfilmentError, TaskDetail, group,
    sides::Sides,
    spool::{SpoolWriter, folder},
    task_worker::{Task, TaskWorker, done, owners},
};

impl TaskWorker {
    pub(crate) async fn copy(&self, right: Right, tasks: &[Task]) -> Result<Vec<TaskDone>, FulfilmentError> {
        let plan = self.copy_plan(right)?;
        let schema = self.handle()?.schema().await?;
        let mut spools: Vec<SpoolWriter> = tasks.iter().map(|task| self.spool(task, tasks.len())).collect();
        for collection in &plan.collections {
            self.copy_collection(collection, &schema, tasks, &mut spools).await?;
        }
        let mut reports = Vec::with_capacity(tasks.len());
        for (task, spool) in tasks.iter().zip(spools) {
            let (object, segments) = spool.finish().await?;
            let rows = segments.iter().map(|segment| segment.rows).sum();
            reports.push(TaskDone { object, ..done(task, rows, &TaskDetail::Copied { segments })? });
        }
        Ok(reports)
    }

    fn copy_plan(&self, right: Right) -> Result<CopyPlan, FulfilmentError> {
        let registry = &self.fulfilment.registry;
        let plan = match right {
            Right::Portability => registry.portability_plan(&self.store),
            _ => registry.access_plan(&self.store),
        };
        plan.ok_or_else(|| FulfilmentError::UnknownStore(self.store.clone()))
    }

    /// Every attempt writes to a path of its own: neither a stale worker nor a second run under the same lease ever writes
    /// into a spool that a report names already.
    fn spool(&self, task: &Task, people: usize) -> SpoolWriter {
        let (lease, ledger) = (task.claimed.lease, &self.fulfilment.ledger);
        let attempt = ledger.ids().fresh::<MessageId>();
        let path = format!("{}{}-{}-{attempt}", folder(task.claimed.target), lease.work, lease.epoch);
        let (vault, objects) = (ledger.vault().clone(), self.fulfilment.objects.clone());
        SpoolWriter::new(vault, objects, task.request.key.clone(), path, people)
    }

    async fn copy_collection(
        &self,
        collection: &CopyCollection,
        schema: &[CollectionSchema],
        tasks: &[Task],
        spools: &mut [SpoolWriter],
    ) -> Result<(), FulfilmentError> {
        let fail = FulfilmentError::of_store(&self.store);
        let (fields, people) = (typed_fields(collection, schema), owners(tasks));
        let mut read: Vec<FieldName> = fields.iter().map(|(name, _)| name.clone()).collect();
        let mut sides = Sides::of(&collection.lookups, &people, &mut read);
        // What was left to somebody else is told side by side.
        let whole = sides.is_none();
        let selection = Selection {
            collection: collection.collection.clone(),
            matches: group::matches(&collection.lookups, &people),
            except: if whole { group::except(&collection.lookups, &people) } else { Vec::new() },
            fields: read,
        };
        if selection.matches.is_empty() {
            return Ok(());
        }
        let mut rows = self.handle()?.store.select(&selection).await.map_err(&fail)?;
        while let Some(row) = rows.next().await {
            let row = row.map_err(&fail)?;
            if let Some(sides) = &mut sides {
                for shown in sides.shown(&row.values, &collection.fields) {
                    let Some(spool) = spools.get_mut(shown.owner as usize) else { continue };
                    spool.row(&selection.collection, &fields, &shown.values).await?;
                    let withheld = shown.withheld.iter().filter_map(|at| fields.get(*at));
                    withheld.for_each(|(name, _)| spool.withhold(name));
                }
                continue;
            }
            for owner in row.owners {
                if let Some(spool) = spools.get_mut(owner as usize) {
                    spool.row(&selection.collection, &fields, &row.values).await?;
                }
            }
        }
        Ok(())
    }
}

fn typed_fields(collection: &CopyCollection, schema: &[CollectionSchema]) -> Vec<(FieldName, FieldType)> {
    let live = schema.iter().find(|live| live.name == collection.collection);
    let kind = |name: &FieldName| {
        live.and_then(|live| live.field(name)).map_or(FieldType::Other, |field| field.kind)
    };
    collection.fields.iter().map(|field| (field.field.clone(), kind(&field.field))).collect()
}
