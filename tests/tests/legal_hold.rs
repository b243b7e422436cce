//! A legal hold against the running daemon: nothing of the person is deleted until it is lifted.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use habeas_test_support::wait;
use habeas_tests::attack::{LIMIT, Strike, VICTIM, VICTIM_OLD};
use reqwest::Method;
use serde_json::{Value, json};

/// Why, as the legal department writes it: nobody else is to read it.
const MATTER: &str = "Quince v. Example";

async fn waits_for_the_hold(strike: &Strike, id: &str) -> Value {
    wait::value("the deletion to be held", LIMIT, || async {
        let request = strike.target.staff.request(id).await.ok()?;
        let held = request["waits_for"].as_array()?.iter().any(|wait| wait == "legal-hold");
        held.then_some(request)
    })
    .await
    .unwrap()
}

/// The hold names the address that she used years ago; she asks from the one that she uses now. The store says that both
/// are one customer.
#[tokio::test(flavor = "multi_thread")]
async fn a_hold_on_another_address_of_the_person_stops_the_deletion_until_it_is_lifted() {
    let mut strike =
        Strike::plan_with("a deletion against a hold", "[deletion]\ngrace_hours = 0\n").await.unwrap();
    let staff = &strike.target.staff;
    let body = json!({ "keys": [{ "key": "email", "value": VICTIM_OLD }], "reason": MATTER });
    let (status, placed) = staff.call(Method::POST, "/v1/holds", Some(&body)).await.unwrap();
    assert_eq!((status, placed["stopped"].as_array().map(Vec::len)), (201, Some(0)), "{placed}");
    let hold = placed["id"].as_str().unwrap().to_owned();
    let id = staff.ask(VICTIM, &["access", "deletion"]).await.unwrap();
    strike.victim.confirm().await.unwrap();
    strike.victim.link("/package/").await.unwrap();
    let request = waits_for_the_hold(&strike, &id).await;
    let standing: Vec<(&str, &str)> = request["jobs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|job| (job["right"].as_str().unwrap(), job["state"].as_str().unwrap()))
        .collect();
    assert_eq!(standing, [("access", "ended"), ("deletion", "held")], "copies go on");
    strike.count().await.unwrap();
    assert_eq!(strike.tally.effects, 0, "nothing is deleted against a hold");
    let staff = &strike.target.staff;
    let metrics = || async {
        staff.metrics().await.is_ok_and(|text| {
            text.lines().any(|line| line == "habeas_jobs_held 1")
                && text.lines().any(|line| line == "habeas_legal_holds 1")
        })
    };
    wait::until("ops' numbers to count it", LIMIT, metrics).await.unwrap();
    let lift = format!("/v1/holds/{hold}/lift");
    let (status, lifted) =
        staff.call(Method::POST, &lift, Some(&json!({ "note": "settled" }))).await.unwrap();
    assert_eq!((status, lifted["resumed"].as_array().map(Vec::len)), (200, Some(1)), "{lifted}");
    staff.becomes(&id, "closed").await.unwrap();
    strike.count().await.unwrap();
    assert_eq!(strike.tally.effects, 5, "all of her rows, and nobody else's");
    let mails = strike.victim.mails().unwrap();
    let told = mails.iter().any(|mail| format!("{mail:?}").contains(MATTER));
    let log = strike.target.log().unwrap();
    assert!(!told && !log.contains(MATTER) && !log.contains(VICTIM_OLD), "the matter is told to nobody");
    strike.target.run(&["audit", "verify"]).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_refuse_what_a_hold_stops_without_a_word_about_it() {
    let mut strike =
        Strike::plan_with("a refusal under a hold", "[deletion]\ngrace_hours = 0\n").await.unwrap();
    let staff = &strike.target.staff;
    let body = json!({ "keys": [{ "key": "customer_id", "value": "1001" }], "reason": MATTER });
    let (status, placed) = staff.call(Method::POST, "/v1/holds", Some(&body)).await.unwrap();
    assert_eq!(status, 201, "{placed}");
    let id = staff.ask(VICTIM, &["deletion"]).await.unwrap();
    strike.victim.confirm().await.unwrap();
    let request = waits_for_the_hold(&strike, &id).await;
    let refuse = format!("/v1/jobs/{}/refuse", request["jobs"][0]["id"].as_str().unwrap());
    let staff = &strike.target.staff;
    let body = json!({ "code": "legal-claims" });
    let (status, answer) = staff.call(Method::POST, &refuse, Some(&body)).await.unwrap();
    assert!((200..300).contains(&status), "{status} {answer}");
    staff.becomes(&id, "closed").await.unwrap();
    strike.count().await.unwrap();
    assert_eq!(strike.tally.effects, 0);
    let mails = strike.victim.mails().unwrap();
    let letters: Vec<String> = mails.iter().map(|mail| format!("{mail:?}")).collect();
    assert!(letters.iter().any(|letter| letter.contains("17(3)(e)")), "the article is told");
    assert!(!letters.iter().any(|letter| letter.contains(MATTER)), "the matter is not");
}
