//! Rows of two people: who called, and who was called. What is one's is never the other's.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use habeas_domain::{EmailAddress, JobState, Outcome, RequestId, Right, approval::ApprovalPolicy};
use habeas_fulfilment::{FileRoom, PreviewOptions, preview, resolve};
use serde_json::{Value, json};

use crate::{
    company::{Company, HANAKO, TARO},
    manifests::{CALL, registry_with_calls},
    memory::{World, keys, person},
    wrapped::Wrong,
};

const PHONES: &str = r#"
[[collection]]
name = "account"
fields.email = { key = "email" }
fields.phone = { key = "phone", category = "user.phone" }
delete = "rows"
[[collection]]
name = "calls"
fields.from = { side = "caller", key = "phone", category = "user.phone", delete = "null" }
fields.card = { side = "caller", key = "card", delete = "null" }
fields.to   = { side = "callee", key = "phone", category = "user.phone", delete = "null" }
fields.mail = { side = "callee", key = "email", category = "user.email", delete = "null" }
"#;

/// A called B, B called C, and C called A; each has an account.
fn world() -> World {
    let world = World::new(&[("tel", PHONES)]);
    for (mail, phone) in [("a@example.com", "1"), ("b@example.com", "2"), ("c@example.com", "3")] {
        world.row("tel", "account", &[mail, phone]);
    }
    world.row("tel", "calls", &["1", "card-a", "2", "b@example.com"]);
    world.row("tel", "calls", &["2", "card-b", "3", "c@example.com"]);
    world.row("tel", "calls", &["3", "card-c", "1", "a2@example.com"]);
    world
}

#[tokio::test]
async fn no_key_crosses_from_one_side_of_a_row_to_the_other() {
    let world = world();
    // All together, so that both sides of each row are asked for at the same time.
    let people = ["a", "b", "c"].map(|one| person(&[("email", &format!("{one}@example.com"))]));
    let found = resolve(&world.registry, &world.stores, people.to_vec()).await.unwrap();
    let found: Vec<Vec<String>> = found.iter().skip(1).map(|one| keys(one.as_ref().unwrap())).collect();
    assert_eq!(
        found,
        [
            ["card=card-b", "email=b@example.com", "phone=2"],
            ["card=card-c", "email=c@example.com", "phone=3"]
        ]
    );
}

/// On one's own side all is as in any row: another address than the proven one stops the request, and only there.
#[tokio::test]
async fn only_ones_own_side_contradicts() {
    let world = world();
    let mut people = ["a", "b"].map(|one| person(&[("email", &format!("{one}@example.com"))])).to_vec();
    people.push(person(&[("phone", "2")]));
    let found = resolve(&world.registry, &world.stores, people).await.unwrap();
    assert!(found[0].is_err(), "the callee of the third call is A, with another address");
    assert!(found[1].is_ok(), "whom B called or was called by has other addresses, which are theirs");
    assert_eq!(keys(found[2].as_ref().unwrap()), ["card=card-b", "email=b@example.com", "phone=2"]);
}

/// A code goes to one's own number, not to whom one called.
#[tokio::test]
async fn the_other_side_is_no_way_to_the_person() {
    let world = world();
    world.row("tel", "account", &["d@example.com", "+819000000004"]);
    world.row("tel", "calls", &["+819000000004", "-", "+819000000005", "e@example.com"]);
    world.row("tel", "calls", &["+819000000006", "-", "+819000000004", "d@example.com"]);
    let room = FileRoom::new(Arc::new(world.registry.clone()), world.stores.clone());
    let facts = room.of(&EmailAddress::parse("d@example.com").unwrap()).await.unwrap();
    let phones: Vec<&str> = facts.phones.iter().map(habeas_domain::PhoneNumber::as_str).collect();
    assert_eq!(phones, ["+819000000004"]);
}

