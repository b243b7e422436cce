//! A mail scanner, a preview or a prefetching browser opens every link before the person does.

use futures::{StreamExt, TryStreamExt};
use habeas_test_support::http_client;
use habeas_tests::attack::{Aim, Strike};
use reqwest::Method;

for_either_copy!(fifty_looks_change_nothing_and_the_person_still_gets_through);

/// Bufalieri et al. 2020 count links that act when they are opened among the flaws of sending. 50 machines look; one person
/// presses.
async fn fifty_looks_change_nothing_and_the_person_still_gets_through(aim: Aim) {
    let mut strike = Strike::plan("a scanner opens the link").await.unwrap().aiming_at(aim);
    let id = strike.ask_in_her_name().await.unwrap();
    let link = strike.victim.link("/confirm/").await.unwrap();
    let all = strike.victim.mails().unwrap().into_iter().flat_map(|mail| mail.links());
    let links: Vec<String> = all.filter(|found| found.contains("/confirm/")).collect();
    let client = http_client().unwrap();
    let looks = (0..50).map(|look| {
        let method = if look % 2 == 0 { Method::GET } else { Method::HEAD };
        let url = links[look % links.len()].clone();
        let client = client.clone();
        async move {
            let look = client.request(method, url).header("sec-purpose", "prefetch;prerender");
            anyhow::Ok(look.header("x-forwarded-for", "198.18.9.9").send().await?.status().as_u16())
        }
    });
    let answers: Vec<u16> = futures::stream::iter(looks).buffer_unordered(10).try_collect().await.unwrap();
    assert!(answers.iter().all(|status| (200..300).contains(status)), "{answers:?}");
    strike.tally.attempt(answers.len());
    let request = strike.target.staff.request(&id).await.unwrap();
    assert_eq!((&request["state"], &request["verified_at"]), (&"awaiting-verification".into(), &().into()));
    strike.count().await.unwrap();
    let client = client.get(&link).header("x-forwarded-for", "198.18.9.10");
    let page = client.send().await.unwrap().text().await.unwrap();
    assert!(page.contains("<form"), "the link still leads to its button");

    strike.victim.confirm().await.unwrap();
    strike.target.staff.becomes(&id, "closed").await.unwrap();
    let proofs = strike.target.staff.times(&id, "identity-proven").await.unwrap();
    assert_eq!(proofs, 1, "by the person");
    strike.tally.untold("a scanner that opens a link changes nothing, and is no attack on anybody");
    strike.settle().await.unwrap();
    let package = strike.victim.link("/package/").await.unwrap();
    strike.victim.fetch(&package).await.unwrap();
    assert!(strike.victim.saw().unwrap() > 0, "the count sees what she was given");
}
