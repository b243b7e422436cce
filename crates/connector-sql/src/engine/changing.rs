//! Changing the rows of a group, all or nothing.

use std::{collections::BTreeMap, sync::Arc};

use futures::TryStreamExt;
use habeas_connector_api::{ChangeReport, ChangeSet, Changing, Decision, Step, StepReport, StoreError, code};
use habeas_domain::{CollectionName, FieldName, Value};
use sqlx::Transaction;

use super::{
    Engine,
    parts::Parts,
    querying::{columns, decode_all, query},
    session::Session,
};
use crate::{
    dialect::{Change, Connection, Dialect, Limits},
    failure::store_error,
    statement::Statement,
    table::{Column, Table},
};

/// What a step found out to do, before it does it.
#[derive(Default)]
struct Plan {
    /// What finds the rows to delete.
    deleted: Vec<Vec<Value>>,
    /// The rows to rewrite, by which of the rewritten fields change.
    rewritten: BTreeMap<Vec<bool>, Vec<Rewritten>>,
}

/// What finds a row, and its new values.
type Rewritten = (Vec<Value>, Vec<Value>);

/// Does all steps in one transaction. Dropped in its middle, the transaction is rolled back, and the server stops.
pub(super) async fn apply<D: Dialect>(
    engine: &Engine<D>,
    change: &ChangeSet,
) -> Result<ChangeReport, StoreError> {
    let mut tables = Vec::with_capacity(change.steps.len());
    for step in &change.steps {
        tables.push(engine.table(&step.collection).await?);
    }
    let mut session = Session::<D>::open(&engine.pool).await.map_err(store_error::<D>)?;
    let done = all_or_nothing(&mut session, &engine.limits, change, &tables).await;
    session.end(&engine.limits).await;
    done
}

async fn all_or_nothing<D: Dialect>(
    session: &mut Session<D>,
    limits: &Limits,
    change: &ChangeSet,
    tables: &[Arc<Table<D::Native>>],
) -> Result<ChangeReport, StoreError> {
    let mut transaction = session.begin(limits).await.map_err(store_error::<D>)?;
    let mut report = ChangeReport::default();
    for (step, table) in change.steps.iter().zip(tables) {
        report.steps.push(run::<D>(&mut transaction, change, step, table).await?);
    }
    transaction.commit().await.map_err(store_error::<D>)?;
    Ok(report)
}

async fn run<D: Dialect>(
    transaction: &mut Transaction<'_, D::Db>,
    change: &ChangeSet,
    step: &Step,
    table: &Arc<Table<D::Native>>,
) -> Result<StepReport, StoreError> {
    if table.locator.is_empty() {
        return Err(unidentified(&step.collection));
    }
    let mut changing = Changing::new(change, step, &table.schema)?;
    let plan = find::<D>(transaction, step, table, &mut changing).await?;
    delete::<D>(transaction, table, &plan.deleted).await?;
    let fields: Vec<&FieldName> = changing.rewritten().map(|field| &field.name).collect();
    for (changed, rows) in &plan.rewritten {
        let columns = fields.iter().zip(changed).filter(|(_, changed)| **changed);
        let columns: Vec<_> = columns.map(|(name, _)| table.column(name)).collect::<Result<_, _>>()?;
        rewrite::<D>(transaction, table, &columns, rows).await?;
    }
    Ok(changing.report())
}

/// Finds and locks the rows, and decides what happens to each.
async fn find<D: Dialect>(
    connection: &mut Connection<D>,
    step: &Step,
    table: &Table<D::Native>,
    changing: &mut Changing<'_>,
) -> Result<Plan, StoreError> {
    let located = table.locator.len();
    let identified = table.schema.identity.len();
    let mut read: Vec<Column<D::Native>> = table.locator.clone();
    read.extend(columns(table, changing.fields())?);
    let mut parts = Parts::new(&step.matches, changing.fields(), D::KEYS_PER_STATEMENT);
    let mut statements = Vec::new();
    for (part, matches) in parts.matches().enumerate() {
        statements.extend(query::<D>(table, &read, matches, D::LOCK)?.map(|statement| (part, statement)));
    }
    let mut plan = Plan::default();
    for (part, statement) in statements {
        let mut rows = D::rows(&mut *connection, statement);
        while let Some(row) = rows.try_next().await.map_err(store_error::<D>)? {
            let mut locator = decode_all::<D>(&row, &read)?;
            let values = locator.split_off(located);
            if parts.found_before(part, &values) {
                continue;
            }
            let identity = if identified == 0 { &locator } else { &values[..identified] };
            plan.add(locator.clone(), changing.decide(identity, &values)?);
        }
    }
    Ok(plan)
}

impl Plan {
    fn add(&mut self, locator: Vec<Value>, decision: Decision) {
        match decision {
            Decision::Leave => {}
            Decision::Delete => self.deleted.push(locator),
            Decision::Rewrite(values) => {
                let changed = values.iter().map(Option::is_some).collect();
                let new = values.into_iter().flatten().collect();
                self.rewritten.entry(changed).or_default().push((locator, new));
            }
        }
    }
}

async fn delete<D: Dialect>(
    connection: &mut Connection<D>,
    table: &Table<D::Native>,
    rows: &[Vec<Value>],
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let locators: Vec<&[Value]> = rows.iter().map(Vec::as_slice).collect();
    let touched = execute::<D>(connection, D::delete(table, &locators)).await?;
    // A row that went with another of its own table is gone, but not counted by every database.
    verify(table, touched, rows.len(), table.takes_its_own())
}

async fn rewrite<D: Dialect>(
    connection: &mut Connection<D>,
    table: &Table<D::Native>,
    columns: &[&Column<D::Native>],
    rows: &[Rewritten],
) -> Result<(), StoreError> {
    let changes: Vec<Change<'_>> =
        rows.iter().map(|(locator, new)| (locator.as_slice(), new.iter().collect())).collect();
    let touched = execute::<D>(connection, D::update(table, columns, &changes)).await?;
    verify(table, touched, rows.len(), false)
}

async fn execute<D: Dialect>(
    connection: &mut Connection<D>,
    statements: Vec<Statement>,
) -> Result<u64, StoreError> {
    let mut touched = 0;
    for statement in statements {
        let uncounted = statement.uncounted;
        let rows = D::execute(&mut *connection, statement).await.map_err(store_error::<D>)?;
        touched += if uncounted { 0 } else { rows };
    }
    Ok(touched)
}

/// The rows were locked, so exactly those must have been touched. If not, a trigger or rule interferes.
fn verify<N>(table: &Table<N>, touched: u64, decided: usize, fewer: bool) -> Result<(), StoreError> {
    let decided = decided as u64;
    if touched == decided || (fewer && touched < decided) {
        return Ok(());
    }
    let detail = format!(
        "`{}`: {touched} rows were changed where {decided} were meant; all was rolled back",
        table.schema.name
    );
    Err(StoreError::temporary(code::CONFLICT, detail))
}

pub(super) fn unidentified(of: &CollectionName) -> StoreError {
    let detail = format!("rows of `{of}` cannot be told apart: give the table a primary key");
    StoreError::permanent(code::UNSUPPORTED, detail)
}
