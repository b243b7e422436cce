//! Tables for people.

use chrono::{DateTime, SecondsFormat, Utc};
use comfy_table::{Attribute, Cell, ContentArrangement, Table, presets};
use habeas_ledger::Cursor;

use crate::context::Context;

/// A table with a header.
pub(crate) fn table<const N: usize>(context: &Context, header: [&str; N], rows: Vec<[String; N]>) -> String {
    if rows.is_empty() {
        return String::from("nothing\n");
    }
    let mut table = plain(context);
    let bold = |text: &str| {
        let cell = Cell::new(text);
        if context.color { cell.add_attribute(Attribute::Bold) } else { cell }
    };
    table.set_header(header.map(bold));
    table.add_rows(rows);
    flush_left(&table)
}

/// The same of a list that goes on where there is a `next`.
pub(crate) fn table_page<const N: usize>(
    context: &Context,
    header: [&str; N],
    rows: Vec<[String; N]>,
    next: Option<Cursor>,
) -> String {
    let more = next.map(|next| format!("more: --cursor {next}\n"));
    table(context, header, rows) + &more.unwrap_or_default()
}

/// Names and values, one pair a line.
pub(crate) fn details(context: &Context, pairs: &[(&str, String)]) -> String {
    let mut table = plain(context);
    table.add_rows(pairs.iter().map(|(name, value)| [(*name).to_owned(), value.clone()]));
    flush_left(&table)
}

/// Without the blank that pads the first column.
fn flush_left(table: &Table) -> String {
    let text = table.trim_fmt();
    text.lines().flat_map(|line| [line.strip_prefix(' ').unwrap_or(line), "\n"]).collect()
}

fn plain(context: &Context) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    if context.color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table
}

/// A moment to the second.
pub(crate) fn moment(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}
