//! Finding a person's keys, and whom to stop for.

use anyhow::Result;
use habeas_fulfilment::{Person, PreviewOptions, Resolved, Review, preview, resolve};

use crate::{
    company::{Company, HANAKO, TARO},
    memory::{World, keys, person},
};

const A: &str = r#"
[[key]]
name = "phone"
shared = true
[[key]]
name = "order"
ceiling = 3
[[collection]]
name = "account"
fields.email   = { key = "email" }
fields.email_2 = { key = "email", alternate = true }
fields.id      = { key = "account" }
fields.parent  = { key = "account" }
fields.phone   = { key = "phone" }
fields.x       = { category = "user.x" }
delete = "rows"
"#;
const B: &str = r#"
[[collection]]
name = "orders"
fields.account = { key = "account" }
fields.order   = { key = "order" }
fields.x       = { category = "user.x" }
delete = "rows"
[[collection]]
name = "caller"
fields.phone   = { key = "phone" }
fields.account = { key = "account" }
fields.x       = { category = "user.x" }
delete = "rows"
"#;
const C: &str = r#"
[[collection]]
name = "parcel"
fields.order   = { key = "order" }
fields.label   = { key = "label" }
fields.account = { key = "account" }
fields.x       = { category = "user.x" }
delete = "rows"
[[collection]]
name = "news"
fields.email = { key = "email", category = "user.email" }
delete = "rows"
"#;

fn world() -> World {
    World::new(&[("a", A), ("b", B), ("c", C)])
}

async fn one(world: &World, who: Person) -> Resolved {
    resolve(&world.registry, &world.stores, vec![who]).await.unwrap().remove(0)
}

async fn found(world: &World, email: &str) -> Vec<String> {
    keys(&one(world, person(&[("email", email)])).await.unwrap())
}

#[tokio::test]
async fn keys_are_followed_through_three_stores_and_round() {
    let world = world();
    world.row("a", "account", &["t@example.com", "-", "1", "-", "-", "x"]);
    world.row("b", "orders", &["1", "o1", "x"]);
    world.row("c", "parcel", &["o1", "L1", "7", "x"]);
    world.row("b", "orders", &["7", "o7", "x"]);
    world.row("c", "parcel", &["o7", "L7", "1", "x"]);
    world.row("a", "account", &["n@example.com", "-", "2", "-", "-", "x"]);
    world.row("b", "orders", &["2", "o2", "x"]);
    let book = one(&world, person(&[("email", "T@example.com")])).await.unwrap();
    let all =
        ["account=1", "account=7", "email=t@example.com", "label=L1", "label=L7", "order=o1", "order=o7"];
    assert_eq!(keys(&book), all);
    assert_eq!(
        book.stores().iter().map(habeas_domain::StoreName::as_str).collect::<Vec<_>>(),
        ["a", "b", "c"]
    );
}

#[tokio::test]
async fn a_collection_may_refer_to_itself() {
    let world = world();
    world.row("a", "account", &["t@example.com", "-", "1", "2", "-", "x"]);
    world.row("a", "account", &["-", "-", "2", "3", "-", "x"]);
    world.row("a", "account", &["-", "-", "3", "1", "-", "x"]);
    world.row("a", "account", &["-", "-", "4", "5", "-", "x"]);
    let all = ["account=1", "account=2", "account=3", "email=t@example.com"];
    assert_eq!(found(&world, "t@example.com").await, all);
}

#[tokio::test]
async fn a_shared_key_never_spreads_but_a_proven_one_is_looked_up() {
    let world = world();
    world.row("a", "account", &["t@example.com", "-", "1", "-", "0312345678", "x"]);
    world.row("a", "account", &["n@example.com", "-", "2", "-", "0312345678", "x"]);
    world.row("b", "caller", &["0312345678", "9", "x"]);
    assert_eq!(found(&world, "t@example.com").await, ["account=1", "email=t@example.com"]);
    let book = one(&world, person(&[("phone", "0312345678")])).await.unwrap();
    let all = [
        "account=1",
        "account=2",
        "account=9",
        "email=n@example.com",
        "email=t@example.com",
        "phone=0312345678",
    ];
    assert_eq!(keys(&book), all, "who proves an office telephone proves the office");
}

