//! Retention: some rows of a person stay.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use habeas_connector_api::{Action, Counts, RowCondition, Step};
use habeas_domain::{Value, schema::FieldType};

use super::people::store;
use crate::{
    Factory, Table, Unmet,
    asking::{apply_one, by_key, found, step},
    expectation::equal,
    fixture::{field, int},
};

fn day(year: i32) -> NaiveDate {
    NaiveDate::from_yo_opt(year, 1).unwrap_or_default()
}

fn cutoff() -> DateTime<Utc> {
    day(2020).and_time(NaiveTime::MIN).and_utc()
}

/// Bills dated in three types of field, one before, one at, one after the cutoff, one without a date.
fn bills() -> Table {
    let dated = |id: i64, year: i32| {
        let time = day(year).and_time(NaiveTime::MIN);
        vec![int(id), int(1), Value::Date(day(year)), Value::DateTime(time), Value::Timestamp(time.and_utc())]
    };
    Table::new("bill")
        .field("id", FieldType::Int)
        .identity()
        .field("person", FieldType::Int)
        .field("on_date", FieldType::Date)
        .field("on_datetime", FieldType::DateTime)
        .field("on_timestamp", FieldType::Timestamp)
        .rows([dated(1, 2019), dated(2, 2020), dated(3, 2021)])
        .row([int(4), int(1), Value::Null, Value::Null, Value::Null])
}

const DATES: [&str; 3] = ["on_date", "on_datetime", "on_timestamp"];

fn delete_where(only: RowCondition) -> Step {
    Step { only: Some(only), ..step("bill", by_key("person", "1"), Action::DeleteRows) }
}

pub(super) async fn retention_keeps_what_is_not_before(factory: &dyn Factory) -> Result<(), Unmet> {
    for date in DATES {
        let store = store(factory, [bills()]).await?;
        let before = delete_where(RowCondition::Before { field: field(date), at: cutoff() });
        let report = apply_one(&*store, before.clone()).await?;
        equal(&report.rows, &Counts { matched: 1, changed: 1, kept: 3 }, date)?;
        equal(&report.owners.get(&0).copied(), &Some(report.rows), "the owner's counts")?;
        let left = found(&*store, "bill", by_key("person", "1"), "id").await?.concat();
        equal(&left, &"234".to_owned(), format!("left by {date}"))?;
        let again = apply_one(&*store, before).await?;
        equal(&again.rows, &Counts { matched: 0, changed: 0, kept: 3 }, "again")?;
    }
    Ok(())
}

pub(super) async fn rows_without_a_date_are_kept(factory: &dyn Factory) -> Result<(), Unmet> {
    for date in DATES {
        let store = store(factory, [bills()]).await?;
        let others = delete_where(RowCondition::NotBefore { field: field(date), at: cutoff() });
        equal(&apply_one(&*store, others).await?.rows, &Counts { matched: 3, changed: 3, kept: 1 }, date)?;
        let left = found(&*store, "bill", by_key("person", "1"), "id").await?.concat();
        equal(&left, &"1".to_owned(), format!("left by {date}"))?;
    }
    Ok(())
}
