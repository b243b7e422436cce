//! A key finds the rows that hold it, and no others.

use habeas_connector_api::Compare;
use habeas_domain::{Value, schema::FieldType};

use super::people::{person, someone, store, three};
use crate::{
    Factory, Table, Unmet,
    asking::{by, by_key, found, select},
    expectation::equal,
    fixture::{int, text},
};

pub(super) async fn a_key_finds_its_rows_alone(factory: &dyn Factory) -> Result<(), Unmet> {
    let store = store(factory, [three()]).await?;
    for (field, key, wanted) in [
        ("id", "42", vec!["42"]),
        ("id", "421", vec!["421"]),
        ("id", "2", vec![]),
        ("code", "42", vec!["42"]),
        ("code", "042", vec!["4"]),
        ("email", "taro@example.jp", vec!["42"]),
        ("email", "taro", vec![]),
        ("name", "山田 太郎", vec!["42"]),
        ("name", "山田", vec![]),
    ] {
        let got = found(&*store, "person", by_key(field, key), "id").await?;
        equal(&got, &wanted.into_iter().map(str::to_owned).collect(), format!("{field} = {key}"))?;
    }
    Ok(())
}

pub(super) async fn a_key_of_another_type_finds_nothing(factory: &dyn Factory) -> Result<(), Unmet> {
    let keyed = Table::new("keyed")
        .field("id", FieldType::Int)
        .identity()
        .field("number", FieldType::Int)
        .field("amount", FieldType::Decimal)
        .field("ref", FieldType::Uuid)
        .field("day", FieldType::Date)
        .field("raw", FieldType::Bytes)
        .field("ratio", FieldType::Float);
    let row = [
        int(1),
        int(0),
        Value::Decimal("0.5".to_owned()),
        Value::Uuid(uuid::Uuid::nil()),
        Value::Date(chrono::NaiveDate::default()),
        Value::Bytes(vec![1]),
        Value::Float(0.0),
    ];
    let store = store(factory, [keyed.row(row)]).await?;
    let strange =
        ["abc", "0 OR 1=1", "99999999999999999999999", "00", "-0", "1e1", "2000-13-45", "'", "\u{202e}0"];
    for field in ["id", "number", "amount", "ref", "day", "raw", "ratio"] {
        for key in strange {
            let got = found(&*store, "keyed", by_key(field, key), "id").await?;
            equal(&got, &vec![], format!("{field} = {key}"))?;
        }
    }
    Ok(())
}

pub(super) async fn nothing_is_found_by_nothing(factory: &dyn Factory) -> Result<(), Unmet> {
    let store = store(factory, [three()]).await?;
    equal(&found(&*store, "person", vec![], "id").await?, &vec![], "no matches")?;
    let empty = vec![by("id", Compare::Exact, []), by("email", Compare::Exact, [])];
    equal(&found(&*store, "person", empty, "id").await?, &vec![], "no values")
}

pub(super) async fn null_is_found_by_nobody(factory: &dyn Factory) -> Result<(), Unmet> {
    let nobody = vec![int(1), Value::Null, Value::Null, Value::Null, Value::Null];
    let store = store(factory, [person().rows([nobody, someone(2, "", "")])]).await?;
    for key in ["NULL", "null", "", "0", " "] {
        for field in ["code", "email", "name"] {
            let got = found(&*store, "person", by_key(field, key), "id").await?;
            equal(&got, &vec![], format!("{field} = {key:?}"))?;
        }
    }
    Ok(())
}

pub(super) async fn a_looser_equality_gives_nobody_anything(factory: &dyn Factory) -> Result<(), Unmet> {
    let near = ["José", "jose", "JOSE", "jose ", " jose", "jose\u{200b}", "ｊｏｓｅ", "jo se", "Ｊose"];
    let rows = near.iter().zip(1..).map(|(code, id)| someone(id, code, ""));
    let store = store(factory, [person().rows(rows)]).await?;
    for (code, id) in near.iter().zip(1..) {
        let got = found(&*store, "person", by_key("code", code), "id").await?;
        equal(&got, &vec![i32::to_string(&id)], format!("code = {code:?}"))?;
    }
    Ok(())
}

pub(super) async fn both_normal_forms_are_found(factory: &dyn Factory) -> Result<(), Unmet> {
    let rows = [someone(1, "がきデータ", ""), someone(2, "か\u{3099}きテ\u{3099}ータ", "")];
    let store = store(factory, [person().rows(rows)]).await?;
    for key in ["がきデータ", "か\u{3099}きテ\u{3099}ータ"] {
        let got = found(&*store, "person", by_key("code", key), "id").await?;
        equal(&got, &vec!["1".to_owned(), "2".to_owned()], format!("code = {key}"))?;
    }
    Ok(())
}

pub(super) async fn case_matters_only_where_asked(factory: &dyn Factory) -> Result<(), Unmet> {
    let rows = [
        someone(1, "A", "Taro@Example.JP"),
        someone(2, "a", "taro@example.jp"),
        someone(3, "b", "ÉLAN@example.jp"),
        someone(4, "c", "taro@example.jpn"),
    ];
    let store = store(factory, [person().rows(rows)]).await?;
    let ask = async |field: &str, compare, key: &str| {
        found(&*store, "person", vec![by(field, compare, [(key, 0)])], "id").await
    };
    for (key, compare, wanted) in [
        ("TARO@example.jp", Compare::Caseless, vec!["1", "2"]),
        ("TARO@example.jp", Compare::Exact, vec![]),
        ("taro@example.jp", Compare::Exact, vec!["2"]),
        ("ÉLAN@EXAMPLE.JP", Compare::Caseless, vec!["3"]),
        ("elan@example.jp", Compare::Caseless, vec![]),
    ] {
        let wanted = wanted.into_iter().map(str::to_owned).collect();
        equal(&ask("email", compare, key).await?, &wanted, format!("{compare:?} {key}"))?;
    }
    equal(&ask("id", Compare::Caseless, "1").await?, &vec!["1".to_owned()], "a number has no case")
}

pub(super) async fn any_match_is_enough_and_gives_a_row_once(factory: &dyn Factory) -> Result<(), Unmet> {
    let store = store(factory, [three()]).await?;
    let matches = vec![
        by("id", Compare::Exact, [("42", 0), ("4", 1)]),
        by("email", Compare::Exact, [("taro@example.jp", 2), ("taro@example.jp.test", 0)]),
        by("name", Compare::Exact, [("nobody", 3)]),
    ];
    let rows = select(&*store, "person", matches, &["id", "email", "id"]).await?;
    let got: Vec<_> = rows.iter().map(|row| (row.values[0].to_text(), row.owners.clone())).collect();
    let wanted = [("4", vec![1]), ("42", vec![0, 2]), ("421", vec![0])];
    equal(&got, &wanted.map(|(id, owners)| (id.to_owned(), owners)).to_vec(), "rows and owners")?;
    let first = rows.first().map(|row| row.values.clone()).unwrap_or_default();
    equal(&first, &vec![int(4), text("hanako@example.jp"), int(4)], "the fields asked for, in their order")
}
