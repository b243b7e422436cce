//! What people and attackers put into values and names.

use habeas_connector_api::{Action, Compare};
use habeas_domain::{Effect, KeyValue, Value, schema::FieldType};

use super::people::{person, someone, store};
use crate::{
    Factory, Table, Unmet,
    asking::{apply_one, by, by_key, effect, found, select, step},
    expectation::{equal, expect},
    fixture::{int, text},
};

/// Values that mean something to some interpreter.
pub(super) const HOSTILE: [&str; 24] = [
    "42",
    "421",
    "' OR '1'='1",
    "'; DROP TABLE person; --",
    "\"; DELETE FROM person; --",
    "\\' OR 1=1 -- ",
    "\\",
    "`",
    "$1",
    "?",
    ":id",
    "@id",
    "{\"$ne\":null}",
    "[1,2]",
    "../person",
    "..\\person",
    "*",
    "person*",
    "a\r\nDEL b",
    "<script>alert(1)</script>",
    "=1+1",
    "{}",
    "NULL",
    "\u{202e}moc.elpmaxe",
];

pub(super) async fn hostile_keys_are_only_values(factory: &dyn Factory) -> Result<(), Unmet> {
    let rows = HOSTILE.iter().zip(1..).map(|(key, id)| someone(id, key, key));
    let store = store(factory, [person().rows(rows)]).await?;
    for (key, id) in HOSTILE.iter().zip(1..) {
        for (field, compare) in [("code", Compare::Exact), ("email", Compare::Caseless)] {
            let got = found(&*store, "person", vec![by(field, compare, [(*key, 0)])], "id").await?;
            equal(&got, &vec![i32::to_string(&id)], format!("{field} = {key:?}"))?;
        }
        equal(&found(&*store, "person", by_key("id", key), "id").await?, &vec![], format!("id = {key:?}"))?;
    }
    let all = vec![by("code", Compare::Exact, HOSTILE.iter().map(|key| (*key, 0)))];
    equal(&found(&*store, "person", all, "id").await?.len(), &HOSTILE.len(), "all at once")
}

pub(super) async fn wildcards_are_only_characters(factory: &dyn Factory) -> Result<(), Unmet> {
    let rows = ["100%", "100_", "1000", "%", "_", "t_ro", "taro"].iter().zip(1..);
    let store = store(factory, [person().rows(rows.map(|(code, id)| someone(id, code, code)))]).await?;
    for (key, wanted) in
        [("100%", "1"), ("100_", "2"), ("%", "4"), ("_", "5"), ("t_ro", "6"), ("t%", ""), ("__", "")]
    {
        for (field, compare) in [("code", Compare::Exact), ("email", Compare::Caseless)] {
            let got = found(&*store, "person", vec![by(field, compare, [(key, 0)])], "id").await?;
            equal(&got.concat(), &wanted.to_owned(), format!("{field} = {key}"))?;
        }
    }
    Ok(())
}

pub(super) async fn names_with_quotes_are_only_names(factory: &dyn Factory) -> Result<(), Unmet> {
    let (name, key, value) = ("od\"d`ta'ble;--", "se\"lect`'", "日本語 列;\"");
    let table = Table::new(name)
        .field(key, FieldType::Int)
        .identity()
        .text(value, 60)
        .row([int(1), text("one")])
        .row([int(2), text("two")]);
    let store = store(factory, [table]).await?;
    let rows = select(&*store, name, by_key(value, "two"), &[key, value]).await?;
    equal(&rows.len(), &1, "found by an odd name")?;
    equal(&rows[0].values, &vec![int(2), text("two")], "read by odd names")?;
    let capabilities = store.capabilities();
    if capabilities.rewrite {
        let report =
            apply_one(&*store, step(name, by_key(key, "1"), effect(value, Effect::MaskText))).await?;
        equal(&report.rows.changed, &1, "rewritten by odd names")?;
    }
    if capabilities.delete {
        let report = apply_one(&*store, step(name, by_key(key, "1"), Action::DeleteRows)).await?;
        equal(&report.rows.changed, &1, "deleted by odd names")?;
        equal(&found(&*store, name, by_key(key, "1"), key).await?, &vec![], "gone")?;
    }
    Ok(())
}

pub(super) async fn long_values_come_back_whole(factory: &dyn Factory) -> Result<(), Unmet> {
    let long = "名".repeat(349_526);
    let key = "k".repeat(KeyValue::MAX_BYTES);
    let table = Table::new("letter")
        .field("id", FieldType::Int)
        .identity()
        .field("code", FieldType::Text)
        .field("body", FieldType::Text)
        .row([int(1), text(key.clone()), text(long.clone())])
        .row([int(2), text("\u{1}\u{7f}"), Value::Null]);
    let store = store(factory, [table]).await?;
    let rows = select(&*store, "letter", by_key("code", &key), &["id", "body"]).await?;
    equal(&rows.len(), &1, "found by the longest key")?;
    expect(rows[0].values[1] == text(long), "a text of 1 MiB comes back whole")?;
    expect(
        KeyValue::new("a\0b").is_none() && KeyValue::new(&format!("{key}k")).is_none(),
        "what can be no key",
    )?;
    equal(
        &found(&*store, "letter", by_key("code", "\u{1}\u{7f}"), "id").await?.concat(),
        &"2".to_owned(),
        "controls",
    )
}