pub(crate) const CALLS: &str = "CREATE TABLE call (id INTEGER PRIMARY KEY, from_id INTEGER, from_number TEXT, from_name TEXT,
         to_id INTEGER, to_number TEXT, to_name TEXT, seconds INTEGER);
     INSERT INTO call VALUES (1, 1, '090-1111', '山田太郎', 4, '090-4444', '佐藤花子', 60),
     (2, 4, '090-4445', '佐藤 花子', 1, '090-1112', '山田 太郎', 70), (3, 1, '090-1111', '山田太郎', 3, '090-3333', '山田太郎', 80),
     (4, 4, '090-4444', '佐藤花子', 5, '090-5555', '鈴木一郎', 90);";

/// What the table of calls holds.
pub(crate) const ALL: &str = "SELECT concat_ws('|', id, ifnull(from_id, '-'), ifnull(from_number, '-'), ifnull(from_name, '-'), ifnull(to_id, '-'), \
     ifnull(to_number, '-'), ifnull(to_name, '-'), seconds) FROM call ORDER BY id";

/// The company with a table of calls between Taro, Hanako and somebody else.
pub(crate) async fn company() -> Result<Company> {
    let mut company = Company::with_taro().await?;
    company.sql("shop", CALLS).await?;
    company.fulfilment.registry = Arc::new(registry_with_calls(CALL));
    Ok(company)
}

/// What a receipt says of the calls: the side, and the rows found and changed.
async fn counted(company: &Company, request: RequestId) -> Result<Vec<(String, u64, u64)>> {
    let [receipt] = &company.receipts(request).await?[..] else { panic!("one receipt") };
    let stores = receipt["stores"].as_array().context("no stores")?;
    let all = stores.iter().filter_map(|one| one["did"]["collections"].as_array()).flatten();
    let calls = all.filter(|one| one["collection"] == "call");
    let number = |value: &Value| value.as_u64().unwrap();
    let told = |one: &Value| {
        (one["side"].as_str().unwrap().to_owned(), number(&one["matched"]), number(&one["changed"]))
    };
    Ok(calls.map(told).collect())
}

#[tokio::test]
async fn each_gets_their_own_side_and_nothing_of_the_others() -> Result<()> {
    let company = company().await?;
    let both = [Right::Access, Right::Portability];
    let taro = company.submit(TARO, &both, &[]).await?;
    let hanako = company.submit(HANAKO, &both, &[]).await?;
    company.start();
    company.closed(taro).await?;
    company.closed(hanako).await?;
    company.stop().await?;
    let (his, hers) =
        (company.package(taro, Right::Access).await?, company.package(hanako, Right::Access).await?);
    for foreign in ["090-444", "佐藤", "090-5555", "鈴木", HANAKO] {
        assert!(!his.holds(foreign), "{foreign} is not Taro's");
    }
    for foreign in ["090-111", "090-3333", "山田", "090-5555", "鈴木", TARO] {
        assert!(!hers.holds(foreign), "{foreign} is not Hanako's");
    }
    let row = |from: &str, from_name: &str, to: &str, to_name: &str, seconds: u32| {
        let text = |text: &str| if text.is_empty() { Value::Null } else { json!(text) };
        json!({ "from_number": text(from), "from_name": text(from_name), "to_number": text(to), "to_name": text(to_name), "seconds": seconds })
    };
    assert_eq!(
        his.rows("shop", "call"),
        [
            row("090-1111", "山田太郎", "", "", 60),
            row("", "", "090-1112", "山田 太郎", 70),
            row("090-1111", "山田太郎", "090-3333", "山田太郎", 80),
        ]
    );
    assert_eq!(
        hers.rows("shop", "call"),
        [
            row("", "", "090-4444", "佐藤花子", 60),
            row("090-4445", "佐藤 花子", "", "", 70),
            row("090-4444", "佐藤花子", "", "", 90),
        ]
    );
    let why = &his.files["withheld.html"];
    for told in ["Calls: to_name", "通話：from_number", "GDPR art. 15(4) and 20(4)", "ほかの方の権利"]
    {
        assert!(why.contains(told), "{told}: {why}");
    }
    assert_eq!((his.verified.content.withheld, hers.verified.content.withheld), (4, 4));
    let portable = company.package(taro, Right::Portability).await?;
    assert!(!portable.holds("佐藤") && portable.holds("山田太郎"));
    assert_eq!(portable.rows("shop", "call")[0], json!({ "from_name": "山田太郎", "to_name": null }));
    assert!(portable.files["withheld.html"].contains("Calls: to_name"));
    Ok(())
}

