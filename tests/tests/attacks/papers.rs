//! Papers that were forged, handed in where papers are asked for.

use habeas_tests::attack::{Aim, Staff, Strike, VICTIM};
use reqwest::Method;
use serde_json::json;

for_either_copy!(a_forged_card_proves_nobody);

const CARD: &[u8] = b"%PDF-1.7 a card with her name and his photograph";

/// Boniface et al. 2019: companies ask for an identity card of their own accord. Here nobody can, however hard they are
/// pressed, unless the company has switched it on.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_can_be_talked_into_asking_for_a_card() {
    let mut strike = Strike::plan("an offer to show a card").await.unwrap();
    let id = strike.ask_in_her_name().await.unwrap();
    let ask =
        json!({ "kind": "identity-document", "reason": "She says that she would rather show her card." });
    let path = format!("/v1/requests/{id}/ask-paper");
    let (status, body) = strike.target.staff.call(Method::POST, &path, Some(&ask)).await.unwrap();
    strike.tally.attempt(1);
    assert_eq!(status, 409, "{body}");
    strike.tally.tell("the refusal says what would have to be switched on", body["detail"].is_string());
    let listed = strike.target.staff.get(&format!("/v1/requests/{id}/papers")).await.unwrap();
    assert!(listed.to_string().contains("[]"), "{listed}");
    strike.settle().await.unwrap();
}

/// Di Martino et al. 2019 edited a card, and it was believed. Here the link to hand it in goes to her mailbox; suppose that it was
/// stolen there. Nobody can accept the card before her mailbox is proven, nor alone, nor whoever asked for it.
async fn a_forged_card_proves_nobody(aim: Aim) {
    let mut strike = Strike::plan_with("a forged card", "[verification]\ndocuments = true\n")
        .await
        .unwrap()
        .aiming_at(aim);
    let staff = &strike.target.staff;
    let (one, other) = (staff.hire("one").await.unwrap(), staff.hire("other").await.unwrap());
    let id = staff.ask(VICTIM, &[aim.right()]).await.unwrap();
    let ask = json!({ "kind": "identity-document", "reason": "Doubts." });
    let path = format!("/v1/requests/{id}/ask-paper");
    let (status, asked) = staff.call(Method::POST, &path, Some(&ask)).await.unwrap();
    assert_eq!(status, 201, "{asked}");
    let stolen = strike.victim.link("/paper/").await.unwrap();
    strike.quiet().await.unwrap();
    assert_eq!(strike.attacker.mails().unwrap().len(), 0, "the link goes to her");
    let page = strike.attacker.open(&stolen).await.unwrap();
    assert_eq!(strike.attacker.hand_in(&page, "paper", CARD).await.unwrap().status, 200);
    let judge = format!("/v1/papers/{}/judge", asked["id"].as_str().unwrap());
    let judged = async |who: &Staff, decision: &str| {
        let verdict = json!({ "decision": decision, "note": "I looked at it." });
        who.call(Method::POST, &judge, Some(&verdict)).await.unwrap().0
    };
    assert_eq!(judged(&one, "accepted").await, 409, "the mailbox comes first");
    strike.victim.confirm().await.unwrap();
    assert_eq!(judged(staff, "accepted").await, 409, "whoever asked for it does not judge it");
    assert_eq!(judged(&one, "accepted").await, 200);
    assert_eq!(judged(&one, "accepted").await, 409, "nobody judges twice");
    strike.tally.attempt(5);
    let identity = staff.get(&format!("/v1/requests/{id}/identity")).await.unwrap();
    strike.tally.tell("what is missing stands on the request", identity["standing"] == "needs");
    assert_eq!(staff.request(&id).await.unwrap()["state"], "awaiting-verification");
    assert_eq!(judged(&other, "refused").await, 200);
    let listed = staff.get(&format!("/v1/requests/{id}/papers")).await.unwrap().to_string();
    strike.tally.tell("who judged it, and how, stands with the paper", listed.contains("\"refused\""));
    assert_eq!(staff.request(&id).await.unwrap()["state"], "awaiting-verification");
    strike.settle().await.unwrap();
}
