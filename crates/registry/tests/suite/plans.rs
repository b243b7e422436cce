//! What each right does to the fictional company's stores.

use chrono::{DateTime, Utc};
use habeas_domain::{Category, KeyName, StoreName, schema::FieldType};
use habeas_registry::{CopyPlan, DeletionAction, DeletionStep, Meaning, PlanError};

use crate::{
    column::{column, name, refers, required, table},
    company,
};

fn shop() -> StoreName {
    StoreName::new("shop").unwrap()
}

fn now() -> DateTime<Utc> {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

fn columns(plan: &CopyPlan) -> Vec<String> {
    let of = |copy: &habeas_registry::CopyCollection| {
        copy.fields.iter().map(|field| format!("{}.{}", copy.collection, field.field)).collect::<Vec<_>>()
    };
    plan.collections.iter().flat_map(of).collect()
}

#[test]
fn a_key_finds_rows_in_every_store() {
    let found = |key: &str| {
        let company = company();
        let key = KeyName::new(key).unwrap();
        let lookups = company.lookups(&key);
        lookups.map(|at| format!("{}.{}.{}", at.store, at.collection, at.field)).collect::<Vec<_>>()
    };
    assert_eq!(found("email"), ["shop.customer.email", "shop.customer.email_2", "support.contact.address"]);
    assert_eq!(
        found("customer_id"),
        [
            "billing.card.customer_id",
            "shop.customer.id",
            "shop.address.customer_id",
            "shop.orders.customer_id"
        ]
    );
    assert_eq!(found("order_id"), ["billing.invoice.order_id", "shop.orders.id"]);
    assert_eq!(found("nothing"), Vec::<String>::new());
}

#[test]
fn a_row_tells_its_keys_with_their_guards() {
    let held = company().keys_of(&shop(), &name("customer"));
    let told: Vec<_> = held
        .iter()
        .map(|key| (key.field.as_str(), key.rules.name.as_str(), key.rules.shared, key.alternate))
        .collect();
    assert_eq!(
        told,
        [
            ("id", "customer_id", false, false),
            ("email", "email", false, false),
            ("email_2", "email", false, true),
            ("phone", "phone", true, false)
        ]
    );
}

#[test]
fn access_holds_every_categorised_field_and_portability_what_was_provided() {
    let company = company();
    let access = columns(&company.access_plan(&shop()).unwrap());
    assert_eq!(
        access,
        [
            "customer.email",
            "customer.email_2",
            "customer.name",
            "customer.phone",
            "customer.born_on",
            "customer.tier",
            "address.street",
            "orders.total"
        ]
    );
    let portable = columns(&company.portability_plan(&shop()).unwrap());
    assert_eq!(
        portable,
        [
            "customer.email",
            "customer.email_2",
            "customer.name",
            "customer.phone",
            "customer.born_on",
            "address.street"
        ]
    );
    let title = &company.access_plan(&shop()).unwrap().collections[0].fields[2].title;
    assert_eq!((title.en.as_str(), title.ja.as_str()), ("Name", "氏名"));
    assert_eq!(company.access_plan(&StoreName::new("nowhere").unwrap()), None);
}

#[test]
fn a_correction_goes_where_the_meaning_is_declared() {
    let company = company();
    let fields = |store: &str, category: &str, meaning| {
        let plan = company
            .correction_plan(&StoreName::new(store).unwrap(), &Category::new(category).unwrap(), meaning)
            .unwrap();
        plan.steps.iter().map(|step| format!("{}.{}", step.collection, step.field)).collect::<Vec<_>>()
    };
    assert_eq!(fields("shop", "user.contact.email", Meaning::Email), ["customer.email", "customer.email_2"]);
    assert_eq!(fields("support", "user.contact.email", Meaning::Email), ["contact.address"]);
    assert_eq!(fields("shop", "user.contact.email", Meaning::Text), Vec::<String>::new());
    assert_eq!(fields("shop", "user.financial", Meaning::Text), Vec::<String>::new());
}

#[test]
fn a_deletion_goes_step_by_step() {
    let id = || required("id", FieldType::Int);
    let customer_id = || required("customer_id", FieldType::Int);
    let mut orders = table("orders", vec![id(), customer_id()]);
    orders.references.push(refers("customer_id", "customer", false));
    let schemas = [table("customer", vec![id()]), table("address", vec![id(), customer_id()]), orders];
    let plan = company().deletion_plan(&shop(), &schemas, now()).unwrap();
    insta::assert_json_snapshot!(plan);
}

#[test]
fn kept_fields_come_before_changed_keys_and_each_has_its_cutoff() {
    let billing = StoreName::new("billing").unwrap();
    let plan = company().deletion_plan(&billing, &[], now()).unwrap();
    let told = |step: &DeletionStep| {
        let DeletionAction::Fields(effects) = &step.action else { panic!("{step:?}") };
        let fields: Vec<&str> = effects.iter().map(|effect| effect.field.as_str()).collect();
        let before = step.keep.as_ref().map(|keep| keep.before.to_rfc3339());
        format!("{}: {} {}", step.collection, fields.join(","), before.unwrap_or_default())
    };
    let steps: Vec<String> = plan.steps.iter().map(told).collect();
    assert_eq!(steps, ["invoice: recipient 2016-11-20T00:00:00+00:00", "invoice: memo ", "card: last_four "]);
}

#[test]
fn a_key_is_changed_last() {
    let store = crate::store(
        "s",
        r#"
[[collection]]
name = "p"
fields.email = { key = "email", category = "user.email", delete = "mask-email" }
fields.no    = { key = "no" }
fields.born  = { category = "user.birth", delete = "null", keep = { reason = "law", until = "made_on + 1y" } }
"#,
    );
    let registry = habeas_registry::Registry::from_manifests(vec![store]).unwrap();
    let plan = registry.deletion_plan(&StoreName::new("s").unwrap(), &[], now()).unwrap();
    let kept: Vec<bool> = plan.steps.iter().map(|step| step.keep.is_some()).collect();
    assert_eq!(kept, [true, false], "while the address still finds the row");
}

#[test]
fn a_circle_begins_with_untying() {
    let mut message =
        table("message", vec![required("id", FieldType::Int), column("contact_no", FieldType::Int)]);
    message.references.push(refers("contact_no", "contact", false));
    let mut contact = table("contact", vec![required("id", FieldType::Int), column("last", FieldType::Int)]);
    contact.references.push(refers("last", "message", false));
    let support = StoreName::new("support").unwrap();
    let plan = company().deletion_plan(&support, &[message, contact], now()).unwrap();
    assert_eq!(plan.steps.len(), 3);
    assert!(matches!(&plan.steps[0].action, DeletionAction::Untie(fields) if fields.len() == 1));
    assert!(plan.steps[1..].iter().all(|step| step.action == DeletionAction::Rows));
    assert_eq!(
        plan.steps[0].collection, plan.steps[2].collection,
        "the row that was untied is referred to no more"
    );
}

#[test]
fn an_unknown_store_has_no_plan() {
    let nowhere = StoreName::new("nowhere").unwrap();
    let plan = company().deletion_plan(&nowhere, &[], now());
    assert_eq!(plan, Err(PlanError::UnknownStore(nowhere)));
}
