//! Another telephone for the victim, asked for by whoever reads her mailbox, so that the second proof goes to him.

use habeas_tests::attack::{Aim, Party, Strike, VICTIM, VICTIM_OLD, VICTIM_PHONE};
use reqwest::Method;
use serde_json::{Value, json};

use super::facts::{RIGHT, answer};

for_either_copy!(a_telephone_that_was_changed_lately_proves_nobody);

/// What a copy takes.
const HIGH: &str = "[verification.levels.eu_gdpr]\naccess = \"high\"\n";

/// A telephone of the thief's.
const HIS: &str = "+819099999999";

fn correction() -> Value {
    let change = json!({ "category": "user.contact.phone", "type": "phone", "value": HIS });
    json!({ "subject": { "email": VICTIM }, "rights": ["correction"], "corrections": [change] })
}

fn thief(strike: &Strike) -> Party {
    Party::new(&strike.target, &[VICTIM], "198.18.0.66").unwrap()
}

/// Her telephone is a proof for whatever takes a second one, so changing it takes as much as the strictest of that.
#[tokio::test(flavor = "multi_thread")]
async fn the_mailbox_alone_brings_no_new_telephone() {
    let mut strike = Strike::plan_with("a new telephone by the mailbox alone", HIGH).await.unwrap();
    strike.attacker = thief(&strike);
    let id = strike.target.staff.submit(&correction()).await.unwrap();
    let step = strike.attacker.confirm().await.unwrap();
    strike.attacker.press_at(&step, "/sms-code/begin", &[]).await.unwrap();
    strike.tally.attempt(2);
    strike.quiet().await.unwrap();
    let texts = strike.target.texts.all();
    assert!(texts.iter().all(|text| text["to"] == VICTIM_PHONE), "a code went to the number that he named");
    let request = strike.target.staff.request(&id).await.unwrap();
    assert_eq!(request["state"], "awaiting-verification");
    let marked = request["level"] == "high" && request["more_proof"] == true;
    strike.tally.tell("the request is marked as taking more proof than it has", marked);
    strike.settle().await.unwrap();
}

/// Where the mailed link is enough, every address on file hears of the change before it is made.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_told_of_a_new_telephone_stops_it() {
    let mut strike = Strike::plan("a new telephone, objected to").await.unwrap();
    strike.attacker = thief(&strike);
    let owner = Party::new(&strike.target, &[VICTIM_OLD], "198.18.0.7").unwrap();
    let id = strike.target.staff.submit(&correction()).await.unwrap();
    strike.attacker.confirm().await.unwrap();
    strike.tally.attempt(1);
    let page = owner.open(&owner.link("/confirm/").await.unwrap()).await.unwrap().successful().unwrap();
    assert_eq!(owner.press(&page, &[]).await.unwrap().status, 200);
    let request = strike.target.staff.request(&id).await.unwrap();
    let waits = request["waits_for"].as_array().unwrap().iter().any(|wait| wait == "staff-dispute");
    strike.tally.tell("it is disputed and waits for staff", waits && request["disputed_at"].is_string());
    strike.settle().await.unwrap();
}

/// He knew enough to have the telephone changed, and nobody objected in time. For a month it proves nobody all the same.
async fn a_telephone_that_was_changed_lately_proves_nobody(aim: Aim) {
    let more = format!("{HIGH}[deletion]\ngrace_hours = 0\n");
    let mut strike =
        Strike::plan_with("a new telephone as the second proof", &more).await.unwrap().aiming_at(aim);
    strike.attacker = thief(&strike);
    let id = strike.target.staff.submit(&correction()).await.unwrap();
    let step = strike.attacker.confirm().await.unwrap();
    let questions = strike.attacker.press_at(&step, "/recent-dealings/begin", &[]).await.unwrap();
    assert_eq!(answer(&strike.attacker, &questions, &RIGHT).await.unwrap().status, 200);
    strike.target.staff.becomes(&id, "closed").await.unwrap();
    strike.count().await.unwrap();
    assert_eq!(strike.tally.effects, 1, "the telephone was changed: {}", strike.tally);
    strike.begin_again().await.unwrap();

    let asked = strike.attacker.links("/confirm/").unwrap();
    let id = strike.ask_in_her_name().await.unwrap();
    let step = strike.attacker.confirm_after(asked).await.unwrap();
    strike.attacker.press_at(&step, "/sms-code/begin", &[]).await.unwrap();
    strike.quiet().await.unwrap();
    let to_him = strike.target.texts.all().iter().filter(|text| text["to"] == HIS).count();
    assert_eq!(to_him, 0, "no code goes to a number that was written there lately");
    let staff = strike.target.staff.hire("colleague").await.unwrap();
    let contacts = staff.get(&format!("/v1/requests/{id}/contacts")).await.unwrap();
    assert_eq!(contacts["phones"], json!([]));
    let call = json!({ "method": "call-back", "outcome": "passed", "note": "He answered." });
    let (status, body) =
        staff.call(Method::POST, &format!("/v1/requests/{id}/evidence"), Some(&call)).await.unwrap();
    strike.tally.attempt(2);
    let told = body["detail"].as_str().is_some_and(|detail| detail.contains("no telephone number"));
    strike.tally.tell("staff are told that there is no number to call", status == 409 && told);
    strike.settle().await.unwrap();
}
