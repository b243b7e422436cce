//! Each effect does what it says, and doing it twice changes nothing more.

use std::collections::HashSet;

use habeas_connector_api::{Action, rewriting::is_applied};
use habeas_domain::{
    Effect, Value,
    schema::{FieldSchema, FieldType},
};

use super::{
    people::{person, someone, store, three},
    values::{FIELDS, everything, of_everything},
};
use crate::{
    Factory, Unmet,
    asking::{apply_one, by_key, effect, found, same_values, select, step},
    expectation::{equal, expect},
    fixture::{field, int, text},
};

pub(super) async fn every_effect_does_what_it_says_and_twice_is_once(
    factory: &dyn Factory,
) -> Result<(), Unmet> {
    for (name, which) in [
        ("name", Effect::Null),
        ("email", Effect::MaskEmail),
        ("phone", Effect::MaskPhone),
        ("name", Effect::MaskText),
        ("email", Effect::Hash),
        ("name", Effect::Anonymise),
        ("name", Effect::Rewrite("退会済み".to_owned())),
    ] {
        let store = store(factory, [three()]).await?;
        let change = || step("person", by_key("id", "42"), effect(name, which.clone()));
        equal(&apply_one(&*store, change()).await?.rows.changed, &1, format!("{which:?} changes"))?;
        let once = select(&*store, "person", by_key("id", "42"), &[name]).await?;
        equal(&once.len(), &1, "the row is there")?;
        let schema = FieldSchema {
            name: field(name),
            kind: FieldType::Text,
            nullable: true,
            max_chars: None,
            generated: false,
        };
        expect(is_applied(&which, &once[0].values[0], &schema), format!("{which:?} is applied"))?;
        let again = apply_one(&*store, change()).await?;
        equal(&(again.rows.matched, again.rows.changed), &(1, 0), format!("{which:?} again"))?;
        let twice = select(&*store, "person", by_key("id", "42"), &[name]).await?;
        equal(&twice, &once, format!("{which:?} twice"))?;
    }
    Ok(())
}

pub(super) async fn masked_addresses_stay_unique(factory: &dyn Factory) -> Result<(), Unmet> {
    let account = crate::Table::new("account")
        .field("id", FieldType::Int)
        .identity()
        .field("person", FieldType::Int)
        .text("email", 190)
        .required()
        .unique()
        .rows((0..300).map(|id| vec![int(id), int(1), text(format!("a{id}@example.com"))]));
    let store = store(factory, [account]).await?;
    let report =
        apply_one(&*store, step("account", by_key("person", "1"), effect("email", Effect::MaskEmail)))
            .await?;
    equal(&report.rows.changed, &300, "masked")?;
    let masked: HashSet<String> =
        found(&*store, "account", by_key("person", "1"), "email").await?.into_iter().collect();
    equal(&masked.len(), &300, "different addresses")?;
    expect(masked.iter().all(|mail| mail.ends_with("@erased.invalid")), "none of which receives mail")
}

pub(super) async fn effects_reach_only_the_owners(factory: &dyn Factory) -> Result<(), Unmet> {
    let store = store(factory, [three()]).await?;
    apply_one(&*store, step("person", by_key("code", "42"), effect("name", Effect::Null))).await?;
    let names =
        select(&*store, "person", [by_key("id", "4"), by_key("id", "421")].concat(), &["name"]).await?;
    let names: Vec<Value> = names.into_iter().flat_map(|row| row.values).collect();
    same_values(&names, &[text("Taro"), text("佐藤 花子")], "the names of the others")
}

pub(super) async fn values_of_every_type_are_anonymised(factory: &dyn Factory) -> Result<(), Unmet> {
    let store = store(factory, [everything().rows([of_everything(1), of_everything(2)])]).await?;
    let all = FIELDS.map(|(name, _)| (field(name), Effect::Anonymise)).to_vec();
    let change = || step("everything", by_key("id", "1"), Action::Rewrite(all.clone()));
    equal(&apply_one(&*store, change()).await?.rows.changed, &1, "changed")?;
    equal(&apply_one(&*store, change()).await?.rows.changed, &0, "changed again")?;
    let names = FIELDS.map(|(name, _)| name);
    let rows = select(&*store, "everything", by_key("id", "1"), &names).await?;
    let original = of_everything(1);
    for ((got, old), name) in rows[0].values.iter().zip(&original[1..]).zip(names) {
        expect(!got.is_null(), format!("{name} is not NULL"))?;
        expect(!habeas_connector_api::rewriting::same(got, old), format!("{name} was changed"))?;
    }
    let other = select(&*store, "everything", by_key("id", "2"), &names).await?;
    same_values(&other[0].values, &of_everything(2)[1..], "the other row")
}

pub(super) async fn thousands_of_rows_are_masked_in_one_step(factory: &dyn Factory) -> Result<(), Unmet> {
    let rows = (0..3_000).map(|id| someone(id, "member", &format!("m{id}@example.com")));
    let store = store(factory, [person().rows(rows)]).await?;
    let both = Action::Rewrite(vec![
        (field("email"), Effect::Hash),
        (field("name"), Effect::Rewrite("gone".to_owned())),
    ]);
    let report = apply_one(&*store, step("person", by_key("code", "member"), both)).await?;
    equal(&report.rows.changed, &3_000, "changed")?;
    let mails: HashSet<String> =
        found(&*store, "person", by_key("name", "gone"), "email").await?.into_iter().collect();
    equal(&mails.len(), &3_000, "each its own hash")
}
