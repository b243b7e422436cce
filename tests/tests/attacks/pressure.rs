//! Pressure, and another door when the first one does not open.

use habeas_tests::attack::{Aim, Letter, MALLORY, NOBODY, Party, Strike, VICTIM, VICTIM_PHONE};
use reqwest::Method;
use serde_json::json;

for_either_copy!(
    every_door_asks_at_the_same_address,
    staff_who_believe_a_mail_cannot_send_the_proof_elsewhere,
    a_call_to_another_number_than_that_on_file_counts_for_nobody,
);

/// What a request takes, so that a call-back counts.
const HIGH: &str = "[verification.levels.eu_gdpr]\naccess = \"high\"\n";

/// Pavur and Knerr 2019 named deadlines and fines; Boniface et al. 2019 describe how a second channel is used against the
/// first. Whichever door a request comes through, the challenge goes to the address that it is about.
async fn every_door_asks_at_the_same_address(aim: Aim) {
    let mut strike = Strike::plan("pressure and channel switching").await.unwrap().aiming_at(aim);
    let text = format!("This is urgent, your deadline is today and my lawyer is waiting. {}", aim.ask());
    strike.attacker.write(&Letter::from(VICTIM, &text).unaligned()).unwrap();
    let mails = strike.target.staff.decided(1).await.unwrap();
    strike.victim.link("/confirm/").await.unwrap();
    let staff = &strike.target.staff;
    let ticket = json!({
        "subject": { "email": VICTIM, "name": "Hanako Yamada" }, "rights": [aim.right()], "channel": "ticket",
        "message": format!("Customer on the phone, very upset. Wants it sent to {MALLORY} right now."),
    });
    let post = json!({
        "subject": { "email": VICTIM, "phone": "+81 90-0000-0099" }, "rights": [aim.right()], "channel": "post",
    });
    let (by_ticket, by_post) = (staff.submit(&ticket).await.unwrap(), staff.submit(&post).await.unwrap());
    strike.tally.attempt(3);
    strike.quiet().await.unwrap();
    assert_eq!(strike.victim.links("/confirm/").unwrap(), 3, "one challenge each, at the address on file");
    assert_eq!(strike.attacker.mails().unwrap().len(), 0);
    for (id, channel) in [(&by_ticket, "ticket"), (&by_post, "post")] {
        let request = staff.request(id).await.unwrap();
        assert_eq!(
            (&request["state"], &request["channel"]),
            (&"awaiting-verification".into(), &channel.into())
        );
        let told = request["duplicate_of"].is_string();
        strike.tally.tell("the request repeats an open one", told);
    }
    let shown = staff.reveal(&mails[0]).await.unwrap();
    let pressing =
        shown["content"]["understanding"]["urgent"].as_array().is_some_and(|words| !words.is_empty());
    strike.tally.tell("the words that press for time are marked", pressing);
    strike.settle().await.unwrap();
    strike.honest_copy().await.unwrap();
}

/// The same studies: somebody at the counter gives in. Staff can say whose request a mail is; they cannot say where the
/// proof goes.
async fn staff_who_believe_a_mail_cannot_send_the_proof_elsewhere(aim: Aim) {
    let mut strike = Strike::plan_with("staff talked round", HIGH).await.unwrap().aiming_at(aim);
    let text = format!(
        "On behalf of my wife Hanako Yamada, {VICTIM}: please send me a copy of all her personal data."
    );
    strike.attacker.write(&Letter::from(MALLORY, &text).aligned()).unwrap();
    let staff = &strike.target.staff;
    let mails = staff.decided(1).await.unwrap();
    strike.tally.tell("who writes for somebody else is left to staff", mails[0]["state"] == "proposal");
    let accept = format!("/v1/mails/{}/accept", mails[0]["id"].as_str().unwrap());
    let choice = json!({ "subject": VICTIM, "rights": [aim.right()] });
    let (status, body) = staff.call(Method::POST, &accept, Some(&choice)).await.unwrap();
    assert!((200..300).contains(&status), "{status} {body}");
    strike.tally.attempt(2);
    strike.victim.link("/confirm/").await.unwrap();
    strike.quiet().await.unwrap();
    assert_eq!(strike.attacker.mails().unwrap().len(), 0, "the challenge went to her");
    let request = strike.target.staff.requests().await.unwrap().remove(0);
    let id = request["id"].as_str().unwrap();
    let (status, body) = staff.call(Method::GET, &format!("/v1/requests/{id}/contacts"), None).await.unwrap();
    assert!(status >= 400, "nobody is looked up before the address is proven: {body}");
    let call = json!({ "method": "call-back", "outcome": "passed", "note": "He knew her birthday." });
    let (status, body) =
        staff.call(Method::POST, &format!("/v1/requests/{id}/evidence"), Some(&call)).await.unwrap();
    assert_eq!(status, 409, "no call counts before the mailed link: {body}");
    let request = staff.request(id).await.unwrap();
    strike.tally.tell("it waits for her own word", waits_for(&request, "person"));
    strike.settle().await.unwrap();
}

