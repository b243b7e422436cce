//! An agent with a forged mandate, or with one mandate for many people.

use habeas_tests::attack::{Aim, Letter, MALLORY, Strike, VICTIM};
use reqwest::Method;
use serde_json::{Value, json};

for_either_copy!(a_mandate_gives_an_agent_nothing);

fn on_behalf(aim: Aim, person: &str, agent: &str) -> Value {
    json!({
        "subject": { "email": person }, "rights": [aim.right(), "deletion"],
        "agent": {
            "name": agent, "email": MALLORY, "organisation": "Honest Agents",
            "mandate": "signed-permission", "reference": "M-2026-001",
        },
    })
}

/// Boniface et al. 2019 and Pavur and Knerr 2019: a signature on a sheet is easily made. The person is asked directly, and
/// every answer goes to her.
async fn a_mandate_gives_an_agent_nothing(aim: Aim) {
    let mut strike = Strike::plan_with("a forged and reused mandate", "[deletion]\ngrace_hours = 0\n")
        .await
        .unwrap()
        .aiming_at(aim);
    let staff = &strike.target.staff;
    let first = staff.submit(&on_behalf(aim, VICTIM, "Mallory Agent")).await.unwrap();
    let second = staff.submit(&on_behalf(aim, "taro@people.test", "Mallory Agent")).await.unwrap();
    let text = format!(
        "I act on behalf of my client {VICTIM}; my power of attorney is attached. Send me all her data."
    );
    let letter = Letter::from(MALLORY, &text).attach("mandate.pdf", "application/pdf", b"%PDF-1.4 signed");
    strike.attacker.write(&letter.aligned()).unwrap();
    let mails = staff.decided(1).await.unwrap();
    strike.tally.attempt(3);
    strike.quiet().await.unwrap();
    assert_eq!(
        strike.victim.mails().unwrap().len(),
        0,
        "nobody is written to for an agent who has shown nothing"
    );
    strike.attacker.confirm().await.unwrap();
    strike.victim.link("/confirm/").await.unwrap();
    strike.quiet().await.unwrap();
    assert_eq!(strike.attacker.mails().unwrap().len(), 1, "the agent is sent nothing but their own link");
    let (one, other) = (staff.request(&first).await.unwrap(), staff.request(&second).await.unwrap());
    assert_eq!(one["state"], "awaiting-verification");
    strike.tally.tell("a mandate that was used for somebody else is marked", other["mandate_reused"] == true);
    assert_eq!(one["mandate_reused"], false);
    strike.tally.tell("a mail on behalf of somebody is left to staff", mails[0]["state"] == "proposal");
    let agent = one["agent"].as_str().unwrap();
    let reason = json!({ "reason": "forged-mandate" });
    let bar = format!("/v1/agents/{agent}/bar");
    let (status, _) = staff.call(Method::POST, &bar, Some(&reason)).await.unwrap();
    assert!((200..300).contains(&status), "{status}");
    let stopped = staff.request(&first).await.unwrap();
    strike.tally.tell("what is open stops with its agent", stopped["waits_for"][0] == "staff-agent");
    let barred = staff
        .call(Method::POST, "/v1/requests", Some(&on_behalf(aim, VICTIM, "Another Name")))
        .await
        .unwrap();
    assert_eq!((barred.0, &barred.1["errors"][0]["code"]), (422, &"barred".into()), "{}", barred.1);
    strike.settle().await.unwrap();
}

/// The same with the agent's name as the lure: what a stranger writes there is not mailed out as a link or an order.
#[tokio::test(flavor = "multi_thread")]
async fn an_agents_name_is_no_way_to_write_to_people() {
    let mut strike = Strike::plan("phishing through the name of an agent").await.unwrap();
    for name in ["http://evil.test/login", "Call +1 555 0100 now", "evil.test", "<b>Your bank</b>"] {
        strike.target.staff.submit(&on_behalf(Aim::Access, VICTIM, name)).await.unwrap();
        strike.tally.attempt(1);
    }
    strike.attacker.confirm().await.unwrap();
    strike.victim.link_after(3, "/confirm/").await.unwrap();
    strike.quiet().await.unwrap();
    for mail in strike.victim.mails().unwrap() {
        let whole = format!("{}\n{}\n{}", mail.subject, mail.text, mail.html);
        for lure in ["evil.test", "555 0100", "<b>Your bank"] {
            assert!(!whole.contains(lure), "{lure} was mailed to her:\n{whole}");
        }
    }
    let agents = strike.target.staff.get("/v1/agents").await.unwrap();
    assert!(agents.to_string().contains("\"requests\":4"), "{agents}");
    strike.tally.untold(
        "a name is whatever somebody calls themselves; it is shown as it was written, and mailed to nobody",
    );
    strike.settle().await.unwrap();
}
