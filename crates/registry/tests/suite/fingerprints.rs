//! What changes a fingerprint and what does not.

use habeas_domain::StoreName;
use habeas_registry::Registry;

use crate::{manifest, store};

const SHOP: &str = include_str!("../fixtures/stores/shop.toml");

fn fingerprint(text: &str) -> [u8; 32] {
    let registry = Registry::from_manifests(vec![manifest(text)]).unwrap();
    registry.fingerprint(&StoreName::new("shop").unwrap()).unwrap()
}

fn changed(from: &str, to: &str) -> [u8; 32] {
    assert!(SHOP.contains(from), "{from}");
    fingerprint(&SHOP.replace(from, to))
}

#[test]
fn follows_the_meaning() {
    let before = fingerprint(SHOP);
    assert_ne!(before, changed("delete = \"mask-email\"", "delete = \"null\""));
    assert_ne!(before, changed("placed_at + 7y", "placed_at + 10y"));
    assert_ne!(before, changed("reason = \"tax\"", "reason = \"audit\""));
    assert_ne!(before, changed("alternate = true, ", ""));
    assert_ne!(before, changed("shared = true", "shared = true\nceiling = 7"));
}

#[test]
fn ignores_the_rest() {
    let before = fingerprint(SHOP);
    assert_eq!(before, changed("# A fictional shop", "# Some shop"));
    assert_eq!(before, changed("SHOP_DATABASE_URL", "OTHER_URL"));
    assert_eq!(before, changed("concurrency = 8", "concurrency = 2"));
    let (id, total) = (
        "fields.id          = { key = \"order_id\" }\n",
        "fields.total       = { category = \"user.financial\" }\n",
    );
    assert_eq!(before, changed(&format!("{id}{total}"), &format!("{total}{id}")), "order means nothing");
}

#[test]
fn covers_rules_that_another_manifest_declares() {
    let people = "[[collection]]\nname = \"p\"\nfields.email = { key = \"email\", category = \"user.email\" }\nfields.no = { key = \"no\" }\ndelete = \"rows\"\n";
    let of = |ceiling: u32| {
        let other = format!("[[key]]\nname = \"no\"\nceiling = {ceiling}\n{people}");
        let registry = Registry::from_manifests(vec![store("a", people), store("b", &other)]).unwrap();
        registry.fingerprint(&StoreName::new("a").unwrap()).unwrap()
    };
    assert_ne!(of(5), of(6));
}

#[test]
fn no_store_has_none() {
    let registry = Registry::from_manifests(vec![manifest(SHOP)]).unwrap();
    assert_eq!(registry.fingerprint(&StoreName::new("nowhere").unwrap()), None);
}
