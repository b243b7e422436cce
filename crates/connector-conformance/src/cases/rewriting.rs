//! Corrections, and what may not be written.

use habeas_connector_api::{Action, Compare, Counts, code};
use habeas_domain::{Effect, Rewrite, Value, schema::FieldType};

use super::{
    hostile::HOSTILE,
    people::{person, someone, store, three},
    values::{FIELDS, everything, of_everything},
};
use crate::{
    Factory, Table, Unmet,
    asking::{apply, apply_one, by, by_key, effect, found, replace, same_values, select, step},
    expectation::{equal, expect, refused},
    fixture::{field, int, text},
};

pub(super) async fn a_correction_changes_only_what_was_shown(factory: &dyn Factory) -> Result<(), Unmet> {
    let store = store(factory, [three()]).await?;
    let correct =
        |from: &str, to: &str| step("person", by_key("id", "42"), replace("name", text(from), text(to)));
    equal(
        &apply_one(&*store, correct("somebody else", "x")).await?.rows.changed,
        &0,
        "another value was shown",
    )?;
    equal(&apply_one(&*store, correct("山田 太郎", "山田 次郎")).await?.rows.changed, &1, "corrected")?;
    let again = apply_one(&*store, correct("山田 太郎", "山田 次郎")).await?;
    equal(&again.rows, &Counts { matched: 1, changed: 0, kept: 0 }, "again")?;
    let names = found(&*store, "person", by_key("id", "42"), "name").await?;
    equal(&names, &vec!["山田 次郎".to_owned()], "the name")
}

pub(super) async fn a_correction_reaches_every_type(factory: &dyn Factory) -> Result<(), Unmet> {
    let store = store(factory, [everything().row(of_everything(1))]).await?;
    let new = [
        "false",
        "8",
        "1.5",
        "7.25",
        "佐藤",
        "ff00",
        "1990-01-02",
        "01:02:03",
        "1990-01-02T03:04:05",
        "1990-01-02T03:04:05Z",
        "00000000-0000-4000-8000-000000000001",
        "{\"a\":[1]}",
    ];
    let shown = select(&*store, "everything", by_key("id", "1"), &FIELDS.map(|(name, _)| name)).await?;
    let shown = &shown[0].values;
    let changes =
        FIELDS.iter().zip(shown).zip(new).map(|(((name, _), from), to)| {
            (field(name), Rewrite::Replace { from: from.clone(), to: text(to) })
        });
    let changes: Vec<_> = changes.collect();
    let change = || step("everything", by_key("id", "1"), Action::Rewrite(changes.clone()));
    equal(&apply_one(&*store, change()).await?.rows.changed, &1, "corrected")?;
    equal(&apply_one(&*store, change()).await?.rows.changed, &0, "corrected again")?;
    let rows = select(&*store, "everything", by_key("id", "1"), &FIELDS.map(|(name, _)| name)).await?;
    same_values(&rows[0].values, &new.map(text), "the new values")
}

pub(super) async fn the_field_that_finds_a_row_can_be_rewritten(factory: &dyn Factory) -> Result<(), Unmet> {
    let account = Table::new("account").text("email", 190).identity().text("name", 60);
    let store = store(factory, [account.row([text("taro@example.jp"), text("Taro")])]).await?;
    let both = Action::Rewrite(vec![
        (field("email"), Rewrite::Effect(Effect::MaskEmail)),
        (field("name"), Rewrite::Effect(Effect::MaskText)),
    ]);
    let change = || step("account", by_key("email", "taro@example.jp"), both.clone());
    equal(&apply_one(&*store, change()).await?.rows.changed, &1, "masked")?;
    equal(&apply_one(&*store, change()).await?.rows.matched, &0, "no longer found")?;
    equal(&found(&*store, "account", by_key("name", "********"), "name").await?.len(), &1, "there, masked")
}

