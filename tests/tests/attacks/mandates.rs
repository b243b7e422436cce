//! A mandate where the law lets it stand in for the person's own word: forged, and believed by both who look at it.

use habeas_tests::attack::{MALLORY, Staff, Strike, VICTIM, VICTIM_OLD};
use reqwest::Method;
use serde_json::{Value, json};

const FORGED: &[u8] = b"%PDF-1.7 a power of attorney with a signature that is not hers";

fn on_behalf(person: &str) -> Value {
    json!({
        "subject": { "email": person }, "rights": ["access"], "regime": "jp_appi",
        "agent": { "name": "Mallory Agent", "email": MALLORY, "mandate": "power-of-attorney" },
    })
}

/// Asks for the mandate of a request, and hands the forged one in; the paper's address for judging, and what the page answered.
async fn hand_in(strike: &Strike, id: &str) -> (String, u16) {
    let before = strike.attacker.links("/paper/").unwrap();
    let ask = json!({ "kind": "mandate", "reason": "The law lets it stand in for her word." });
    let path = format!("/v1/requests/{id}/ask-paper");
    let (status, asked) = strike.target.staff.call(Method::POST, &path, Some(&ask)).await.unwrap();
    assert_eq!(status, 201, "{asked}");
    let link = strike.attacker.link_after(before, "/paper/").await.unwrap();
    let page = strike.attacker.open(&link).await.unwrap();
    let taken = strike.attacker.hand_in(&page, "paper", FORGED).await.unwrap().status;
    (format!("/v1/papers/{}/judge", asked["id"].as_str().unwrap()), taken)
}

async fn believed(strike: &Strike, judge: &str, by: [&Staff; 2]) {
    for who in by {
        let verdict = json!({ "decision": "accepted", "note": "It looks right.", "agent_receives": true });
        let (status, body) = who.call(Method::POST, judge, Some(&verdict)).await.unwrap();
        assert_eq!(status, 200, "{body}");
    }
    strike.quiet().await.unwrap();
}

/// Boniface et al. 2019: a signature on a sheet is easily made. Both who look at it are fooled; she hears of it at every address
/// before anything is made, and stops it.
#[tokio::test(flavor = "multi_thread")]
async fn she_stops_what_two_who_were_fooled_let_through() {
    let mut strike = Strike::plan("a forged mandate that counts").await.unwrap();
    let (one, other) =
        (strike.target.staff.hire("one").await.unwrap(), strike.target.staff.hire("other").await.unwrap());
    let id = strike.target.staff.submit(&on_behalf(VICTIM)).await.unwrap();
    strike.attacker.confirm().await.unwrap();
    strike.victim.link("/confirm/").await.unwrap();
    let before = strike.victim.links("/confirm/").unwrap();
    let (judge, taken) = hand_in(&strike, &id).await;
    assert_eq!(taken, 200);
    believed(&strike, &judge, [&one, &other]).await;
    strike.tally.attempt(1);
    let packages = &strike.target.staff.request(&id).await.unwrap()["packages"];
    assert_eq!(packages, &json!([]), "nothing is made before the time to object is over");
    let owner = habeas_tests::attack::Party::new(&strike.target, &[VICTIM_OLD], "198.18.0.7").unwrap();
    let stop = owner.link("/confirm/").await.unwrap();
    assert_eq!(strike.victim.links("/confirm/").unwrap(), before + 2, "she is told at both of her addresses");
    let page = owner.open(&stop).await.unwrap().successful().unwrap();
    assert_eq!(owner.press(&page, &[]).await.unwrap().status, 200);
    strike.target.age("UPDATE job SET grace_until = 1").await.unwrap();
    strike.quiet().await.unwrap();
    assert_eq!(strike.attacker.links("/package/").unwrap(), 0);
    let request = strike.target.staff.request(&id).await.unwrap();
    let waits = request["waits_for"].as_array().unwrap().iter().any(|wait| wait == "staff-dispute");
    strike.tally.tell("it is disputed and waits for staff", waits && request["disputed_at"].is_string());

    // The same paper for somebody else.
    let second = strike.target.staff.submit(&on_behalf("taro@people.test")).await.unwrap();
    assert_eq!(hand_in(&strike, &second).await.1, 422, "a document that was handed in for somebody else");
    strike.tally.attempt(1);
    let request = strike.target.staff.request(&second).await.unwrap();
    strike.tally.tell("the request says that a document came again", request["review_reason"].is_string());
    strike.settle().await.unwrap();
}

/// The control: without a time to object in, the same count sees what a believed forgery gives away.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_time_to_object_a_believed_forgery_is_seen_as_disclosed() {
    let strike = Strike::plan_with("a believed mandate", "[deletion]\ngrace_hours = 0\n").await.unwrap();
    let (one, other) =
        (strike.target.staff.hire("one").await.unwrap(), strike.target.staff.hire("other").await.unwrap());
    let id = strike.target.staff.submit(&on_behalf(VICTIM)).await.unwrap();
    strike.attacker.confirm().await.unwrap();
    let (judge, _) = hand_in(&strike, &id).await;
    believed(&strike, &judge, [&one, &other]).await;
    strike.attacker.fetch(&strike.attacker.link("/package/").await.unwrap()).await.unwrap();
    assert!(strike.attacker.saw().unwrap() > 0);
}
