//! A mandate where the law lets it stand in for the person's own word: forged, and believed by both who look at it; over, for
//! somebody else, used before, of an agent who was barred, and with the person saying no.

use habeas_tests::attack::{Aim, MALLORY, Party, Staff, Strike, VICTIM, VICTIM_OLD};
use reqwest::Method;
use serde_json::{Value, json};

const FORGED: &[u8] = b"%PDF-1.7 a power of attorney with a signature that is not hers";

/// The SHA-256 of another document than [`FORGED`].
const OF_ANOTHER: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// The laws under which a power of attorney stands in for the person: in California by 11 CCR 7063(b), for a copy together with
/// calls to the number on file; in Japan as with any representative.
const LAWS: [&str; 2] = ["us_ca", "jp_appi"];

/// Plays an attack under each of them, and for either copy.
macro_rules! under_each_law {
    ($($name:ident),* $(,)?) => {
        $(mod $name {
            use super::{Aim, LAWS};

            #[tokio::test(flavor = "multi_thread")]
            async fn in_california() {
                super::$name(LAWS[0], Aim::Access).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn in_california_for_portability() {
                super::$name(LAWS[0], Aim::Portability).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn in_japan() {
                super::$name(LAWS[1], Aim::Access).await;
            }
        })*
    };
}

under_each_law!(
    she_stops_what_two_who_were_fooled_let_through,
    a_mandate_of_which_she_says_no,
    a_mandate_that_is_over_or_another_is_not_taken,
    whoever_was_barred_gets_nothing_by_what_was_believed,
);

/// On behalf of somebody, by a mandate with these further words.
fn on_behalf(law: &str, aim: Aim, person: &str, mandate: &Value) -> Value {
    let mut agent = json!({ "name": "Mallory Agent", "email": MALLORY, "mandate": "power-of-attorney" });
    if let (Some(agent), Some(more)) = (agent.as_object_mut(), mandate.as_object()) {
        agent.extend(more.clone());
    }
    json!({ "subject": { "email": person }, "rights": [aim.right()], "regime": law, "agent": agent })
}

/// Asks staff for a paper that shows a mandate; its id.
async fn ask_for_paper(strike: &Strike, id: &str) -> String {
    let ask = json!({ "kind": "mandate", "reason": "The law lets it stand in for her word." });
    let path = format!("/v1/requests/{id}/ask-paper");
    let (status, asked) = strike.target.staff.call(Method::POST, &path, Some(&ask)).await.unwrap();
    assert_eq!(status, 201, "{asked}");
    asked["id"].as_str().unwrap().to_owned()
}

/// Asks for the mandate of a request, and hands the forged one in; the paper's address for judging, and what the page answered.
async fn hand_in(strike: &Strike, id: &str) -> (String, u16) {
    let before = strike.attacker.links("/paper/").unwrap();
    let paper = ask_for_paper(strike, id).await;
    let link = strike.attacker.link_after(before, "/paper/").await.unwrap();
    let page = strike.attacker.open(&link).await.unwrap();
    let taken = strike.attacker.hand_in(&page, "paper", FORGED).await.unwrap().status;
    (format!("/v1/papers/{paper}/judge"), taken)
}

/// What the API answers to a judgement.
async fn judged(judge: &str, by: &Staff) -> u16 {
    let verdict = json!({ "decision": "accepted", "note": "It looks right.", "agent_receives": true });
    by.call(Method::POST, judge, Some(&verdict)).await.unwrap().0
}

/// Both accept the mandate. Where the law takes more than that, as California does for a copy, nothing moves by it alone; so both
/// are fooled on the telephone as well, by whoever answers at the number on file.
async fn believed(strike: &Strike, id: &str, judge: &str, by: &[Staff; 2]) {
    for who in by {
        assert_eq!(judged(judge, who).await, 200);
    }
    strike.quiet().await.unwrap();
    let request = strike.target.staff.request(id).await.unwrap();
    if request["regime"] != LAWS[0] {
        return;
    }
    assert_eq!(request["state"], "awaiting-verification", "the mandate alone is not enough for a copy");
    let call = json!({ "method": "call-back", "outcome": "passed", "note": "Somebody said yes." });
    for who in by {
        who.get(&format!("/v1/requests/{id}/contacts")).await.unwrap();
        let evidence = format!("/v1/requests/{id}/evidence");
        let (status, body) = who.call(Method::POST, &evidence, Some(&call)).await.unwrap();
        assert_eq!(status, 200, "{body}");
    }
    strike.quiet().await.unwrap();
}

async fn two(strike: &Strike) -> [Staff; 2] {
    [strike.target.staff.hire("one").await.unwrap(), strike.target.staff.hire("other").await.unwrap()]
}

/// A request by the attacker for the victim, whose link the attacker has pressed, and she has been written to.
async fn asked_for_her(strike: &Strike, law: &str, mandate: &Value) -> String {
    let submission = on_behalf(law, strike.aim, VICTIM, mandate);
    let id = strike.target.staff.submit(&submission).await.unwrap();
    strike.attacker.confirm().await.unwrap();
    strike.victim.link("/confirm/").await.unwrap();
    id
}

fn waits_for(request: &Value, whom: &str) -> bool {
    request["waits_for"].as_array().is_some_and(|all| all.iter().any(|one| one == whom))
}

/// Time passes: nothing waits for anybody to object any more.
async fn time_passes(strike: &Strike) {
    strike.target.age("UPDATE job SET grace_until = 1 WHERE grace_until IS NOT NULL").await.unwrap();
    strike.quiet().await.unwrap();
    assert_eq!(strike.attacker.links("/package/").unwrap(), 0);
}

/// Boniface et al. 2019: a signature on a sheet is easily made. Both who look at it are fooled; she hears of it at every address
/// before anything is made, and stops it.
async fn she_stops_what_two_who_were_fooled_let_through(law: &str, aim: Aim) {
    let mut strike = Strike::plan("a forged mandate that counts").await.unwrap().aiming_at(aim);
    let staff = two(&strike).await;
    let id = asked_for_her(&strike, law, &Value::Null).await;
    let before = strike.victim.links("/confirm/").unwrap();
    let (judge, taken) = hand_in(&strike, &id).await;
    assert_eq!(taken, 200);
    believed(&strike, &id, &judge, &staff).await;
    strike.tally.attempt(1);
    let packages = &strike.target.staff.request(&id).await.unwrap()["packages"];
    assert_eq!(packages, &json!([]), "nothing is made before the time to object is over");
    let owner = Party::new(&strike.target, &[VICTIM_OLD], "198.18.0.7").unwrap();
    let stop = owner.link("/confirm/").await.unwrap();
    assert_eq!(strike.victim.links("/confirm/").unwrap(), before + 2, "she is told at both of her addresses");
    let page = owner.open(&stop).await.unwrap().successful().unwrap();
    assert_eq!(owner.press(&page, &[]).await.unwrap().status, 200);
    time_passes(&strike).await;
    let request = strike.target.staff.request(&id).await.unwrap();
    let told = waits_for(&request, "staff-dispute") && request["disputed_at"].is_string();
    strike.tally.tell("it is disputed and waits for staff", told);

    // The same paper for somebody else.
    let second = on_behalf(law, aim, "taro@people.test", &Value::Null);
    let second = strike.target.staff.submit(&second).await.unwrap();
    assert_eq!(hand_in(&strike, &second).await.1, 422, "a document that was handed in for somebody else");
    strike.tally.attempt(1);
    let request = strike.target.staff.request(&second).await.unwrap();
    strike.tally.tell("the request says that a document came again", request["review_reason"].is_string());
    strike.settle().await.unwrap();
}

/// She is asked directly all the same, and every mail lets her end the agent's part: by the first, before staff have looked, and
/// after both were fooled, when the mandate had stood in for her.
async fn a_mandate_of_which_she_says_no(law: &str, aim: Aim) {
    let mut strike = Strike::plan("a mandate of which the person says no").await.unwrap().aiming_at(aim);
    let staff = two(&strike).await;
    let id = asked_for_her(&strike, law, &Value::Null).await;
    let (judge, _) = hand_in(&strike, &id).await;
    let says_no = async |before| {
        let link = strike.victim.link_after(before, "/agent/").await.unwrap();
        let page = strike.victim.open(&link).await.unwrap().successful().unwrap();
        strike.victim.press(&page, &[]).await.unwrap().successful().unwrap();
    };
    says_no(0).await;
    for who in &staff {
        assert_eq!(judged(&judge, who).await, 409, "there is nothing left to look at");
    }
    let request = strike.target.staff.becomes(&id, "closed").await.unwrap();
    strike.tally.tell("the request says how it ended", request["outcome"] == "withdrawn");
    let noted = strike.target.staff.times(&id, "agent-ended").await.unwrap();
    strike.tally.tell("the trail says that she ended it", noted == 1);

    strike.quiet().await.unwrap();
    let (asked, before) =
        (strike.victim.links("/confirm/").unwrap(), strike.victim.links("/agent/").unwrap());
    let submission = on_behalf(law, aim, VICTIM, &Value::Null);
    let again = strike.target.staff.submit(&submission).await.unwrap();
    strike.victim.link_after(asked, "/confirm/").await.unwrap();
    let (judge, taken) = hand_in(&strike, &again).await;
    assert_eq!(taken, 200);
    believed(&strike, &again, &judge, &staff).await;
    says_no(before).await;
    strike.tally.attempt(2);
    time_passes(&strike).await;
    let request = strike.target.staff.request(&again).await.unwrap();
    strike.tally.tell("what the mandate had opened waits for staff", waits_for(&request, "staff-dispute"));
    strike.settle().await.unwrap();
}

/// One that is over already, one that ends while staff look at it, one that is not the document which the agent named, and one
/// that the agent named for somebody else before.
async fn a_mandate_that_is_over_or_another_is_not_taken(law: &str, aim: Aim) {
    let mut strike = Strike::plan("mandates that are over or another's").await.unwrap().aiming_at(aim);
    let staff = two(&strike).await;
    let refused = async |person: &str, mandate: &Value| {
        let submission = on_behalf(law, aim, person, mandate);
        let answer = strike.target.staff.call(Method::POST, "/v1/requests", Some(&submission)).await.unwrap();
        (answer.0, answer.1["errors"][0]["code"].clone())
    };
    assert_eq!(
        refused(VICTIM, &json!({ "valid_until": "2020-01-01" })).await,
        (422, "ended".into()),
        "one that is over"
    );
    let named = json!({ "sha256": OF_ANOTHER, "valid_until": "2999-12-31" });
    let id = asked_for_her(&strike, law, &named).await;
    assert_eq!(
        refused("taro@people.test", &named).await,
        (422, "for-somebody-else".into()),
        "named for her before"
    );
    assert_eq!(hand_in(&strike, &id).await.1, 422, "another document than the one that was named");
    let request = strike.target.staff.request(&id).await.unwrap();
    strike.tally.tell("the request says that a document was refused", request["review_reason"].is_string());

    let submission = on_behalf(law, aim, VICTIM, &json!({ "valid_until": "2999-12-31" }));
    let ending = strike.target.staff.submit(&submission).await.unwrap();
    let (judge, taken) = hand_in(&strike, &ending).await;
    assert_eq!(taken, 200);
    assert_eq!(judged(&judge, &staff[0]).await, 200);
    strike
        .target
        .age("UPDATE request SET mandate_ends_at = 1 WHERE mandate_ends_at IS NOT NULL")
        .await
        .unwrap();
    assert_eq!(judged(&judge, &staff[1]).await, 422, "it ended while they looked at it");
    assert_eq!(hand_in(&strike, &id).await.1, 422, "nor is one taken that is over");
    strike.tally.attempt(5);
    time_passes(&strike).await;
    let agent = strike.target.staff.request(&id).await.unwrap()["agent"].as_str().unwrap().to_owned();
    let agent = strike.target.staff.get(&format!("/v1/agents/{agent}")).await.unwrap();
    let refused = agent["agent"]["mandates_refused"].as_u64();
    println!("mandates refused: {refused:?}");
    strike.tally.tell("staff see how many of the agent's mandates were refused", refused >= Some(3));
    strike.settle().await.unwrap();
}

/// Both who look at it are fooled, and a third finds out: whoever is barred then gets nothing of what is under way, and whoever
/// was barred before is not let in under another name.
async fn whoever_was_barred_gets_nothing_by_what_was_believed(law: &str, aim: Aim) {
    let mut strike = Strike::plan("a mandate of an agent who was barred").await.unwrap().aiming_at(aim);
    let staff = two(&strike).await;
    let id = asked_for_her(&strike, law, &Value::Null).await;
    let (judge, _) = hand_in(&strike, &id).await;
    believed(&strike, &id, &judge, &staff).await;
    let second = on_behalf(law, aim, "taro@people.test", &json!({ "reference": "another" }));
    let second = strike.target.staff.submit(&second).await.unwrap();
    let open = ask_for_paper(&strike, &second).await;
    let agent = strike.target.staff.request(&id).await.unwrap()["agent"].as_str().unwrap().to_owned();
    let reason = json!({ "reason": "forged-mandate" });
    let bar = format!("/v1/agents/{agent}/bar");
    let (status, _) = strike.target.staff.call(Method::POST, &bar, Some(&reason)).await.unwrap();
    assert!((200..300).contains(&status), "{status}");
    time_passes(&strike).await;
    for one in [&id, &second] {
        let request = strike.target.staff.request(one).await.unwrap();
        strike.tally.tell("it stopped with its agent", waits_for(&request, "staff-agent"));
    }
    let link = strike.attacker.link_after(1, "/paper/").await.unwrap();
    let page = strike.attacker.open(&link).await.unwrap();
    if !page.forms().is_empty() {
        strike.attacker.hand_in(&page, "paper", b"%PDF-1.7 another forged one").await.unwrap();
        let judge = format!("/v1/papers/{open}/judge");
        for who in &staff {
            judged(&judge, who).await;
        }
    }
    let again = on_behalf(law, aim, VICTIM, &json!({ "name": "Somebody Else" }));
    let again = strike.target.staff.call(Method::POST, "/v1/requests", Some(&again)).await.unwrap();
    assert_eq!((again.0, &again.1["errors"][0]["code"]), (422, &"barred".into()), "{}", again.1);
    strike.tally.attempt(3);
    time_passes(&strike).await;
    strike.settle().await.unwrap();
}

/// 11 CCR 7063(a): a permission that she signed lets an agent ask, and the company may have her confirm it. So it does: whatever
/// staff make of the paper, nothing moves without her.
#[tokio::test(flavor = "multi_thread")]
async fn a_signed_permission_never_stands_in_for_her() {
    for aim in [Aim::Access, Aim::Portability] {
        let mut strike = Strike::plan("a forged permission in California").await.unwrap().aiming_at(aim);
        let staff = two(&strike).await;
        let id = asked_for_her(&strike, LAWS[0], &json!({ "mandate": "signed-permission" })).await;
        let (judge, _) = hand_in(&strike, &id).await;
        for who in &staff {
            assert_eq!(judged(&judge, who).await, 200);
        }
        let call = json!({ "method": "call-back", "outcome": "passed", "note": "Somebody said yes." });
        let evidence = format!("/v1/requests/{id}/evidence");
        let (status, body) = staff[0].call(Method::POST, &evidence, Some(&call)).await.unwrap();
        assert_eq!(status, 409, "no call counts before her own word: {body}");
        strike.tally.attempt(2);
        time_passes(&strike).await;
        let request = strike.target.staff.request(&id).await.unwrap();
        assert_eq!(request["state"], "awaiting-verification");
        strike.tally.tell("it waits for her own word", waits_for(&request, "person"));
        strike.settle().await.unwrap();
    }
}

/// The control: without a time to object in, the same count sees what a believed forgery gives away.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_time_to_object_a_believed_forgery_is_seen_as_disclosed() {
    for law in LAWS {
        let strike = Strike::plan_with("a believed mandate", "[deletion]\ngrace_hours = 0\n").await.unwrap();
        let staff = two(&strike).await;
        let id = asked_for_her(&strike, law, &Value::Null).await;
        let (judge, _) = hand_in(&strike, &id).await;
        believed(&strike, &id, &judge, &staff).await;
        strike.attacker.fetch(&strike.attacker.link("/package/").await.unwrap()).await.unwrap();
        assert!(strike.attacker.saw().unwrap() > 0, "{law}");
    }
}