pub(super) async fn hostile_values_are_written_as_they_are(factory: &dyn Factory) -> Result<(), Unmet> {
    let store = store(factory, [person().rows([someone(1, "a", ""), someone(2, "b", "")])]).await?;
    let mut shown = text("a");
    for value in HOSTILE {
        let change = step("person", by_key("id", "1"), replace("code", shown.clone(), text(value)));
        equal(&apply_one(&*store, change).await?.rows.changed, &1, format!("{value:?} is written"))?;
        let got = found(&*store, "person", by_key("id", "1"), "code").await?;
        equal(&got, &vec![value.to_owned()], "what was written")?;
        shown = text(value);
    }
    equal(
        &found(&*store, "person", by_key("id", "2"), "code").await?.concat(),
        &"b".to_owned(),
        "the other row",
    )
}

pub(super) async fn what_a_field_cannot_take_is_refused(factory: &dyn Factory) -> Result<(), Unmet> {
    let account = Table::new("account")
        .field("id", FieldType::Int)
        .identity()
        .text("name", 10)
        .required()
        .field("born", FieldType::Date)
        .row([int(1), text("Taro"), Value::Date(chrono::NaiveDate::default())]);
    let store = store(factory, [account]).await?;
    for action in [
        effect("name", Effect::Null),
        effect("id", Effect::MaskEmail),
        effect("born", Effect::Hash),
        effect("born", Effect::Rewrite("soon".to_owned())),
        replace("born", Value::Date(chrono::NaiveDate::default()), text("1990-13-01")),
        replace("name", text("Taro"), Value::Null),
    ] {
        refused(apply(&*store, vec![step("account", by_key("id", "1"), action)]).await, code::EFFECT)?;
    }
    equal(
        &found(&*store, "account", by_key("id", "1"), "name").await?.concat(),
        &"Taro".to_owned(),
        "unchanged",
    )
}

pub(super) async fn the_report_counts_for_each_owner(factory: &dyn Factory) -> Result<(), Unmet> {
    let rows = [someone(1, "a", "x"), someone(2, "a", "x"), someone(3, "b", "x"), someone(4, "c", "x")];
    let store = store(factory, [person().rows(rows)]).await?;
    let matches = vec![
        by("code", Compare::Exact, [("a", 0), ("b", 1), ("nobody", 2)]),
        by("id", Compare::Exact, [("1", 1)]),
    ];
    apply_one(&*store, step("person", by_key("id", "2"), effect("email", Effect::MaskText))).await?;
    let report = apply_one(&*store, step("person", matches, effect("email", Effect::MaskText))).await?;
    let counts = |matched, changed| Counts { matched, changed, kept: 0 };
    equal(&report.rows, &counts(3, 2), "all rows")?;
    let owners: Vec<_> = report.owners.into_iter().collect();
    equal(&owners, &vec![(0, counts(2, 1)), (1, counts(2, 2))], "each owner")
}

pub(super) async fn a_failure_in_the_middle_undoes_all(factory: &dyn Factory) -> Result<(), Unmet> {
    let account = Table::new("account")
        .field("id", FieldType::Int)
        .identity()
        .text("login", 60)
        .unique()
        .rows([(1, "taro"), (2, "hanako")].map(|(id, login)| vec![int(id), text(login)]));
    let store = store(factory, [three(), account]).await?;
    let steps = vec![
        step("person", by_key("id", "42"), Action::DeleteRows),
        step("person", by_key("id", "4"), effect("name", Effect::Null)),
        step("account", by_key("id", "1"), replace("login", text("taro"), text("hanako"))),
    ];
    let error = refused(apply(&*store, steps).await, code::CONSTRAINT)?;
    let told = format!("{error} {error:?} {}", error.to_fault());
    expect(!told.contains("hanako"), format!("an error quotes a value: {told}"))?;
    equal(&found(&*store, "person", by_key("id", "42"), "id").await?.len(), &1, "the deleted row is back")?;
    let name = found(&*store, "person", by_key("id", "4"), "name").await?.concat();
    equal(&name, &"佐藤 花子".to_owned(), "the emptied name is back")
}
