//! Rows go, the right ones and once.

use habeas_connector_api::{Action, Compare, Step, code};
use habeas_domain::{Value, schema::FieldType};

use super::people::{person, someone, store, three};
use crate::{
    Factory, Table, Unmet,
    asking::{apply, apply_one, by, by_key, found, step},
    expectation::{equal, refused},
    fixture::{int, text},
};

fn orders() -> Table {
    Table::new("orders")
        .field("id", FieldType::Int)
        .identity()
        .field("person", FieldType::Int)
        .required()
        .indexed()
        .refers("person", "id", false)
        .text("item", 60)
}

fn order(id: i64, person: i64) -> Vec<Value> {
    vec![int(id), int(person), text("a book")]
}

pub(super) async fn rows_of_the_owners_are_deleted_and_no_others(factory: &dyn Factory) -> Result<(), Unmet> {
    let rows = [order(1, 42), order(2, 42), order(3, 421), order(4, 4)];
    let store = store(factory, [three(), orders().rows(rows)]).await?;
    let matches = vec![by("person", Compare::Exact, [("42", 5), ("4", 6), ("2", 7), ("' OR 1=1", 8)])];
    let report = apply_one(&*store, step("orders", matches.clone(), Action::DeleteRows)).await?;
    equal(&(report.rows.matched, report.rows.changed), &(3, 3), "counted rows")?;
    let counted: Vec<_> = report.owners.iter().map(|(owner, counts)| (*owner, counts.changed)).collect();
    equal(&counted, &vec![(5, 2), (6, 1)], "counted for each owner")?;
    equal(&found(&*store, "orders", matches, "id").await?, &vec![], "theirs are gone")?;
    equal(
        &found(&*store, "orders", by_key("person", "421"), "id").await?.concat(),
        &"3".to_owned(),
        "the other's is there",
    )
}

pub(super) async fn rows_that_are_left_to_others_stay(factory: &dyn Factory) -> Result<(), Unmet> {
    let rows = [someone(1, "a", "own@example.com"), someone(2, "a", "other@example.com")];
    let store = store(factory, [person().rows(rows)]).await?;
    let except = vec![by("email", Compare::Exact, [("other@example.com", 0)])];
    let gone = Step { except, ..step("person", by_key("code", "a"), Action::DeleteRows) };
    equal(&apply_one(&*store, gone.clone()).await?.rows.changed, &1, "deleted")?;
    equal(&found(&*store, "person", by_key("code", "a"), "id").await?.concat(), &"2".to_owned(), "left")?;
    equal(&apply_one(&*store, gone).await?.rows, &habeas_connector_api::Counts::default(), "again")
}

pub(super) async fn deleting_twice_is_deleting_once(factory: &dyn Factory) -> Result<(), Unmet> {
    let store = store(factory, [three()]).await?;
    let gone = || step("person", by_key("id", "42"), Action::DeleteRows);
    equal(&apply_one(&*store, gone()).await?.rows.changed, &1, "first")?;
    equal(&apply_one(&*store, gone()).await?.rows, &habeas_connector_api::Counts::default(), "second")?;
    let nobody = step("person", vec![], Action::DeleteRows);
    equal(&apply_one(&*store, nobody).await?.rows.changed, &0, "no matches delete nothing")
}

pub(super) async fn thousands_of_rows_go_in_one_step(factory: &dyn Factory) -> Result<(), Unmet> {
    let rows = (0..5_000).map(|id| order(id, if id % 10 == 0 { 4 } else { 42 }));
    let store = store(factory, [three(), orders().rows(rows)]).await?;
    let report = apply_one(&*store, step("orders", by_key("person", "42"), Action::DeleteRows)).await?;
    equal(&report.rows.changed, &4_500, "deleted")?;
    equal(&found(&*store, "orders", by_key("person", "4"), "id").await?.len(), &500, "left")
}

pub(super) async fn rows_that_refer_to_each_other_go_together(factory: &dyn Factory) -> Result<(), Unmet> {
    let member = |id: i64, friend: Value| vec![int(id), text("club"), friend];
    let members = Table::new("member")
        .field("id", FieldType::Int)
        .identity()
        .text("club", 60)
        .field("friend", FieldType::Int)
        .refers("member", "id", false)
        .rows([member(1, Value::Null), member(2, int(1)), member(3, int(2)), member(4, int(4))]);
    let store = store(factory, [members]).await?;
    let report = apply_one(&*store, step("member", by_key("club", "club"), Action::DeleteRows)).await?;
    equal(&report.rows.changed, &4, "all go")
}

pub(super) async fn a_composite_identity_tells_rows_apart(factory: &dyn Factory) -> Result<(), Unmet> {
    let seats = Table::new("seat")
        .text("line", 20)
        .identity()
        .field("number", FieldType::Int)
        .identity()
        .text("code", 60)
        .rows(
            [("a", 1, "x"), ("a", 2, "y"), ("b", 1, "y"), ("b", 2, "x")]
                .map(|(line, number, code)| vec![text(line), int(number), text(code)]),
        );
    let store = store(factory, [seats]).await?;
    let report = apply_one(&*store, step("seat", by_key("code", "x"), Action::DeleteRows)).await?;
    equal(&report.rows.changed, &2, "deleted")?;
    equal(
        &found(&*store, "seat", by_key("code", "y"), "line").await?,
        &vec!["a".to_owned(), "b".to_owned()],
        "left",
    )
}

pub(super) async fn rows_without_identity_are_deleted_or_refused(factory: &dyn Factory) -> Result<(), Unmet> {
    let log = Table::new("log")
        .field("person", FieldType::Int)
        .text("line", 60)
        .rows([(42, "in"), (42, "in"), (4, "in")].map(|(person, line)| vec![int(person), text(line)]));
    let store = store(factory, [log]).await?;
    let left = match apply_one(&*store, step("log", by_key("person", "42"), Action::DeleteRows)).await {
        Ok(report) => equal(&report.rows.changed, &2, "deleted").map(|()| 0)?,
        Err(why) if why.to_string().contains(code::UNSUPPORTED) => 2,
        Err(why) => return Err(why),
    };
    equal(&found(&*store, "log", by_key("person", "42"), "line").await?.len(), &left, "left of the person")?;
    equal(&found(&*store, "log", by_key("person", "4"), "line").await?.len(), &1, "left of the other")
}

pub(super) async fn children_go_before_parents_or_not_at_all(factory: &dyn Factory) -> Result<(), Unmet> {
    let store = store(factory, [person().rows([someone(1, "a", "")]), orders().rows([order(1, 1)])]).await?;
    let parent = || step("person", by_key("id", "1"), Action::DeleteRows);
    let child = || step("orders", by_key("person", "1"), Action::DeleteRows);
    refused(apply(&*store, vec![parent()]).await, code::CONSTRAINT)?;
    equal(&found(&*store, "person", by_key("id", "1"), "id").await?.len(), &1, "still there")?;
    let report = apply(&*store, vec![child(), parent()]).await?;
    equal(&report.changed(), &2, "both gone")
}
