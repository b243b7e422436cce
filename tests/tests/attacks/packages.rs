//! The link to a package: shared, found, guessed.

use habeas_test_support::{person::Page, wait};
use habeas_tests::attack::{Aim, LIMIT, Strike, plain};

use super::facts::told_of_guessing;

for_either_copy!(
    a_link_without_its_code_is_worth_nothing,
    after_the_last_download_the_link_is_dead,
    an_expired_link_is_dead,
    guessed_links_find_nothing,
);

/// Bufalieri et al. 2020: data behind a bare link. The link alone, in another browser, opens nothing, and neither does what was
/// left of a download.
async fn a_link_without_its_code_is_worth_nothing(aim: Aim) {
    let mut strike = Strike::plan_with("a shared package link", "[packages]\ndownloads = 2\n")
        .await
        .unwrap()
        .aiming_at(aim);
    let link = strike.honest_copy().await.unwrap();
    let id = strike.target.staff.requests().await.unwrap()[0]["id"].as_str().unwrap().to_owned();
    let page = strike.attacker.open(&link).await.unwrap();
    assert_eq!(page.status, 200, "it says that a package waits");
    let ask = strike.attacker.press(&page, &[]).await.unwrap();
    strike.tally.attempt(2);
    // The code of the first download, which she used: it was replaced by the one that the attacker ordered for her.
    let old = strike.victim.download_codes().unwrap().remove(0);
    for code in [old.as_str(), "00000000", "12345678", "87654321", "11111111", "99999999"] {
        let answer = strike.attacker.press_at(&ask, "/code", &[("code", code)]).await.unwrap();
        strike.tally.attempt(1);
        assert_eq!(answer.status, 422, "{}", answer.text());
    }
    for grant in ["", "0", &"a".repeat(64), &"A".repeat(43)] {
        let answer = reqwest::Client::new()
            .post(format!("{link}/download"))
            .header("x-forwarded-for", "198.18.0.77")
            .form(&[("grant", grant)])
            .send()
            .await
            .unwrap();
        strike.tally.attempt(1);
        let status = answer.status().as_u16();
        assert!([403, 429].contains(&status), "{status}");
    }
    told_of_guessing(&mut strike, &id, "download").await;
    let request = strike.target.staff.request(&id).await.unwrap();
    strike.tally.tell("the codes that were ordered are among its mails", {
        let mails = request["mails"].as_array().unwrap().iter();
        mails.filter(|mail| mail["kind"] == "download-code").count() == 2
    });
    strike.settle().await.unwrap();
}

/// She fetches it as often as is allowed; then nobody does.
async fn after_the_last_download_the_link_is_dead(aim: Aim) {
    let mut strike = Strike::plan_with("a used-up package link", "[packages]\ndownloads = 1\n")
        .await
        .unwrap()
        .aiming_at(aim);
    let link = strike.honest_copy().await.unwrap();
    let dead = strike.attacker.open(&link).await.unwrap();
    let made_up = format!("{}/en/package/{}", strike.target.pages(), "B".repeat(43));
    let never = strike.attacker.open(&made_up).await.unwrap();
    strike.tally.attempt(2);
    let told = (as_shown(&dead, &link), as_shown(&never, &made_up));
    strike.tally.compare("a used-up link and a made-up one", &told.0, &told.1);
    let before = strike.victim.mails().unwrap().len();
    // Asking for another mail from the dead page writes to nobody but her.
    let renewed = strike.attacker.press(&dead, &[]).await.unwrap();
    assert_eq!(renewed.status, 200);
    strike.tally.attempt(1);
    strike.quiet().await.unwrap();
    assert_eq!(strike.attacker.mails().unwrap().len(), 0);
    assert_eq!(strike.victim.mails().unwrap().len(), before + 1);
    let request = &strike.target.staff.requests().await.unwrap()[0];
    let renewed =
        request["mails"].as_array().unwrap().iter().filter(|mail| mail["kind"] == "package-renewed");
    strike.tally.tell("the new link that was ordered is among its mails", renewed.count() == 1);
    strike.settle().await.unwrap();
}

/// A link that lay in a mailbox until it ended: it is answered like one that never was, even to whoever has a code.
async fn an_expired_link_is_dead(aim: Aim) {
    let mut strike = Strike::plan("an expired package link").await.unwrap().aiming_at(aim);
    let link = strike.honest_copy().await.unwrap();
    let page = strike.attacker.open(&link).await.unwrap();
    let ask = strike.attacker.press(&page, &[]).await.unwrap();
    let codes = || async { strike.victim.download_codes().ok().filter(|codes| codes.len() == 2) };
    let codes = wait::value("the code, at her address", LIMIT, codes).await.unwrap();
    strike.target.age("UPDATE package SET expires_at = 1").await.unwrap();
    let late = strike.attacker.press_at(&ask, "/code", &[("code", &codes[1])]).await.unwrap();
    assert_eq!(late.status, 422, "the right code, too late");
    let dead = strike.attacker.open(&link).await.unwrap();
    let made_up = format!("{}/en/package/{}", strike.target.pages(), "C".repeat(43));
    let never = strike.attacker.open(&made_up).await.unwrap();
    strike.tally.attempt(3);
    let told = (as_shown(&dead, &link), as_shown(&never, &made_up));
    strike.tally.compare("an expired link and a made-up one", &told.0, &told.1);
    let request = &strike.target.staff.requests().await.unwrap()[0];
    assert!(request["packages"][0]["expires_at"].is_string());
    strike.tally.untold("whoever comes too late is no sign of anything");
    strike.settle().await.unwrap();
}

/// A page without the secret of its link.
fn as_shown(page: &Page, url: &str) -> (u16, String) {
    (page.status, plain(&page.text(), &[url.rsplit('/').next().unwrap()]))
}

/// Links that are guessed: each is answered like any other that never was.
async fn guessed_links_find_nothing(aim: Aim) {
    let mut strike = Strike::plan("guessing package links").await.unwrap().aiming_at(aim);
    let link = strike.honest_copy().await.unwrap();
    let real: String = link.rsplit('/').next().unwrap().to_owned();
    let near = |place: usize| {
        let mut letters: Vec<char> = real.chars().collect();
        letters[place] = if letters[place] == 'A' { 'B' } else { 'A' };
        letters.into_iter().collect::<String>()
    };
    let mut shown = Vec::new();
    for place in (0..43).step_by(3) {
        let guess = near(place);
        let page = strike.attacker.open(&link.replace(&real, &guess)).await.unwrap();
        strike.tally.attempt(1);
        assert_eq!(page.status, 404, "a link but for one letter");
        shown.push(plain(&page.text(), &[&guess]));
    }
    for other in &shown[1..] {
        strike.tally.compare("guessed links", &shown[0], other);
    }
    let request = &strike.target.staff.requests().await.unwrap()[0];
    let untouched = request["packages"][0]["downloads_left"] == 4;
    assert!(untouched, "one download, hers");
    strike
        .tally
        .untold("links that were never made lead to no request that could be marked; the rate is limited");
    assert_eq!(request["state"], "closed");
    strike.settle().await.unwrap();
}
