//! Changing the rows of a group, all or nothing.

use std::{collections::BTreeMap, sync::Arc};

use futures::TryStreamExt;
use habeas_connector_api::{
    Action, ChangeReport, ChangeSet, Changing, Decision, FieldMatch, Place, Step, StepReport, StoreError,
    code,
};
use habeas_domain::{CollectionName, FieldName, Value};
use sqlx::Transaction;
use tokio::time::timeout;

use super::{
    Engine,
    parts::Parts,
    querying::{columns, decode_all, query},
    scanning::{behind, first},
    session::Session,
};
use crate::{
    dialect::{Change, Connection, Dialect, Limits},
    failure::store_error,
    statement::Statement,
    table::{Column, Table},
};

/// What was found out to do with the rows of a page, before it is done.
#[derive(Default)]
struct Plan {
    /// What finds the rows to delete.
    deleted: Vec<Vec<Value>>,
    /// The rows to rewrite, by which of the rewritten fields change.
    rewritten: BTreeMap<Vec<bool>, Vec<Rewritten>>,
    /// How many rows were found.
    found: u64,
    /// What finds the last of them.
    last: Option<Vec<Value>>,
}

/// What finds a row, and its new values.
type Rewritten = (Vec<Value>, Vec<Value>);

/// Does all steps in one transaction. Dropped in its middle, the transaction is rolled back, and the server stops.
pub(super) async fn apply<D: Dialect>(
    engine: &Engine<D>,
    change: &ChangeSet,
) -> Result<ChangeReport, StoreError> {
    let mut tables = Vec::with_capacity(change.steps.len());
    let limits = &engine.limits;
    for step in &change.steps {
        tables.push(in_time(limits, engine.table(&step.collection)).await??);
    }
    let session = in_time(limits, Session::<D>::open(&engine.pool)).await?;
    let mut session = session.map_err(store_error::<D>)?;
    let done = all_or_nothing(&mut session, limits, change, &tables).await;
    // A statement that gave no answer in time may still be worked on.
    let is_late = done.as_ref().is_err_and(|error| error.code() == code::TIMEOUT);
    if !is_late && in_time(limits, session.end(limits)).await.is_err() {
        tracing::warn!(
            driver = D::DRIVER,
            "the connection of a change did not answer after it, and was closed"
        );
    }
    done
}

async fn all_or_nothing<D: Dialect>(
    session: &mut Session<D>,
    limits: &Limits,
    change: &ChangeSet,
    tables: &[Arc<Table<D::Native>>],
) -> Result<ChangeReport, StoreError> {
    let mut transaction = in_time(limits, session.begin(limits)).await?.map_err(store_error::<D>)?;
    let mut report = ChangeReport::default();
    for (step, table) in change.steps.iter().zip(tables) {
        report.steps.push(run::<D>(&mut transaction, limits, change, step, table).await?);
    }
    in_time(limits, transaction.commit()).await?.map_err(store_error::<D>)?;
    Ok(report)
}

/// Each statement has its own time, however many a change of a million rows takes.
async fn in_time<T>(limits: &Limits, call: impl Future<Output = T>) -> Result<T, StoreError> {
    let late = |_| {
        let detail = format!("the database gave no answer to a statement within {:?}", limits.write);
        StoreError::temporary(code::TIMEOUT, detail)
    };
    timeout(limits.write, call).await.map_err(late)
}

async fn run<D: Dialect>(
    transaction: &mut Transaction<'_, D::Db>,
    limits: &Limits,
    change: &ChangeSet,
    step: &Step,
    table: &Arc<Table<D::Native>>,
) -> Result<StepReport, StoreError> {
    if table.locator.is_empty() {
        return Err(unidentified(&step.collection));
    }
    let mut changing = Changing::new(change, step, &table.schema)?;
    let mut read: Vec<Column<D::Native>> = table.locator.clone();
    read.extend(columns(table, changing.fields())?);
    let mut parts = Parts::new(&step.matches, changing.fields(), D::KEYS_PER_STATEMENT);
    let paged = may_be_paged(step, table, &changing, &parts);
    let all: Vec<Vec<FieldMatch>> = parts.matches().map(<[FieldMatch]>::to_vec).collect();
    let page = paged.then_some(limits.rows_at_once);
    let mut plan = Plan::default();
    for (part, matches) in all.iter().enumerate() {
        let mut after = None;
        while let Some(statement) = statement::<D>(table, &read, matches, after.as_ref(), page)? {
            let found = (part, &mut parts, &read[..], &mut changing);
            find::<D>(transaction, limits, statement, &mut plan, found).await?;
            let is_full = page.is_some_and(|page| plan.found >= u64::from(page));
            after = plan.last.take().filter(|_| is_full).map(Place);
            if paged {
                carry_out::<D>(transaction, limits, table, &changing, std::mem::take(&mut plan)).await?;
            }
            if after.is_none() {
                break;
            }
        }
    }
    carry_out::<D>(transaction, limits, table, &changing, plan).await?;
    Ok(changing.report())
}

