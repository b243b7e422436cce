//! Deleting and updating by lists of row locators, for databases that cannot take an array.

use habeas_domain::Value;

use crate::{
    dialect::Change,
    statement::{Arg, Statement},
    table::{Column, Table},
};

/// How many rows go into one statement, when each is found by one value.
const ROWS: usize = 1024;
/// The same where each row adds a branch to an expression.
const BRANCHES: usize = 64;

/// How a database quotes a name.
pub(crate) type Quote = fn(&str) -> String;

/// `DELETE FROM t WHERE id IN (...)`.
pub(crate) fn delete<N>(table: &Table<N>, rows: &[&[Value]], quote: Quote) -> Vec<Statement> {
    let statement = |rows: &[&[Value]]| {
        let mut statement = Statement::new(format!("DELETE FROM {} WHERE ", table.path));
        at(table, rows, quote, &mut statement);
        statement
    };
    rows.chunks(per_statement(table)).map(statement).collect()
}

/// `UPDATE t SET a = ?, b = CASE id WHEN ? THEN ? ... END WHERE id IN (...)`.
pub(crate) fn update<N>(
    table: &Table<N>,
    columns: &[&Column<N>],
    rows: &[Change<'_>],
    quote: Quote,
) -> Vec<Statement> {
    let constant: Vec<bool> = (0..columns.len()).map(|at| is_constant(rows, at)).collect();
    let most = if constant.iter().all(|constant| *constant) { per_statement(table) } else { BRANCHES };
    // MySQL assigns from left to right and reads what it has just assigned, so what finds the row comes last.
    let locates = |at: &usize| table.locator.iter().any(|one| one.field.name == columns[*at].field.name);
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(locates);
    let statement = |rows: &[Change<'_>]| {
        let mut statement = Statement::new(format!("UPDATE {} SET ", table.path));
        for (written, number) in order.iter().enumerate() {
            statement.push(if written > 0 { ", " } else { "" });
            statement.push(&quote(columns[*number].field.name.as_str())).push(" = ");
            set(table, rows, *number, constant[*number], quote, &mut statement);
        }
        statement.push(" WHERE ");
        let locators: Vec<&[Value]> = rows.iter().map(|(locator, _)| *locator).collect();
        at(table, &locators, quote, &mut statement);
        statement
    };
    rows.chunks(most).map(statement).collect()
}

fn is_constant(rows: &[Change<'_>], at: usize) -> bool {
    rows.windows(2).all(|pair| pair[0].1.get(at) == pair[1].1.get(at))
}

fn set<N>(
    table: &Table<N>,
    rows: &[Change<'_>],
    number: usize,
    constant: bool,
    quote: Quote,
    statement: &mut Statement,
) {
    let new = |row: &Change<'_>| row.1.get(number).map_or(Arg::Null, |value| Arg::of(value));
    match rows.first() {
        Some(row) if constant => {
            statement.bind(new(row));
        }
        _ => {
            statement.push("CASE");
            for row in rows {
                statement.push(" WHEN ");
                one(table, row.0, quote, statement);
                statement.push(" THEN ").bind(new(row));
            }
            statement.push(" END");
        }
    }
}

/// The condition that a row is one of these.
fn at<N>(table: &Table<N>, rows: &[&[Value]], quote: Quote, statement: &mut Statement) {
    if let [column] = table.locator.as_slice() {
        let values = rows.iter().filter_map(|row| row.first()).map(Arg::of).collect();
        statement.push(&quote(column.field.name.as_str())).push(" IN (");
        statement.bind_list(values, |to, arg| {
            to.bind(arg);
        });
        statement.push(")");
        return;
    }
    for (number, row) in rows.iter().enumerate() {
        statement.push(if number > 0 { " OR " } else { "" });
        one(table, row, quote, statement);
    }
}

fn one<N>(table: &Table<N>, row: &[Value], quote: Quote, statement: &mut Statement) {
    statement.push("(");
    for (number, (column, value)) in table.locator.iter().zip(row).enumerate() {
        statement.push(if number > 0 { " AND " } else { "" });
        statement.push(&quote(column.field.name.as_str())).push(" = ").bind(Arg::of(value));
    }
    statement.push(")");
}

const fn per_statement<N>(table: &Table<N>) -> usize {
    if table.locator.len() == 1 { ROWS } else { BRANCHES }
}
