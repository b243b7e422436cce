//! Where something leads that a person may be known by.

use std::sync::Arc;

use habeas_fulfilment::FileRoom;

use crate::memory::World;

const SHOP: &str = r#"
[[collection]]
name = "customer"
delete = "rows"
fields.email = { key = "email", category = "user.email" }
fields.email_2 = { key = "email", alternate = true, category = "user.email" }
fields.id    = { key = "customer_id" }
[[collection]]
name = "orders"
delete = "rows"
fields.customer = { key = "customer_id" }
fields.id       = { key = "order_id" }
"#;

async fn lead(named: &str) -> Option<String> {
    let world = World::new(&[("shop", SHOP)]);
    world.row("shop", "customer", &["hanako@example.jp", "a.hanako@example.jp", "1"]);
    world.row("shop", "customer", &["taro@example.jp", "taro@example.jp", "2"]);
    // One that two people have beside their own, and one that somebody wrote beside theirs and that is another's own.
    world.row("shop", "customer", &["jiro@example.jp", "family@example.jp", "3"]);
    world.row("shop", "customer", &["saburo@example.jp", "family@example.jp", "4"]);
    world.row("shop", "customer", &["mallory@example.jp", "yuki@example.jp", "5"]);
    world.row("shop", "customer", &["yuki@example.jp", "yuki@example.jp", "6"]);
    world.row("shop", "orders", &["1", "2"]);
    world.row("shop", "orders", &["1", "77"]);
    let room = FileRoom::new(Arc::new(world.registry.clone()), world.stores.clone());
    room.lead(named).await.unwrap().map(|address| address.as_str().to_owned())
}

#[tokio::test]
async fn to_the_address_that_finds_their_rows_whichever_stands_first() {
    for named in ["1", "77", " hanako@example.jp ", "Hanako@Example.jp"] {
        assert_eq!(lead(named).await.as_deref(), Some("hanako@example.jp"), "{named}");
    }
}

/// It stands beside another in their row, and would contradict it if it were proven: the code goes to the other.
#[tokio::test]
async fn from_an_address_that_stands_beside_another_to_that_one() {
    for named in ["a.hanako@example.jp", "A.Hanako@example.jp"] {
        assert_eq!(lead(named).await.as_deref(), Some("hanako@example.jp"), "{named}");
    }
}

#[tokio::test]
async fn nowhere_from_an_address_that_leads_to_two_people() {
    for named in ["family@example.jp", "yuki@example.jp"] {
        assert_eq!(lead(named).await, None, "{named}");
    }
}

#[tokio::test]
async fn nowhere_for_what_nobody_has_and_for_what_two_have() {
    for named in ["", "9", "nobody@example.jp", "+81 90 0000 0000", "2"] {
        assert_eq!(lead(named).await, None, "{named:?}: the number of a customer, and of another's order");
    }
}
