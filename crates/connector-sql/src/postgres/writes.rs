//! Deleting and updating by arrays of row locators.

use habeas_domain::Value;

use super::{Native, quote, values};
use crate::{
    dialect::Change,
    statement::{Arg, Statement},
    table::{Column, Table},
};

/// One statement for any number of rows.
pub(super) fn delete(table: &Table<Native>, rows: &[&[Value]]) -> Vec<Statement> {
    let mut statement = Statement::new(format!("DELETE FROM {} AS t USING unnest(", table.path));
    let locators = table.locator.iter().enumerate();
    arrays(
        &mut statement,
        locators.map(|(at, column)| (column, column_of(rows.iter().map(|row| row.get(at))))),
    );
    statement.push(&format!(") AS v({}) WHERE {}", names("l", table.locator.len()), located(table)));
    vec![statement]
}

/// One statement for any number of rows.
pub(super) fn update(
    table: &Table<Native>,
    columns: &[&Column<Native>],
    rows: &[Change<'_>],
) -> Vec<Statement> {
    let news: Vec<Vec<Option<String>>> =
        (0..columns.len()).map(|at| column_of(rows.iter().map(|row| row.1.get(at).copied()))).collect();
    // An array of a type that is itself an array cannot be cast from text, but such columns only ever become NULL.
    let valued: Vec<bool> = news.iter().map(|new| new.iter().any(Option::is_some)).collect();
    let set = |(at, column): (usize, &&Column<Native>)| {
        let name = quote(column.field.name.as_str());
        if valued[at] { format!("{name} = v.n{at}") } else { format!("{name} = NULL") }
    };
    let sets: Vec<String> = columns.iter().enumerate().map(set).collect();
    let mut statement =
        Statement::new(format!("UPDATE {} AS t SET {} FROM unnest(", table.path, sets.join(", ")));
    let locators = table.locator.iter().enumerate();
    let located_by = locators.map(|(at, column)| (column, column_of(rows.iter().map(|row| row.0.get(at)))));
    let given = columns.iter().copied().zip(news).zip(&valued).filter(|(_, valued)| **valued);
    arrays(&mut statement, located_by.chain(given.map(|(given, _)| given)));
    let mut names: Vec<String> = (0..table.locator.len()).map(|at| format!("l{at}")).collect();
    names.extend((0..columns.len()).filter(|at| valued[*at]).map(|at| format!("n{at}")));
    statement.push(&format!(") AS v({}) WHERE {}", names.join(", "), located(table)));
    vec![statement]
}

fn column_of<'v>(values: impl Iterator<Item = Option<&'v Value>>) -> Vec<Option<String>> {
    values.map(|value| value.and_then(values::text)).collect()
}

/// `$1::text[]::int8[], ...`. The casts carry no length, so that a text that is too long is refused, not cut.
fn arrays<'c>(
    statement: &mut Statement,
    columns: impl Iterator<Item = (&'c Column<Native>, Vec<Option<String>>)>,
) {
    for (number, (column, texts)) in columns.enumerate() {
        statement.push(if number > 0 { ", " } else { "" });
        statement.bind_numbered(Arg::Texts(texts)).push("::text[]::").push(&column.native.cast).push("[]");
    }
}

fn names(prefix: &str, count: usize) -> String {
    (0..count).map(|at| format!("{prefix}{at}")).collect::<Vec<_>>().join(", ")
}

fn located(table: &Table<Native>) -> String {
    let same =
        |(at, column): (usize, &Column<Native>)| format!("t.{} = v.l{at}", quote(column.field.name.as_str()));
    table.locator.iter().enumerate().map(same).collect::<Vec<_>>().join(" AND ")
}
