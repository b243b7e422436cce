//! The link to a package that an agent was let have: ended, passed on, renewed, and taken back by the person.

use habeas_tests::attack::{Aim, Party, Strike, VICTIM};
use serde_json::json;

for_either_copy!(an_agents_link_that_ended_is_renewed_for_the_agent_alone);

const ALEX: &str = "alex@agents.test";

/// The copy of a person who lets the agent who asked have it, too: the agent, and their link.
async fn given(strike: &Strike) -> (Party, String) {
    let submission = json!({
        "subject": { "email": VICTIM }, "rights": [strike.aim.right()],
        "agent": { "name": "Alex Agent", "email": ALEX, "mandate": "signed-permission" },
    });
    strike.target.staff.submit(&submission).await.unwrap();
    let alex = Party::new(&strike.target, &[ALEX], "198.18.0.21").unwrap();
    alex.confirm().await.unwrap();
    let page = strike.victim.open(&strike.victim.link("/confirm/").await.unwrap()).await.unwrap();
    strike.victim.press(&page, &[("results", "agent-too")]).await.unwrap().successful().unwrap();
    let link = alex.link("/package/").await.unwrap();
    strike.quiet().await.unwrap();
    (alex, link)
}

/// A link that has ended says so to whoever has it; a new one is mailed to the agent alone, for as long as the person lets them
/// have the package, and opens nothing without a code that goes to the agent, too.
async fn an_agents_link_that_ended_is_renewed_for_the_agent_alone(aim: Aim) {
    let mut strike = Strike::plan("renewing the package link of an agent").await.unwrap().aiming_at(aim);
    let (alex, old) = given(&strike).await;
    alex.fetch(&old).await.unwrap();
    assert!(alex.saw().unwrap() > 0, "the agent gets what the person let them have");
    strike.target.age("UPDATE agent_package SET expires_at = 1").await.unwrap();
    let hers = strike.victim.mails().unwrap().len();
    // Whoever finds the old link can have a new one mailed, and sees nothing of it.
    let ended = strike.attacker.open(&old).await.unwrap();
    assert_eq!(ended.status, 404, "{}", ended.text());
    let told = strike.attacker.press(&ended, &[]).await.unwrap();
    assert_eq!(told.status, 200);
    strike.tally.attempt(2);
    let new = alex.link_after(1, "/package/").await.unwrap();
    assert_ne!(new, old);
    strike.quiet().await.unwrap();
    assert_eq!(strike.attacker.mails().unwrap().len(), 0);
    assert_eq!(strike.victim.mails().unwrap().len(), hers, "her own link is as it was");
    assert_eq!(strike.attacker.open(&old).await.unwrap().status, 404, "the old link stays dead");
    let page = alex.open(&new).await.unwrap();
    assert_eq!(page.status, 200, "the page of the renewed link: {}", page.text());
    let before = alex.saw().unwrap();
    alex.fetch(&new).await.unwrap();
    assert!(alex.saw().unwrap() > before, "the renewed link opens it");
    // The new link in the wrong hands asks for a code, which goes to the agent.
    let found = strike.attacker.open(&new).await.unwrap();
    let ask = strike.attacker.press(&found, &[]).await.unwrap();
    let guess = strike.attacker.press_at(&ask, "/code", &[("code", "00000000")]).await.unwrap();
    strike.tally.attempt(2);
    assert_eq!(guess.status, 422);
    // The person ends it: neither the link nor a renewal is worth anything from then on.
    let end = strike.victim.link("/agent/").await.unwrap();
    let page = strike.victim.open(&end).await.unwrap();
    strike.victim.press(&page, &[]).await.unwrap().successful().unwrap();
    strike.quiet().await.unwrap();
    let sent = alex.mails().unwrap().len();
    for link in [&old, &new] {
        let dead = alex.open(link).await.unwrap();
        assert_eq!(dead.status, 404);
        assert_eq!(alex.press(&dead, &[]).await.unwrap().status, 200, "which says nothing");
        strike.tally.attempt(2);
    }
    strike.quiet().await.unwrap();
    assert_eq!(alex.mails().unwrap().len(), sent, "no further link");
    let request = &strike.target.staff.requests().await.unwrap()[0];
    let mails = request["mails"].as_array().unwrap().iter().filter(|mail| mail["kind"] == "agent-result");
    strike.tally.tell("both links to the agent are among the mails of the request", mails.count() == 2);
    let id = request["id"].as_str().unwrap();
    let renewed = strike.target.staff.times(id, "package-renewed").await.unwrap();
    strike.tally.tell("the renewal stands in the trail", renewed == 1);
    strike.settle().await.unwrap();
}
