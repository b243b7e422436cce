//! Reading every row, a page at a time.

use std::collections::{BTreeMap, BTreeSet};

use habeas_connector_api::{Action, DataStore, Place, Scan, ScanPage, code};
use habeas_domain::{Value, schema::FieldType};

use super::people::{person, someone, store};
use crate::{
    Factory, Table, Unmet,
    asking::{apply_one, by_key, step},
    expectation::{equal, expect, refused},
    fixture::{collection, field, int, text},
};

fn scan(of: &str, fields: &[&str], after: Option<Place>, limit: u32) -> Scan {
    Scan { collection: collection(of), fields: fields.iter().map(|name| field(name)).collect(), after, limit }
}

/// How often each first value is on the pages, and how many pages there are.
async fn pages(
    store: &dyn DataStore,
    of: &str,
    fields: &[&str],
    limit: u32,
) -> Result<(BTreeMap<String, usize>, usize), Unmet> {
    let (mut seen, mut count, mut after) = (BTreeMap::new(), 0, None);
    loop {
        let page = store.scan(&scan(of, fields, after, limit)).await?;
        expect(page.rows.len() <= limit as usize, "no page is longer than its limit")?;
        for row in &page.rows {
            equal(&row.len(), &fields.len(), "values of a row")?;
            *seen.entry(row.first().map(Value::to_text).unwrap_or_default()).or_insert(0) += 1;
        }
        count += 1;
        after = page.next;
        if after.is_none() {
            return Ok((seen, count));
        }
    }
}

fn each_once(seen: &BTreeMap<String, usize>, rows: usize) -> Result<(), Unmet> {
    equal(&seen.len(), &rows, "different rows")?;
    expect(seen.values().all(|times| *times == 1), "each row once")
}

pub(super) async fn pages_hold_each_row_once(factory: &dyn Factory) -> Result<(), Unmet> {
    let row = |id: i64| someone(id - 5, &format!("c{id}"), "same@example.jp");
    let store = store(factory, [person().rows((0..25).map(row))]).await?;
    let (seen, count) = pages(&*store, "person", &["code", "email"], 10).await?;
    each_once(&seen, 25)?;
    expect((3..=4).contains(&count), format!("25 rows came on {count} pages of 10"))?;
    let (seen, _) = pages(&*store, "person", &["code"], 25).await?;
    each_once(&seen, 25)
}

pub(super) async fn pages_go_by_an_identity_of_several_fields(factory: &dyn Factory) -> Result<(), Unmet> {
    let words = ["", "A", "b", "z", "あ", "ん", "%", "'", "é", "e\u{301}x"];
    let rows = (0..3).flat_map(|number| words.map(|word| (number, word)));
    let rows = rows.enumerate().map(|(place, (number, word))| {
        vec![int(number), text(format!("{word}{number}")), text(place.to_string())]
    });
    let table = Table::new("visit")
        .field("number", FieldType::Int)
        .identity()
        .text("word", 60)
        .identity()
        .text("place", 60)
        .rows(rows);
    let store = store(factory, [table]).await?;
    for limit in [1, 4, 100] {
        each_once(&pages(&*store, "visit", &["place"], limit).await?.0, 30)?;
    }
    Ok(())
}

pub(super) async fn an_empty_collection_is_one_empty_page(factory: &dyn Factory) -> Result<(), Unmet> {
    let store = store(factory, [person()]).await?;
    equal(&pages(&*store, "person", &["id"], 10).await?, &(BTreeMap::new(), 1), "pages")?;
    refused(store.scan(&scan("nobody", &["id"], None, 10)).await, code::UNKNOWN_COLLECTION)?;
    refused(store.scan(&scan("person", &["nothing"], None, 10)).await, code::UNKNOWN_FIELD)?;
    Ok(())
}

fn is_even(id: &str) -> bool {
    id.ends_with(['0', '2', '4', '6', '8'])
}

pub(super) async fn rows_that_go_meanwhile_hide_no_other(factory: &dyn Factory) -> Result<(), Unmet> {
    let row = |id: i64| someone(id, &format!("c{}", id % 2), "same@example.jp");
    let store = store(factory, [person().rows((0..20).map(row))]).await?;
    let first = store.scan(&scan("person", &["id"], None, 10)).await?;
    let first_ids: Vec<String> = first.rows.iter().flatten().map(Value::to_text).collect();
    apply_one(&*store, step("person", by_key("code", "c1"), Action::DeleteRows)).await?;
    let second = store.scan(&scan("person", &["id"], first.next, 10)).await?;
    let ids = |page: &ScanPage| page.rows.iter().flatten().map(Value::to_text).collect::<BTreeSet<_>>();
    let first_ids: BTreeSet<String> = first_ids.into_iter().filter(|id| is_even(id)).collect();
    expect(ids(&second).is_disjoint(&first_ids), "no row is given twice")?;
    let all: BTreeSet<String> = first_ids.union(&ids(&second)).cloned().collect();
    let stayed: BTreeSet<String> = (0..20).step_by(2).map(|id: i64| id.to_string()).collect();
    equal(&all, &stayed, "the rows that stayed")
}