#[tokio::test]
async fn too_many_values_stop_for_a_person_to_look() {
    let world = world();
    world.row("a", "account", &["t@example.com", "-", "1", "-", "-", "x"]);
    for order in ["o1", "o2", "o3"] {
        world.row("b", "orders", &["1", order, "x"]);
    }
    assert_eq!(found(&world, "t@example.com").await.len(), 5, "three are allowed");
    world.row("b", "orders", &["1", "o4", "x"]);
    let stopped = one(&world, person(&[("email", "t@example.com")])).await.unwrap_err();
    assert!(matches!(stopped, Review::Ceiling { ceiling: 3, .. }), "{stopped}");
    assert_eq!(stopped.to_string(), "more than 3 different values of order were found");
}

#[tokio::test]
async fn another_address_in_a_row_of_the_person_stops_for_a_person_to_look() {
    let world = world();
    world.row("a", "account", &["t@example.com", "-", "1", "-", "-", "x"]);
    world.row("a", "account", &["somebody@example.com", "-", "9", "1", "-", "x"]);
    let stopped = one(&world, person(&[("email", "t@example.com")])).await.unwrap_err();
    assert!(matches!(stopped, Review::Contradiction { .. }));
    assert_eq!(
        stopped.to_string(),
        "a row of a/account carries another email than the one that was verified"
    );
}

#[tokio::test]
async fn a_second_address_of_the_same_row_contradicts_nothing() {
    let world = world();
    world.row("a", "account", &["t@example.com", "T.Two@example.com", "1", "-", "-", "x"]);
    let all = ["account=1", "email=t.two@example.com", "email=t@example.com"];
    assert_eq!(found(&world, "t@example.com").await, all);
}

/// Whoever writes another person's address into the second field of their own account must not be handed the other's rows.
/// In whatever order a store gives its rows.
#[tokio::test]
async fn a_second_address_that_is_somebody_elses_first_stops_for_a_person_to_look() {
    for victim_first in [true, false] {
        let world = world();
        world.row("a", "account", &["t@example.com", "victim@example.com", "1", "-", "-", "x"]);
        let mut news = ["t@example.com", "victim@example.com"];
        if victim_first {
            news.reverse();
        }
        for email in news {
            world.row("c", "news", &[email]);
        }
        let stopped = one(&world, person(&[("email", "t@example.com")])).await.unwrap_err();
        assert!(
            matches!(stopped, Review::Contradiction { ref collection, .. } if collection.as_str() == "news")
        );
    }
}

#[tokio::test]
async fn nobodys_keys_cross_in_a_group() {
    let world = world();
    let people: Vec<Person> =
        (0..50).map(|number| person(&[("email", &format!("p{number}@example.com"))])).collect();
    for number in 0..50 {
        let id = number.to_string();
        world.row("a", "account", &[&format!("p{number}@example.com"), "-", &id, "-", "0312345678", "x"]);
        world.row("b", "orders", &[&id, &format!("o{number}"), "x"]);
    }
    for (number, book) in
        resolve(&world.registry, &world.stores, people).await.unwrap().into_iter().enumerate()
    {
        let own =
            [format!("account={number}"), format!("email=p{number}@example.com"), format!("order=o{number}")];
        assert_eq!(keys(&book.unwrap()), own);
    }
}

#[tokio::test]
async fn nobody_known_is_nobody_found() {
    let world = world();
    assert_eq!(found(&world, "nobody@example.com").await, ["email=nobody@example.com"]);
    for odd in ["%", "_@example.com", "' OR 1=1 --", "*"] {
        assert_eq!(found(&world, odd).await.len(), 1, "{odd}");
    }
}

#[tokio::test]
async fn a_preview_counts_what_each_right_would_touch_and_changes_nothing() -> Result<()> {
    let company = Company::with_taro().await?;
    let before = company.everything().await?;
    let of = |email: &str| PreviewOptions { book: person(&[("email", email)]).book, now: company.now() };
    let registry = &company.fulfilment.registry;
    let shown = preview(registry, &company.fulfilment.stores, of(TARO)).await?;
    let rows: Vec<String> = shown
        .collections
        .iter()
        .map(|one| format!("{}/{} {} {:?}", one.store, one.collection, one.rows, one.deletion))
        .collect();
    assert_eq!(
        rows,
        [
            r#"billing/invoice 2 ["payer null (after its keep)", "address anonymise"]"#,
            r#"shop/customer 2 ["email mask-email", "email_2 null", "name null", "phone mask-phone"]"#,
            r#"shop/orders 3 ["rows (after its keep)"]"#,
            r#"shop/item 4 ["rows"]"#,
            r#"shop/refund 2 ["note mask-text"]"#,
            r#"support/ticket 1 ["rows"]"#,
        ]
    );
    assert_eq!(preview(registry, &company.fulfilment.stores, of(HANAKO)).await?.collections.len(), 6);
    assert_eq!(company.everything().await?, before);
    Ok(())
}