/// What finds and locks the rows of a part: all of them, or the next page. Nothing if none of its keys can find any.
fn statement<D: Dialect>(
    table: &Table<D::Native>,
    read: &[Column<D::Native>],
    matches: &[FieldMatch],
    after: Option<&Place>,
    page: Option<u32>,
) -> Result<Option<Statement>, StoreError> {
    let Some(mut statement) = query::<D>(table, read, matches)? else { return Ok(None) };
    if let Some(after) = after {
        statement.push(" AND (");
        behind::<D>(table, after, &mut statement);
        statement.push(")");
    }
    if let Some(page) = page {
        first::<D>(table, page, &mut statement);
    }
    statement.push(D::LOCK);
    Ok(Some(statement))
}

/// Whether the rows can be changed a page at a time, in the order of what tells them apart: not if the change itself moves rows
/// in that order, or to where another statement of the step would find them again. Then all are found first.
fn may_be_paged<N>(step: &Step, table: &Table<N>, changing: &Changing<'_>, parts: &Parts) -> bool {
    if matches!(step.action, Action::DeleteRows) {
        return table.self_references().next().is_none();
    }
    let stays = |column: &Column<N>| {
        table.schema.identity.contains(&column.field.name)
            && changing.rewritten().all(|field| field.name != column.field.name)
    };
    let is_key = |field: &FieldName| step.matches.iter().any(|one| &one.field == field);
    let keys_stay = || changing.rewritten().all(|field| !is_key(&field.name));
    table.locator.iter().all(stays) && (parts.is_one() || keys_stay())
}

/// Finds and locks rows, and decides what happens to each.
async fn find<D: Dialect>(
    connection: &mut Connection<D>,
    limits: &Limits,
    statement: Statement,
    plan: &mut Plan,
    (part, parts, read, changing): (usize, &mut Parts, &[Column<D::Native>], &mut Changing<'_>),
) -> Result<(), StoreError> {
    let identified = changing.identified();
    let located = read.len() - changing.fields().len();
    let mut rows = D::rows(&mut *connection, statement);
    while let Some(row) = in_time(limits, rows.try_next()).await?.map_err(store_error::<D>)? {
        let mut locator = decode_all::<D>(&row, read)?;
        let values = locator.split_off(located);
        plan.found += 1;
        plan.last = Some(locator.clone());
        if parts.found_before(part, &values) {
            continue;
        }
        let identity = if identified == 0 { &locator } else { &values[..identified] };
        let decision = changing.decide(identity, &values)?;
        plan.add(locator, decision);
    }
    Ok(())
}

/// Does what was found out to do.
async fn carry_out<D: Dialect>(
    connection: &mut Connection<D>,
    limits: &Limits,
    table: &Table<D::Native>,
    changing: &Changing<'_>,
    plan: Plan,
) -> Result<(), StoreError> {
    delete::<D>(connection, limits, table, &plan.deleted).await?;
    let fields: Vec<&FieldName> = changing.rewritten().map(|field| &field.name).collect();
    for (changed, rows) in &plan.rewritten {
        let columns = fields.iter().zip(changed).filter(|(_, changed)| **changed);
        let columns: Vec<_> = columns.map(|(name, _)| table.column(name)).collect::<Result<_, _>>()?;
        rewrite::<D>(connection, limits, table, &columns, rows).await?;
    }
    Ok(())
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
    limits: &Limits,
    table: &Table<D::Native>,
    rows: &[Vec<Value>],
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let locators: Vec<&[Value]> = rows.iter().map(Vec::as_slice).collect();
    let touched = execute::<D>(connection, limits, D::delete(table, &locators)).await?;
    // A row that went with another of its own table is gone, but not counted by every database.
    verify(table, touched, rows.len(), table.takes_its_own())
}

async fn rewrite<D: Dialect>(
    connection: &mut Connection<D>,
    limits: &Limits,
    table: &Table<D::Native>,
    columns: &[&Column<D::Native>],
    rows: &[Rewritten],
) -> Result<(), StoreError> {
    let changes: Vec<Change<'_>> =
        rows.iter().map(|(locator, new)| (locator.as_slice(), new.iter().collect())).collect();
    let touched = execute::<D>(connection, limits, D::update(table, columns, &changes)).await?;
    verify(table, touched, rows.len(), false)
}

async fn execute<D: Dialect>(
    connection: &mut Connection<D>,
    limits: &Limits,
    statements: Vec<Statement>,
) -> Result<u64, StoreError> {
    let mut touched = 0;
    for statement in statements {
        let uncounted = statement.uncounted;
        let rows =
            in_time(limits, D::execute(&mut *connection, statement)).await?.map_err(store_error::<D>)?;
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
