//! What the stores say of a person who is asked about it.

use std::sync::Arc;

use habeas_domain::{EmailAddress, verification::Typed};
use habeas_fulfilment::{FileRoom, HeldFacts};

use crate::memory::World;

const SHOP: &str = r#"
[[collection]]
name = "customer"
delete = "rows"
fields.email = { key = "email", category = "user.email" }
fields.id    = { key = "customer_id" }
fields.phone = { category = "user.phone", correct = "phone", own_contact = true }
fields.plan  = { category = "user.plan", ask = { kind = "text", question = { en = "Which plan?", ja = "プランは?" } } }
fields.parent = { category = "user.family", guardian = true }
[[collection]]
name = "emergency"
delete = "rows"
fields.customer = { key = "customer_id" }
fields.phone    = { category = "user.family", correct = "phone" }
[[collection]]
name = "orders"
delete = "rows"
fields.customer = { key = "customer_id" }
fields.at       = { category = "user.order", ask = { kind = "month", question = { en = "When?", ja = "いつ?" } } }
fields.total    = { category = "user.order", ask = { kind = "amount", newest = "at", question = { en = "How much?", ja = "いくら?" } } }
fields.colour   = { category = "user.order", ask = { kind = "text", question = { en = "Which colour?", ja = "何色?" } } }
"#;

fn world() -> World {
    let world = World::new(&[("shop", SHOP)]);
    world.row(
        "shop",
        "customer",
        &["hanako@example.jp", "1", "+81 90-0000-0001", "Light", "ichiro@example.jp"],
    );
    world.row("shop", "customer", &["taro@example.jp", "2", "090 1", "Full", "no address"]);
    world.row("shop", "emergency", &["1", "+81 90-0000-0077"]);
    world.row("shop", "orders", &["1", "2026-01-10", "900", "red"]);
    world.row("shop", "orders", &["1", "2026-04-09", "4980", "blue"]);
    world.row("shop", "orders", &["2", "2026-09-09", "70000", "green"]);
    world
}

async fn held(address: &str) -> HeldFacts {
    let world = world();
    let room = FileRoom::new(Arc::new(world.registry.clone()), world.stores.clone());
    room.of(&EmailAddress::parse(address).unwrap()).await.unwrap()
}

#[tokio::test]
async fn only_their_own_rows_answer_and_the_newest_of_them() {
    let facts = held("Hanako@example.jp").await;
    let phones: Vec<&str> = facts.phones.iter().map(habeas_domain::PhoneNumber::as_str).collect();
    assert_eq!(phones, ["+819000000001"], "and not the number of whom to call in an emergency");
    let right = |id: &str, typed: &str| {
        let answer = facts.answers.iter().find(|(field, _)| field == id).map(|(_, answer)| answer);
        answer.is_some_and(|answer| answer.is_answered_by(&Typed::new(typed)))
    };
    assert!(right("shop/customer/plan", "light") && !right("shop/customer/plan", "full"));
    assert!(right("shop/orders/at", "2026年4月") && !right("shop/orders/at", "2026-01"));
    assert!(right("shop/orders/total", "5,000") && !right("shop/orders/total", "900"));
    let colour = facts.answers.iter().any(|(field, _)| field == "shop/orders/colour");
    assert!(!colour, "their rows do not say one thing");
    assert!(facts.keys.iter().any(|(key, value)| key.as_str() == "customer_id" && value.as_str() == "1"));
}

#[tokio::test]
async fn the_address_of_a_guardian_is_found_by_the_childs_and_not_the_other_way_round() {
    let guardians: Vec<String> =
        held("hanako@example.jp").await.guardians.iter().map(|one| one.as_str().to_owned()).collect();
    assert_eq!(guardians, ["ichiro@example.jp"]);
    assert_eq!(held("taro@example.jp").await.guardians, []);
    assert_eq!(held("ichiro@example.jp").await, HeldFacts::default());
}

#[tokio::test]
async fn of_a_person_whom_nobody_knows_there_is_nothing() {
    assert_eq!(held("nobody@example.jp").await, HeldFacts::default());
    assert_eq!(held("taro@example.jp").await.phones, [], "what is no number is not called");
}

#[tokio::test]
async fn the_fields_that_may_be_asked_are_the_same_for_everybody() {
    let world = world();
    let room = FileRoom::new(Arc::new(world.registry.clone()), world.stores.clone());
    let ids: Vec<String> = room.askable().into_iter().map(|field| field.id).collect();
    assert_eq!(ids, ["shop/customer/plan", "shop/orders/at", "shop/orders/total", "shop/orders/colour"]);
}