#[tokio::test]
async fn a_deletion_leaves_the_other_side_as_it_was() -> Result<()> {
    let company = company().await?;
    company.start();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    company.closed(request).await?;
    assert_eq!(
        company.rows("shop", ALL).await?,
        [
            "1|-|-|-|4|090-4444|佐藤花子|60",
            "2|4|090-4445|佐藤 花子|-|-|-|70",
            "3|-|-|-|-|-|-|80",
            "4|4|090-4444|佐藤花子|5|090-5555|鈴木一郎|90",
        ]
    );
    let side = |name: &str, rows: u64| (name.to_owned(), rows, rows);
    assert_eq!(counted(&company, request).await?, [side("caller", 2), side("callee", 2)]);
    let later = company.submit(HANAKO, &[Right::Access], &[]).await?;
    company.closed(later).await?;
    company.stop().await?;
    let hers = company.package(later, Right::Access).await?;
    assert_eq!(hers.rows("shop", "call").len(), 3);
    assert!(!hers.holds("山田") && !hers.holds("鈴木") && hers.holds("佐藤 花子"));
    assert_eq!(hers.verified.content.withheld, 2, "of the third person; of Taro nothing is held");
    Ok(())
}

/// Both sides of a row in one statement, and each counted for whose it is.
#[tokio::test]
async fn two_who_called_each_other_are_deleted_together() -> Result<()> {
    let company = company().await?;
    let taro = company.submit(TARO, &[Right::Deletion], &[]).await?;
    let hanako = company.submit(HANAKO, &[Right::Deletion], &[]).await?;
    company.start();
    company.closed(taro).await?;
    company.closed(hanako).await?;
    company.stop().await?;
    assert_eq!(
        company.rows("shop", ALL).await?,
        ["1|-|-|-|-|-|-|60", "2|-|-|-|-|-|-|70", "3|-|-|-|-|-|-|80", "4|-|-|-|5|090-5555|鈴木一郎|90"]
    );
    let side = |name: &str, rows: u64| (name.to_owned(), rows, rows);
    assert_eq!(counted(&company, taro).await?, [side("caller", 2), side("callee", 2)]);
    assert_eq!(counted(&company, hanako).await?, [side("caller", 2), side("callee", 1)]);
    Ok(())
}

/// A run that was cut off after it had changed the store finds each side again by the keys of the plan.
#[tokio::test]
async fn a_deletion_that_is_cut_off_is_proven_side_by_side() -> Result<()> {
    let company = company().await?;
    company.stores["shop"].goes(Wrong::DoneThenTimeout);
    company.start();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    company.closed(request).await?;
    company.stop().await?;
    assert_eq!(company.stores["shop"].changes(), 2);
    let left = company.rows("shop", ALL).await?;
    assert_eq!(left[..2], ["1|-|-|-|4|090-4444|佐藤花子|60", "2|4|090-4445|佐藤 花子|-|-|-|70"]);
    Ok(())
}

#[tokio::test]
async fn a_correction_changes_ones_own_side_alone() -> Result<()> {
    let company = company().await?;
    company.start();
    let name = ("user.name", "name", "山田 多朗");
    let request = company.submit(TARO, &[Right::Correction], &[name]).await?;
    let view = company.closed(request).await?;
    company.stop().await?;
    assert_eq!(view.outcome, Some(Outcome::Done), "{:?}", company.post.ends(request));
    let names = "SELECT concat_ws('|', from_name, to_name) FROM call ORDER BY id";
    assert_eq!(
        company.rows("shop", names).await?,
        ["山田 多朗|佐藤花子", "佐藤 花子|山田 多朗", "山田 多朗|山田 多朗", "佐藤花子|鈴木一郎"]
    );
    Ok(())
}

