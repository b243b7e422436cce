//! Corrections, and what may not be written.

use habeas_connector_api::{Action, Compare, Counts, code};
use habeas_domain::{Effect, Retry, Value, schema::FieldType};

use super::{
    hostile::HOSTILE,
    people::{person, someone, store, three},
    values::{FIELDS, everything, of_everything},
};
use crate::{
    Factory, Table, Unmet,
    asking::{apply, apply_one, by, by_key, effect, found, replace, replacement, same_values, select, step},
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

pub(super) async fn a_group_is_corrected_each_as_shown(factory: &dyn Factory) -> Result<(), Unmet> {
    let store = store(factory, [three()]).await?;
    let all = || vec![by("id", Compare::Exact, [("42", 0), ("421", 1), ("4", 2)])];
    let wanted = |from: [&str; 3], to: [&str; 3]| {
        let one = |((owner, from), to)| replacement(owner, "name", text(from), text(to));
        Action::Replace((0..).zip(from).zip(to).map(one).collect())
    };
    // Of the third another value was shown, and the first two swap names: nobody gets what is another's.
    let shown = ["山田 太郎", "Taro", "鈴木 花子"];
    let swap = || step("person", all(), wanted(shown, ["Taro", "山田 太郎", "佐藤 はな"]));
    let report = apply_one(&*store, swap()).await?;
    let counts = |matched, changed| Counts { matched, changed, kept: 0 };
    equal(&report.rows, &counts(3, 2), "all rows")?;
    let owners: Vec<_> = report.owners.into_iter().collect();
    equal(&owners, &vec![(0, counts(1, 1)), (1, counts(1, 1)), (2, counts(1, 0))], "each owner")?;
    let names = async || select(&*store, "person", all(), &["id", "name"]).await;
    let now = |name: &str, id| vec![int(id), text(name)];
    let swapped = [now("佐藤 花子", 4), now("Taro", 42), now("山田 太郎", 421)];
    for (row, wanted) in names().await?.iter().zip(&swapped) {
        same_values(&row.values, wanted, "each their own")?;
    }
    equal(&apply_one(&*store, swap()).await?.rows, &counts(3, 0), "again")?;
    // One new value for several, and nothing for whom nothing is asked.
    let same = step("person", all(), wanted(["Taro", "山田 太郎", ""], ["山田", "山田", "山田"]));
    equal(&apply_one(&*store, same).await?.rows, &counts(3, 2), "the same new value")?;
    let names: Vec<String> = names().await?.iter().map(|row| row.values[1].to_text()).collect();
    equal(&names, &["佐藤 花子", "山田", "山田"].map(str::to_owned).to_vec(), "the names")
}

pub(super) async fn thousands_are_corrected_in_one_step(factory: &dyn Factory) -> Result<(), Unmet> {
    const PEOPLE: u32 = 1_000;
    let rows = (0..PEOPLE).map(|id| someone(id.into(), &format!("old-{}", id % 7), "x"));
    let store = store(factory, [person().rows(rows)]).await?;
    let keys: Vec<String> = (0..PEOPLE).map(|id| id.to_string()).collect();
    let matches =
        || vec![by("id", Compare::Exact, keys.iter().zip(0..).map(|(key, owner)| (key.as_str(), owner)))];
    let wanted = (0..PEOPLE)
        .map(|id| replacement(id, "code", text(format!("old-{}", id % 7)), text(format!("new-{id}"))));
    let report = apply_one(&*store, step("person", matches(), Action::Replace(wanted.collect()))).await?;
    equal(&report.rows.changed, &PEOPLE.into(), "all rows")?;
    let crossed = select(&*store, "person", matches(), &["id", "code"]).await?;
    let own = |row: &[Value]| row[1].to_text() == format!("new-{}", row[0].to_text());
    equal(&crossed.iter().filter(|row| !own(&row.values)).count(), &0, "rows with another's value")
}

pub(super) async fn owners_of_one_row_correct_it_one_after_the_other(
    factory: &dyn Factory,
) -> Result<(), Unmet> {
    let store = store(factory, [person().row(someone(1, "a", "shared@example.jp"))]).await?;
    let matches = || vec![by("id", Compare::Exact, [("1", 0), ("1", 1)])];
    let both = Action::Replace(vec![
        replacement(0, "code", text("a"), text("b")),
        replacement(1, "code", text("a"), text("c")),
    ]);
    let report = apply_one(&*store, step("person", matches(), both)).await?;
    let counts = |changed| Counts { matched: 1, changed, kept: 0 };
    equal(&report.rows, &counts(1), "the row")?;
    let owners: Vec<_> = report.owners.into_iter().collect();
    equal(&owners, &vec![(0, counts(1)), (1, counts(0))], "the second finds another value than was shown")?;
    let code = found(&*store, "person", by_key("id", "1"), "code").await?.concat();
    equal(&code, &"b".to_owned(), "the code")
}

pub(super) async fn a_taken_value_for_one_of_a_group_undoes_all(factory: &dyn Factory) -> Result<(), Unmet> {
    let account = Table::new("account")
        .field("id", FieldType::Int)
        .identity()
        .text("login", 60)
        .unique()
        .rows([(1, "taro"), (2, "hanako"), (3, "jiro")].map(|(id, login)| vec![int(id), text(login)]));
    let store = store(factory, [account]).await?;
    let matches = || vec![by("id", Compare::Exact, [("1", 0), ("2", 1)])];
    let wanted = |second: &str| {
        Action::Replace(vec![
            replacement(0, "login", text("taro"), text("taro.new")),
            replacement(1, "login", text("hanako"), text(second)),
        ])
    };
    let error =
        refused(apply(&*store, vec![step("account", matches(), wanted("jiro"))]).await, code::CONSTRAINT)?;
    let told = format!("{error} {error:?} {}", error.to_fault());
    expect(!told.contains("jiro") && !told.contains("taro"), format!("an error quotes a value: {told}"))?;
    expect(error.to_fault().retry == Retry::Never, "what a half of the group could do is never found out")?;
    let logins = async || found(&*store, "account", matches(), "login").await;
    equal(&logins().await?, &vec!["hanako".to_owned(), "taro".to_owned()], "nothing of it")?;
    apply_one(&*store, step("account", matches(), wanted("hanako.new"))).await?;
    equal(&logins().await?, &vec!["hanako.new".to_owned(), "taro.new".to_owned()], "both")
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
    let changes = FIELDS
        .iter()
        .zip(shown)
        .zip(new)
        .map(|(((name, _), from), to)| replacement(0, name, from.clone(), text(to)));
    let changes: Vec<_> = changes.collect();
    let change = || step("everything", by_key("id", "1"), Action::Replace(changes.clone()));
    equal(&apply_one(&*store, change()).await?.rows.changed, &1, "corrected")?;
    equal(&apply_one(&*store, change()).await?.rows.changed, &0, "corrected again")?;
    let rows = select(&*store, "everything", by_key("id", "1"), &FIELDS.map(|(name, _)| name)).await?;
    same_values(&rows[0].values, &new.map(text), "the new values")
}

pub(super) async fn the_field_that_finds_a_row_can_be_rewritten(factory: &dyn Factory) -> Result<(), Unmet> {
    let account = Table::new("account").text("email", 190).identity().text("name", 60);
    let store = store(factory, [account.row([text("taro@example.jp"), text("Taro")])]).await?;
    let both = Action::Rewrite(vec![(field("email"), Effect::MaskEmail), (field("name"), Effect::MaskText)]);
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
