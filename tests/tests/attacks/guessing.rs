//! Guessing codes: many at once, and over many requests.

use futures::{StreamExt, TryStreamExt};
use habeas_test_support::{Person, person::Page, wait};
use habeas_tests::attack::{Aim, LIMIT, Party, Strike, VICTIM, VICTIM_PHONE};

use super::facts::told_of_guessing;

for_either_copy!(
    a_hundred_guesses_at_once_open_no_package,
    guesses_over_many_requests_are_counted_by_the_person,
);

/// Every guess comes from an address of its own, so that no limit per address hides the limit per code.
async fn guess_at_once(page: &Page, guesses: usize) -> Vec<Page> {
    let form =
        page.forms().into_iter().find(|form| form.fields.iter().any(|(name, _)| name == "code")).unwrap();
    let tries = (0..guesses).map(|number| {
        let (page, form) = (page.clone(), form.clone());
        async move {
            let person = Person::new()?.at(format!("198.19.{}.{}", number / 250, number % 250 + 1));
            let code = format!("{:08}", number * 997_331 % 100_000_000);
            person.submit(&page, &form, &[("code", &code)]).await
        }
    });
    futures::stream::iter(tries).buffer_unordered(guesses).try_collect().await.unwrap()
}

/// Bufalieri et al. 2020: data behind a link that anybody can open. Here the link leaked, and its finder guesses the code: 100
/// at once. After the tries of a code even the right one is refused.
async fn a_hundred_guesses_at_once_open_no_package(aim: Aim) {
    let mut strike = Strike::plan("guessing the code of a package").await.unwrap().aiming_at(aim);
    let id = strike.ask_in_her_name().await.unwrap();
    strike.victim.confirm().await.unwrap();
    let link = strike.victim.link("/package/").await.unwrap();
    let page = strike.attacker.open(&link).await.unwrap();
    let ask = strike.attacker.press(&page, &[]).await.unwrap();
    let code = wait::value("the code, at her address", LIMIT, || async {
        strike.victim.download_codes().ok()?.pop()
    });
    let code = code.await.unwrap();
    let answers = guess_at_once(&ask, 100).await;
    strike.tally.attempt(answers.len());
    let refused = answers.iter().filter(|page| [422, 429].contains(&page.status)).count();
    assert_eq!(refused, answers.len(), "no guess opened it");
    let late = strike.victim.open(&format!("{link}/code")).await.unwrap();
    let late = wait::value("the limit of the link to let her type", LIMIT, || async {
        let page = strike.victim.press_at(&late, "/code", &[("code", &code)]).await.ok()?;
        (page.status != 429).then_some(page)
    });
    assert_eq!(late.await.unwrap().status, 422, "the code is used up by the guesses");
    // The link that others know has ended; hers is mailed to her, and she gets through.
    assert_eq!(strike.attacker.open(&link).await.unwrap().status, 404);
    let new = strike.victim.link_after(1, "/package/").await.unwrap();
    // From another network: whoever typed as often as the guesses above has to wait there for a while.
    let owner = Party::new(&strike.target, &[VICTIM], "198.18.0.9").unwrap();
    let before = owner.saw().unwrap();
    owner.fetch(&new).await.unwrap();
    assert!(owner.saw().unwrap() > before);
    told_of_guessing(&mut strike, &id, "download").await;
    strike.settle().await.unwrap();
}

/// Somebody who reads her mailbox guesses the code that went to her telephone: 100 at once, then on further requests. Tries
/// are counted by the person, not by the request.
async fn guesses_over_many_requests_are_counted_by_the_person(aim: Aim) {
    let high = "code_tries_a_day = 8\nsms_a_day = 6\n[verification.levels.eu_gdpr]\naccess = \"high\"\n";
    let mut strike =
        Strike::plan_with("guessing codes over many requests", &format!("[verification]\n{high}"))
            .await
            .unwrap()
            .aiming_at(aim);
    let thief = Party::new(&strike.target, &[VICTIM], "198.18.0.66").unwrap();
    let mut pages = Vec::new();
    for _ in 0..3 {
        let before = thief.links("/confirm/").unwrap();
        let id = strike.ask_in_her_name().await.unwrap();
        let step = thief.confirm_after(before).await.unwrap();
        let page = thief.press_at(&step, "/sms-code/begin", &[]).await.unwrap();
        pages.push((id, page));
    }
    let sent = || async {
        let sent = strike.target.texts.to(VICTIM_PHONE);
        (sent.len() == pages.len()).then_some(sent)
    };
    let sent = wait::value("the codes, at her telephone", LIMIT, sent).await.unwrap();
    for (_, page) in &pages {
        let answers = guess_at_once(page, 40).await;
        strike.tally.attempt(answers.len());
        assert!(answers.iter().all(|page| [422, 429].contains(&page.status)), "no guess counted");
    }
    // The third request has tries of its code left; the person has none.
    let (id, page) = pages.last().unwrap();
    let code: String = sent.last().unwrap().chars().filter(char::is_ascii_digit).take(8).collect();
    let late = wait::value("the limit of the link to let somebody type", LIMIT, || async {
        let page = thief.press_at(page, "/sms-code", &[("code", &code)]).await.ok()?;
        (page.status != 429).then_some(page)
    });
    assert_eq!(late.await.unwrap().status, 422, "not even the right one counts");
    let request = strike.target.staff.request(id).await.unwrap();
    assert_eq!(request["state"], "awaiting-verification");
    let id = id.clone();
    told_of_guessing(&mut strike, &id, "phone").await;
    strike.attacker = thief;
    strike.settle().await.unwrap();
}
