//! Somebody who says that they are the parent of a customer.

use habeas_tests::attack::{Aim, NOBODY, PARENT, Party, Strike, VICTIM, plain};
use serde_json::{Value, json};

for_either_copy!(a_pretended_parent_gets_nothing_and_learns_nothing);

fn about(aim: Aim, child: &str, guardian: &str) -> Value {
    json!({
        "subject": { "email": child }, "rights": [aim.right()],
        "child": { "age": 9, "guardian": { "name": "The Parent", "email": guardian } },
    })
}

/// What a guardian sees and is mailed from the link on, without what has to differ.
async fn way(
    strike: &Strike,
    (child, own): (&str, &str),
    from: &str,
) -> (Vec<(u16, String)>, Vec<String>, Value) {
    let spy = Party::new(&strike.target, &[own], from).unwrap();
    let id = strike.target.staff.submit(&about(strike.aim, child, own)).await.unwrap();
    let link = spy.link("/confirm/").await.unwrap();
    let told = |page: habeas_test_support::person::Page| (page.status, plain(&page.text(), &[own, child]));
    let first = spy.open(&link).await.unwrap();
    let pressed = spy.press(&first, &[]).await.unwrap();
    strike.quiet().await.unwrap();
    let again = spy.open(&link).await.unwrap();
    let mails = spy.mails().unwrap().into_iter();
    let mails = mails.map(|mail| plain(&format!("{}\n{}", mail.subject, mail.text), &[own, child])).collect();
    (vec![told(first), told(pressed), told(again)], mails, strike.target.staff.request(&id).await.unwrap())
}

/// A stranger confirms a mailbox of their own as the parent's. They get nothing, and are not told whether the company knows
/// the child: the stores are asked after the page is there.
async fn a_pretended_parent_gets_nothing_and_learns_nothing(aim: Aim) {
    let mut strike = Strike::plan("a pretended parent").await.unwrap().aiming_at(aim);
    let known = way(&strike, (VICTIM, "one@attacker.test"), "198.18.0.66").await;
    let unknown = way(&strike, (NOBODY, "two@attacker.test"), "198.18.0.67").await;
    strike.tally.attempt(2);
    strike.tally.compare("the pages", &known.0, &unknown.0);
    strike.tally.compare("the mails", &known.1, &unknown.1);
    for request in [&known.2, &unknown.2] {
        assert_eq!(request["state"], "awaiting-verification");
        let waits = request["waits_for"].as_array().unwrap().iter().any(|wait| wait == "staff-guardian");
        strike.tally.tell("it waits for staff to find out who the guardian is", waits);
    }
    strike.attacker =
        Party::new(&strike.target, &["one@attacker.test", "two@attacker.test"], "198.18.0.66").unwrap();
    strike.settle().await.unwrap();

    // The control: the parent whom the store holds.
    let parent = Party::new(&strike.target, &[PARENT], "198.18.0.8").unwrap().saying(&[PARENT]);
    strike.target.staff.submit(&about(aim, VICTIM, PARENT)).await.unwrap();
    parent.confirm().await.unwrap();
    parent.fetch(&parent.link("/package/").await.unwrap()).await.unwrap();
    assert!(parent.saw().unwrap() > 0);
}
