//! Rows that are about two people, both of whom may be in one group.

use habeas_connector_api::{Attribution, Compare, FieldMatch, Owner};
use habeas_domain::{Effect, Value, schema::FieldType};

use super::people::store;
use crate::{
    Factory, Table, Unmet,
    asking::{apply, by, effect, same_values, select, step},
    expectation::equal,
    fixture::{int, text},
};

/// Anna called Ben, Ben called Carl, and Ben called himself.
fn calls() -> Table {
    let row = |id: i64, from: &str, to: &str| {
        vec![int(id), text(from), text(format!("name of {from}")), text(to), text(format!("name of {to}"))]
    };
    Table::new("call")
        .field("id", FieldType::Int)
        .identity()
        .text("caller", 60)
        .indexed()
        .text("caller_name", 60)
        .text("callee", 60)
        .indexed()
        .text("callee_name", 60)
        .rows([row(1, "anna", "ben"), row(2, "ben", "carl"), row(3, "ben", "ben")])
}

const ANNA: Owner = 4;
const BEN: Owner = 7;

/// What finds the rows on one side.
fn on(side: &str) -> FieldMatch {
    by(side, Compare::Exact, [("anna", ANNA), ("ben", BEN)])
}

/// A row that two people find is given once, to both, with the values that tell on which side each of them stands.
pub(super) async fn a_row_of_two_people_tells_whose_each_side_is(factory: &dyn Factory) -> Result<(), Unmet> {
    let store = store(factory, [calls()]).await?;
    let rows = select(&*store, "call", vec![on("caller"), on("callee")], &["id", "caller", "callee"]).await?;
    let (from, to) = ([on("caller")], [on("callee")]);
    let (mut from, mut to) = (Attribution::new(&from), Attribution::new(&to));
    let mut told = Vec::new();
    for row in rows {
        let [_, who, whom] = &row.values[..] else {
            return Err(Unmet::new("three values were asked for"));
        };
        told.push((row.owners, from.look_up([who]), to.look_up([whom])));
    }
    let all = vec![
        (vec![ANNA, BEN], vec![ANNA], vec![BEN]),
        (vec![BEN], vec![BEN], vec![]),
        (vec![BEN], vec![BEN], vec![BEN]),
    ];
    equal(&told, &all, "owners, callers and callees")
}

/// Each side is changed by a step of its own, for both people at once, and the counts say whose it was.
pub(super) async fn a_side_is_changed_and_the_other_stays(factory: &dyn Factory) -> Result<(), Unmet> {
    let store = store(factory, [calls()]).await?;
    let sides = || {
        [("caller", "caller_name"), ("callee", "callee_name")]
            .map(|(side, name)| step("call", vec![on(side)], effect(name, Effect::Null)))
            .to_vec()
    };
    let report = apply(&*store, sides()).await?;
    let counted: Vec<Vec<(Owner, u64, u64)>> = report
        .steps
        .iter()
        .map(|step| step.owners.iter().map(|(owner, rows)| (*owner, rows.matched, rows.changed)).collect())
        .collect();
    equal(&counted, &vec![vec![(ANNA, 1, 1), (BEN, 2, 2)], vec![(BEN, 2, 2)]], "counted on each side")?;
    equal(&apply(&*store, sides()).await?.changed(), &0, "changed again")?;
    let all = by("id", Compare::Exact, [("1", 0), ("2", 0), ("3", 0)]);
    let fields = ["caller", "caller_name", "callee", "callee_name"];
    let rows = select(&*store, "call", vec![all], &[&["id"][..], &fields].concat()).await?;
    let left: Vec<Value> = rows.into_iter().flat_map(|row| row.values).collect();
    let row =
        |id: i64, from: &str, to: &str, name: Value| vec![int(id), text(from), Value::Null, text(to), name];
    let wanted = [
        row(1, "anna", "ben", Value::Null),
        row(2, "ben", "carl", text("name of carl")),
        row(3, "ben", "ben", Value::Null),
    ];
    same_values(&left, &wanted.concat(), "what is left of the calls")
}
