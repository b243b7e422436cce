//! Somebody else's data deleted out of spite.

use habeas_test_support::wait;
use habeas_tests::attack::{LIMIT, Party, Strike, VICTIM, VICTIM_OLD};
use reqwest::Method;
use serde_json::json;

/// Pavur and Knerr 2019 saw a request for a copy answered by deleting the account. Here somebody reads one of her mailboxes and
/// asks for a deletion; she is warned at the other, and says that it was not her.
#[tokio::test(flavor = "multi_thread")]
async fn the_person_who_is_warned_stops_a_malicious_deletion() {
    let mut strike = Strike::plan("a malicious deletion").await.unwrap();
    let thief = Party::new(&strike.target, &[VICTIM], "198.18.0.66").unwrap();
    let owner = Party::new(&strike.target, &[VICTIM_OLD], "198.18.0.7").unwrap();
    let id = strike.target.staff.ask(VICTIM, &["deletion"]).await.unwrap();
    strike.tally.attempt(1);
    thief.confirm().await.unwrap();
    let warning = owner.link("/confirm/").await.unwrap();
    let page = owner.open(&warning).await.unwrap().successful().unwrap();
    let stopped = owner.press(&page, &[]).await.unwrap();
    assert_eq!(stopped.status, 200);
    // Pressing the thief's own warning, or the first link again, starts nothing.
    let again = thief.mails().unwrap().into_iter().filter_map(|mail| mail.link_with("/confirm/").ok());
    for link in again {
        let page = thief.open(&link).await.unwrap();
        strike.tally.attempt(1);
        if !page.forms().is_empty() {
            thief.press(&page, &[]).await.unwrap();
        }
    }
    let staff = &strike.target.staff;
    let request = staff.request(&id).await.unwrap();
    strike.tally.tell("the request is marked as disputed", request["disputed_at"].is_string());
    let waits = request["waits_for"].as_array().unwrap().iter().any(|wait| wait == "staff-dispute");
    strike.tally.tell("it waits for staff", waits);
    let listed = staff.get("/v1/requests?disputed=true").await.unwrap();
    strike.tally.tell("it stands in the list of disputes", listed["items"].as_array().unwrap().len() == 1);
    let counted = wait::until("the metric", LIMIT, || async {
        staff.metrics().await.is_ok_and(|text| text.contains("habeas_disputes_total{in_time=\"true\"}"))
    });
    strike.tally.tell("ops' numbers count it", counted.await.is_ok());
    strike.attacker = thief;
    strike.count().await.unwrap();
    let settle = format!("/v1/requests/{id}/settle-dispute");
    let staff = &strike.target.staff;
    let (status, body) =
        staff.call(Method::POST, &settle, Some(&json!({ "decision": "upheld" }))).await.unwrap();
    assert!((200..300).contains(&status), "{status} {body}");
    staff.becomes(&id, "closed").await.unwrap();
    strike.settle().await.unwrap();
}

/// Whoever reads her mailbox asks for a deletion and, beside it, for copies. She stops the one that she is warned of; the others
/// stop with it, the copy that is ready to be fetched too, and what is asked afterwards waits.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_stops_a_deletion_stops_what_was_asked_beside_it() {
    let mut strike = Strike::plan("requests beside the one that is objected to").await.unwrap();
    strike.attacker = Party::new(&strike.target, &[VICTIM], "198.18.0.66").unwrap();
    let owner = Party::new(&strike.target, &[VICTIM_OLD], "198.18.0.7").unwrap();
    let mut asked = Vec::new();
    for right in ["access", "portability", "deletion"] {
        let before = strike.attacker.links("/confirm/").unwrap();
        asked.push(strike.target.staff.ask(VICTIM, &[right]).await.unwrap());
        if right == "portability" {
            strike.attacker.link_after(before, "/confirm/").await.unwrap();
        } else {
            strike.attacker.confirm_after(before).await.unwrap();
        }
        strike.quiet().await.unwrap();
    }
    let package = strike.attacker.link("/package/").await.unwrap();
    let unproven = strike.attacker.mails().unwrap().into_iter();
    let unproven: Vec<String> = unproven.filter_map(|mail| mail.link_with("/confirm/").ok()).collect();
    let page = owner.open(&owner.link("/confirm/").await.unwrap()).await.unwrap().successful().unwrap();
    assert_eq!(owner.press(&page, &[]).await.unwrap().status, 200);

    assert_eq!(
        strike.attacker.open(&package).await.unwrap().status,
        404,
        "the copy cannot be fetched any more"
    );
    for link in unproven {
        let page = strike.attacker.open(&link).await.unwrap();
        strike.tally.attempt(1);
        if !page.forms().is_empty() && !page.text().contains("This was not me") {
            strike.attacker.press(&page, &[]).await.unwrap();
        }
    }
    let before = strike.attacker.links("/confirm/").unwrap();
    asked.push(strike.ask_in_her_name().await.unwrap());
    strike.attacker.confirm_after(before).await.unwrap();
    strike.tally.attempt(2);
    strike.quiet().await.unwrap();
    assert_eq!(strike.attacker.links("/package/").unwrap(), 1, "no further copy is made");
    for id in &asked {
        let request = strike.target.staff.request(id).await.unwrap();
        let waits = request["waits_for"].as_array().unwrap().iter().any(|wait| wait == "staff-dispute");
        strike
            .tally
            .tell("each of her requests waits for staff", waits && request["disputed_at"].is_string());
    }
    strike.settle().await.unwrap();
}

/// The control: without an objection and without a time to object in, the same count sees her own deletion.
#[tokio::test(flavor = "multi_thread")]
async fn an_honest_deletion_is_seen_as_effects() {
    let mut strike = Strike::plan_with("an honest deletion", "[deletion]\ngrace_hours = 0\n").await.unwrap();
    let id = strike.target.staff.ask(VICTIM, &["deletion"]).await.unwrap();
    strike.victim.confirm().await.unwrap();
    strike.target.staff.becomes(&id, "closed").await.unwrap();
    strike.count().await.unwrap();
    assert_eq!((strike.tally.effects, strike.tally.disclosed), (5, 0), "{}", strike.tally);
}

/// A deletion that nobody confirms: the attacker wrote in her name, by mail and by ticket, and she presses nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_she_does_not_confirm_never_begins() {
    let mut strike =
        Strike::plan_with("a deletion in her name", "[deletion]\ngrace_hours = 0\n").await.unwrap();
    let text = "Please delete my account and erase all my personal data. I will not open any links for security reasons.";
    let letter = habeas_tests::attack::Letter::from(VICTIM, text).unaligned();
    strike.attacker.write(&letter).unwrap();
    let mails = strike.target.staff.decided(1).await.unwrap();
    let id = strike.target.staff.ask(VICTIM, &["deletion"]).await.unwrap();
    strike.tally.attempt(2);
    strike.quiet().await.unwrap();
    strike.tally.tell("the badge `unaligned`", mails[0]["authentication"] == "unaligned");
    let request = strike.target.staff.request(&id).await.unwrap();
    strike.tally.tell("the second request repeats the first", request["duplicate_of"].is_string());
    strike.settle().await.unwrap();
}