#[tokio::test]
async fn a_preview_says_on_which_side_the_person_stands() -> Result<()> {
    let company = company().await?;
    let registry = &company.fulfilment.registry;
    let options = PreviewOptions { book: person(&[("customer_id", "5")]).book, now: company.now() };
    let shown = preview(registry, &company.fulfilment.stores, options).await?;
    let [calls] = &shown.collections[..] else { panic!("{shown:?}") };
    let fields: Vec<&str> = calls.access.iter().map(habeas_domain::FieldName::as_str).collect();
    assert_eq!(fields, ["to_number", "to_name", "seconds"]);
    assert_eq!(calls.deletion, ["to_id null", "to_number null", "to_name null"]);
    let sides = serde_json::to_value(&calls.sides)?;
    assert_eq!((calls.rows, sides), (1, json!({ "own": { "callee": 1 }, "with_others": 1 })));
    let options = PreviewOptions { book: person(&[("email", TARO)]).book, now: company.now() };
    let shown = preview(registry, &company.fulfilment.stores, options).await?;
    let calls = shown.collections.iter().find(|one| one.collection.as_str() == "call").context("no calls")?;
    let sides = serde_json::to_value(&calls.sides)?;
    assert_eq!((calls.rows, sides), (3, json!({ "own": { "caller": 2, "callee": 2 }, "with_others": 2 })));
    Ok(())
}

/// `habeas store check` says it before; where the store changed since, nothing is done at all.
#[tokio::test]
async fn a_store_that_would_take_the_other_side_too_is_not_touched() -> Result<()> {
    let mut company = Company::with_taro().await?;
    let cascades = "seconds INTEGER, order_id INTEGER REFERENCES orders (id) ON DELETE CASCADE";
    company.sql("shop", &CALLS.replace("seconds INTEGER", cascades).replace("0)", "0, 10)")).await?;
    company.fulfilment.registry = Arc::new(registry_with_calls(CALL));
    let before = company.rows("shop", ALL).await?;
    company.start();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    company.job_becomes(request, Right::Deletion, JobState::Stalled).await?;
    company.stop().await?;
    let parked = company.parked().await?;
    let fault = parked.first().and_then(|work| work.fault.as_ref()).context("nothing is parked")?;
    assert_eq!(fault.code, "takes-others", "{fault:?}");
    assert_eq!(company.rows("shop", "SELECT CAST(id AS TEXT) FROM orders").await?.len(), 4);
    assert_eq!(company.rows("shop", ALL).await?, before);
    Ok(())
}

/// A plan that was made before the manifest told the sides took the other person's key for Taro's own. What it had found is
/// not gone on with once the manifest tells them.
#[tokio::test]
async fn what_a_plan_without_sides_had_found_is_forgotten() -> Result<()> {
    let mut company = company().await?;
    let strangers = "DELETE FROM call; INSERT INTO call VALUES (1, 1, '090-1111', '山田太郎', 5, '090-5555', '鈴木一郎', 60),
                     (2, 5, '090-5555', '鈴木一郎', 6, '090-6666', '田中', 70);";
    company.sql("shop", strangers).await?;
    let silent = CALL.replace("side = \"caller\", ", "").replace("side = \"callee\", ", "");
    company.fulfilment.registry = Arc::new(registry_with_calls(&silent));
    company.policy = ApprovalPolicy::OnePerson;
    company.start_with_grace();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    company.approve(request, Right::Deletion).await?;
    company.warned(request).await?;
    company.stop().await?;
    company.fulfilment.registry = Arc::new(registry_with_calls(CALL));
    company.start_with_grace();
    company.end_grace(TimeDelta::hours(73)).await?;
    company.approve(request, Right::Deletion).await?;
    company.closed(request).await?;
    company.stop().await?;
    assert_eq!(
        company.rows("shop", ALL).await?,
        ["1|-|-|-|5|090-5555|鈴木一郎|60", "2|5|090-5555|鈴木一郎|6|090-6666|田中|70"]
    );
    Ok(())
}
