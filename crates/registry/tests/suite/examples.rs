//! The fictional company's manifests.

use habeas_domain::{Bilingual, Effect, KeyName, StoreName};
use habeas_registry::{Compare, Driver, Registry, RegistryError, StoreUrl};

use crate::{
    column::{field, name},
    company, fixtures,
};

#[test]
fn are_read_as_written() {
    let company = company();
    let shop = company.manifest(&StoreName::new("shop").unwrap()).unwrap();
    assert_eq!(
        (shop.driver, shop.url.clone()),
        (Driver::Postgres, StoreUrl::Env("SHOP_DATABASE_URL".to_owned()))
    );
    assert_eq!(
        (shop.limits.concurrency, shop.limits.rate_per_second, shop.limits.group_size),
        (8, Some(200), 100)
    );
    let customer = shop.collection(&name("customer")).unwrap();
    let names: Vec<&str> = customer.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(
        names,
        ["id", "email", "email_2", "name", "phone", "born_on", "tier", "password"],
        "in the file's order"
    );
    assert_eq!(customer.field(&field("email")).unwrap().delete, Some(Effect::MaskEmail));
    assert!(customer.field(&field("email_2")).unwrap().alternate);
    let orders = shop.collection(&name("orders")).unwrap();
    let keep = orders.keep.as_ref().unwrap();
    assert_eq!((keep.field.as_str(), keep.period.to_string().as_str()), ("placed_at", "7y"));
    assert_ne!(keep.reason.en, keep.reason.ja, "a usual reason is there in both languages");
}

#[test]
fn have_no_finding() {
    assert_eq!(company().warnings(), []);
}

#[test]
fn rules_of_keys_hold_in_every_store() {
    let company = company();
    let rules = |key: &str| company.key(&KeyName::new(key).unwrap());
    assert!(rules("phone").shared && !rules("phone").identifying);
    assert!(rules("email").identifying && rules("email").compare == Compare::Caseless);
    assert_eq!((rules("order_id").compare, rules("order_id").ceiling), (Compare::Exact, 100));
}

#[test]
fn a_reason_of_its_own_is_told_in_both_languages() {
    let company = company();
    let billing = company.manifest(&StoreName::new("billing").unwrap()).unwrap();
    let recipient = billing.collection(&name("invoice")).unwrap().field(&field("recipient")).unwrap();
    let Bilingual { en, ja } = &recipient.keep.as_ref().unwrap().reason;
    assert_eq!(
        (en.as_str(), ja.as_str()),
        ("Invoices name their recipient by law.", "請求書には宛名の記載が義務付けられているため")
    );
}

#[test]
fn every_broken_file_of_a_folder_is_named() {
    let error = Registry::load(&fixtures("broken")).unwrap_err();
    let RegistryError::Problems(problems) = &error else { panic!("{error}") };
    let files: std::collections::BTreeSet<_> =
        problems.iter().filter_map(|problem| problem.file.file_name()?.to_str()).collect();
    assert_eq!(
        files.into_iter().collect::<Vec<_>>(),
        ["contradictions.toml", "empty.toml", "keeps.toml", "misspelt.toml", "shapes.toml", "syntax.toml"]
    );
    assert_eq!(error.to_string().lines().count(), problems.len());
}

#[test]
fn a_folder_without_manifests_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Registry::load(folder.path()), Err(RegistryError::Empty(_))));
    assert!(matches!(Registry::load(&folder.path().join("gone")), Err(RegistryError::Unreadable { .. })));
    std::fs::write(folder.path().join("x.toml"), b"[store]\nname = \"\xff\"").unwrap();
    let Err(RegistryError::Problems(problems)) = Registry::load(folder.path()) else { panic!("not UTF-8") };
    assert_eq!(problems[0].message, "not UTF-8 text from byte 16 on");
}
