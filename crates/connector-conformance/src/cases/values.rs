//! Values come back as they were stored.

use chrono::NaiveDate;
use habeas_domain::{Value, schema::FieldType};
use serde_json::json;

use super::people::store;
use crate::{
    Factory, Table, Unmet,
    asking::{by_key, same_values, select},
    expectation::equal,
    fixture::{int, text},
};

/// A field of every type.
pub(super) fn everything() -> Table {
    FIELDS.iter().fold(
        Table::new("everything").field("id", FieldType::Int).identity(),
        |table, (name, kind)| match kind {
            FieldType::Text => table.text(name, 200),
            kind => table.field(name, *kind),
        },
    )
}

/// The fields of [`everything`] after its id.
pub(super) const FIELDS: [(&str, FieldType); 12] = [
    ("a_bool", FieldType::Bool),
    ("a_int", FieldType::Int),
    ("a_float", FieldType::Float),
    ("a_decimal", FieldType::Decimal),
    ("a_text", FieldType::Text),
    ("a_bytes", FieldType::Bytes),
    ("a_date", FieldType::Date),
    ("a_time", FieldType::Time),
    ("a_datetime", FieldType::DateTime),
    ("a_timestamp", FieldType::Timestamp),
    ("a_uuid", FieldType::Uuid),
    ("a_json", FieldType::Json),
];

/// A value for each of them.
pub(super) fn of_everything(id: i64) -> Vec<Value> {
    let day = NaiveDate::from_ymd_opt(1985, 7, 23).unwrap_or_default();
    let time = day.and_hms_opt(13, 14, 15).unwrap_or_default();
    vec![
        int(id),
        Value::Bool(true),
        int(-7),
        Value::Float(0.25),
        Value::Decimal("1234567.89".to_owned()),
        text("山田 太郎"),
        Value::Bytes(vec![0, 39, 92, 255]),
        Value::Date(day),
        Value::Time(time.time()),
        Value::DateTime(time),
        Value::Timestamp(time.and_utc()),
        Value::Uuid(uuid::Uuid::from_u128(0x7d44_4840_9dc0_11d1_b245_5ffd_ce74_fad2)),
        Value::Json(json!({"mail": "taro@example.jp", "tags": ["a", null, 1.5]})),
    ]
}

fn names() -> Vec<&'static str> {
    std::iter::once("id").chain(FIELDS.iter().map(|(name, _)| *name)).collect()
}

pub(super) async fn values_of_every_type_come_back(factory: &dyn Factory) -> Result<(), Unmet> {
    let mut nothing = vec![Value::Null; FIELDS.len() + 1];
    nothing[0] = int(2);
    let table = everything().rows([of_everything(1), nothing.clone()]);
    let store = store(factory, [table]).await?;
    for (key, wanted) in [("1", of_everything(1)), ("2", nothing)] {
        let rows = select(&*store, "everything", by_key("id", key), &names()).await?;
        equal(&rows.len(), &1, "one row")?;
        same_values(&rows[0].values, &wanted, "values")?;
    }
    for (field, key) in [
        ("a_uuid", "7d444840-9dc0-11d1-b245-5ffdce74fad2"),
        ("a_bytes", "00275cff"),
        ("a_decimal", "1234567.89"),
        ("a_date", "1985-07-23"),
        ("a_text", "山田 太郎"),
        ("a_int", "-7"),
    ] {
        let rows = select(&*store, "everything", by_key(field, key), &["id"]).await?;
        equal(&rows.len(), &1, format!("found by {field} = {key}"))?;
    }
    Ok(())
}

pub(super) async fn text_of_every_script_comes_back(factory: &dyn Factory) -> Result<(), Unmet> {
    let texts = [
        "髙橋 﨑 ①",
        "ｶﾀｶﾅ",
        "👩‍👩‍👧 𠮷野家",
        "שלום",
        "مرحبا",
        "ไทย",
        "a\tb\nc\rd",
        "",
        "  blanks  ",
        "\u{feff}bom",
        "O'Brien \\ \"x\"",
    ];
    let table = Table::new("words").field("id", FieldType::Int).identity().text("word", 190);
    let rows = texts.iter().zip(1..).map(|(word, id)| vec![int(id), text(*word)]);
    let store = store(factory, [table.rows(rows)]).await?;
    for (word, id) in texts.iter().zip(1..) {
        let rows = select(&*store, "words", by_key("id", &i32::to_string(&id)), &["word"]).await?;
        equal(&rows.len(), &1, "one row")?;
        same_values(&rows[0].values, &[text(*word)], "a text")?;
    }
    Ok(())
}

pub(super) async fn extremes_come_back(factory: &dyn Factory) -> Result<(), Unmet> {
    let day = |y, m, d| Value::Date(NaiveDate::from_ymd_opt(y, m, d).unwrap_or_default());
    let rows = [
        vec![
            int(i64::MAX),
            Value::Float(1e300),
            Value::Decimal("-0.01".to_owned()),
            day(9999, 12, 31),
            Value::Bytes(vec![]),
        ],
        vec![
            int(i64::MIN),
            Value::Float(-0.1),
            Value::Decimal("99999999.99".to_owned()),
            day(1000, 1, 1),
            Value::Bytes(vec![0; 70_000]),
        ],
    ];
    let table = Table::new("extremes")
        .field("id", FieldType::Int)
        .identity()
        .field("f", FieldType::Float)
        .field("d", FieldType::Decimal)
        .field("day", FieldType::Date)
        .field("raw", FieldType::Bytes)
        .rows(rows.clone());
    let store = store(factory, [table]).await?;
    for row in rows {
        let got =
            select(&*store, "extremes", by_key("id", &row[0].to_text()), &["id", "f", "d", "day", "raw"])
                .await?;
        equal(&got.len(), &1, format!("found by {}", row[0].to_text()))?;
        same_values(&got[0].values, &row, "extremes")?;
    }
    Ok(())
}