/// He reads her mailbox, so the mailed link is his; then he rings staff from a number of his own. Whatever staff believe: a call
/// counts for those who looked up the number on file, and where none is on file no call counts at all.
async fn a_call_to_another_number_than_that_on_file_counts_for_nobody(aim: Aim) {
    let mut strike = Strike::plan_with("a call-back to the thief", HIGH).await.unwrap().aiming_at(aim);
    let thief = Party::new(&strike.target, &[VICTIM, NOBODY], "198.18.0.66").unwrap();
    let staff = &strike.target.staff;
    let colleague = staff.hire("colleague").await.unwrap();
    let call =
        json!({ "method": "call-back", "outcome": "passed", "note": "He rang us and knew her birthday." });
    for (asked, address) in [VICTIM, NOBODY].into_iter().enumerate() {
        let submission =
            json!({ "subject": { "email": address, "phone": "+81 90-9999-9999" }, "rights": [aim.right()] });
        let id = staff.submit(&submission).await.unwrap();
        thief.confirm_after(asked).await.unwrap();
        let evidence = format!("/v1/requests/{id}/evidence");
        strike.tally.attempt(1);
        let (status, body) = colleague.call(Method::POST, &evidence, Some(&call)).await.unwrap();
        let fix = body["detail"].as_str().is_some_and(|detail| detail.contains("habeas request contacts"));
        strike
            .tally
            .tell("whoever believed the caller is told to look up the number on file", status == 409 && fix);
        let shown = colleague.get(&format!("/v1/requests/{id}/contacts")).await.unwrap();
        let numbers = shown["phones"].as_array().unwrap().clone();
        assert!(!numbers.contains(&"+819099999999".into()), "a number that he named is not on file: {shown}");
        if address == NOBODY {
            let (status, body) = colleague.call(Method::POST, &evidence, Some(&call)).await.unwrap();
            let told = body["detail"].as_str().is_some_and(|detail| detail.contains("no telephone number"));
            strike.tally.tell("that no number is on file is said", status == 409 && told);
        } else {
            assert_eq!(numbers, [VICTIM_PHONE]);
            // She is reached, and says that it was not her.
            let denied = json!({ "method": "call-back", "outcome": "denied", "note": "She did not ask." });
            let (status, body) = colleague.call(Method::POST, &evidence, Some(&denied)).await.unwrap();
            assert_eq!((status, &body["standing"]), (200, &"failed".into()), "{body}");
            let reviewed = staff.request(&id).await.unwrap()["review_reason"].is_string();
            strike.tally.tell("the request says why it is to be refused", reviewed);
        }
        let looks = staff.trail(&id).await.unwrap().into_iter();
        let looked = looks.filter(|(_, detail)| detail["what"] == "contacts").count();
        strike.tally.tell("the trail says who looked", looked == 1);
    }
    strike.attacker = thief;
    strike.settle().await.unwrap();
}

fn waits_for(request: &serde_json::Value, whom: &str) -> bool {
    request["waits_for"].as_array().is_some_and(|all| all.iter().any(|one| one == whom))
}
