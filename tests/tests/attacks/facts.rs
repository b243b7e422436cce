//! Facts about a person that leaked elsewhere, offered as proof.

use anyhow::Result;
use habeas_test_support::person::Page;
use habeas_tests::attack::{Aim, Letter, MALLORY, Party, Strike, VICTIM, VICTIM_PHONE};
use serde_json::json;

for_either_copy!(
    facts_from_another_leak_find_nobody,
    half_of_the_answers_over_many_requests_prove_nobody,
    the_questions_do_not_tell_whether_a_guess_in_the_message_is_right,
    her_mailbox_and_an_account_of_his_own_prove_nobody,
);

/// What a request takes, so that questions are asked.
const HIGH: &str = "[verification.levels.eu_gdpr]\naccess = \"high\"\n";

/// Pavur and Knerr 2019 put together from one company's answer what the next one asked for. Here a number and a telephone
/// that are really the victim's change nothing about whose mailbox proves whom.
async fn facts_from_another_leak_find_nobody(aim: Aim) {
    let mut strike = Strike::plan("leaked facts in the request").await.unwrap().aiming_at(aim);
    let text = format!(
        "{} My customer number is 1001, my telephone number is {VICTIM_PHONE}, I was born on 1 May 1990, and the last \
         digits of my card are 4242. Hanako Yamada, Marmalade Lane",
        aim.ask()
    );
    strike.attacker.write(&Letter::from(&format!("Hanako Yamada <{MALLORY}>"), &text).aligned()).unwrap();
    strike.target.staff.decided(1).await.unwrap();
    strike.attacker.confirm().await.unwrap();
    let submission = json!({
        "subject": {
            "email": MALLORY, "name": "Hanako Yamada", "phone": VICTIM_PHONE,
            "identifiers": [{ "key": "customer_id", "value": "1001" }],
        },
        "rights": [aim.right(), "deletion"],
    });
    let id = strike.target.staff.submit(&submission).await.unwrap();
    strike.tally.attempt(2);
    strike.attacker.confirm_after(1).await.unwrap();
    strike.quiet().await.unwrap();
    for package in strike.attacker.mails().unwrap().iter().filter_map(|mail| mail.link_with("/package/").ok())
    {
        strike.attacker.fetch(&package).await.unwrap();
    }
    let person = strike.target.staff.get(&format!("/v1/requests/{id}?reveal=personal")).await.unwrap();
    let named = person["person"]["subject"]["identifiers"].as_array().is_some_and(|named| !named.is_empty());
    assert!(named, "what was claimed stands on the request, beside the address that was proven");
    strike.tally.untold("facts about somebody else find nobody, like a number that was mistyped");
    strike.settle().await.unwrap();
    strike.honest_copy().await.unwrap();
}

/// The answers of a page of questions, by words of the question.
pub(super) async fn answer(party: &Party, page: &Page, answers: &[(&str, &str)]) -> Result<Page> {
    let text = page.text();
    let questions =
        text.split("<label for=\"answer-").skip(1).map(|label| label.split('<').next().unwrap_or(""));
    let given = questions.map(|question| {
        answers.iter().find(|(words, _)| question.contains(words)).map_or("unknown", |(_, answer)| *answer)
    });
    let mut form = page.form()?;
    for ((_, value), answer) in form.fields.iter_mut().filter(|(name, _)| name == "answer").zip(given) {
        answer.clone_into(value);
    }
    party.submit(page, &form, &[]).await
}

/// The questions on a page, without the form around them.
pub(super) fn questions(page: &Page) -> Vec<String> {
    let text = page.text();
    text.split("<label for=\"answer-")
        .skip(1)
        .map(|label| label.split('<').next().unwrap_or("").to_owned())
        .collect()
}

/// What the store says of her.
pub(super) const RIGHT: [(&str, &str); 5] =
    [("plan", "light"), ("digits", "4242"), ("month", "2026-04"), ("How much", "4980"), ("shop", "Ueno")];

/// Asks for a copy, proves the mailbox, and begins with the questions: the page of the second step and that of the questions.
async fn asked(strike: &Strike, party: &Party, message: &str) -> Result<(String, Page, Page)> {
    let before = party.links("/confirm/")?;
    let submission =
        json!({ "subject": { "email": VICTIM }, "rights": [strike.aim.right()], "message": message });
    let id = strike.target.staff.submit(&submission).await?;
    let step = party.confirm_after(before).await?;
    let page = party.press_at(&step, "/recent-dealings/begin", &[]).await?;
    Ok((id, step, page))
}

/// Pavur and Knerr 2019 filled in what one company asked with what another had told them. Whoever reads her mailbox and knows
/// some of the answers gets a few tries as a person, not per request, and is told nothing about which answer was wrong.
async fn half_of_the_answers_over_many_requests_prove_nobody(aim: Aim) {
    let mut strike = Strike::plan_with("leaked facts as answers", HIGH).await.unwrap().aiming_at(aim);
    // She herself, at once: the control.
    let (own, _, page) = asked(&strike, &strike.victim, "It is me.").await.unwrap();
    assert_eq!(answer(&strike.victim, &page, &RIGHT).await.unwrap().status, 200);
    strike.target.staff.becomes(&own, "closed").await.unwrap();
    strike.victim.fetch(&strike.victim.link("/package/").await.unwrap()).await.unwrap();
    assert!(strike.victim.saw().unwrap() > 0, "the count sees what she was given");

    let thief = Party::new(&strike.target, &[VICTIM], "198.18.0.66").unwrap();
    let known = &RIGHT[..2];
    let mut wrong = Vec::new();
    let mut last = None;
    for _ in 0..3 {
        let (id, step, page) = asked(&strike, &thief, "Please hurry.").await.unwrap();
        let told = answer(&thief, &page, known).await.unwrap();
        assert_eq!(told.status, 422);
        wrong.push(habeas_tests::attack::plain(&told.text(), &[]));
        last = Some((id, step));
    }
    // By now the tries of the day are used up: not even all the right answers count.
    let (id, step) = last.unwrap();
    let again = thief.press_at(&step, "/recent-dealings/begin", &[]).await.unwrap();
    let told = answer(&thief, &again, &RIGHT).await.unwrap();
    assert_eq!(told.status, 422);
    wrong.push(habeas_tests::attack::plain(&told.text(), &[]));
    strike.tally.attempt(wrong.len());
    for other in &wrong[1..] {
        strike.tally.compare("the page after a wrong answer", &wrong[0], other);
    }
    assert_eq!(strike.target.staff.request(&id).await.unwrap()["state"], "awaiting-verification");
    told_of_guessing(&mut strike, &id, "recent-dealings").await;
    strike.attacker = thief;
    assert_eq!(strike.target.staff.request(&id).await.unwrap()["packages"], json!([]));
    strike.settle().await.unwrap();
}

/// That staff see on the request, and in its trail, that somebody guessed.
pub(super) async fn told_of_guessing(strike: &mut Strike, id: &str, what: &str) {
    let request = strike.target.staff.request(id).await.unwrap();
    let marked = request["signs"].as_array().unwrap().iter();
    let marked = marked.filter(|sign| sign["kind"] == "guessing" && sign["of"] == what).count();
    strike.tally.tell(&format!("the request is marked: somebody guessed ({what})"), marked == 1);
    let noted = strike.target.staff.times(id, "guessing").await.unwrap();
    strike.tally.tell("the trail says so", noted == 1);
}

/// A guess written into the request is compared with nothing that anybody can see: the questions stay the same, whether the
/// guess is right or not. Facts were confirmed one by one in the way of Pavur and Knerr 2019.
async fn the_questions_do_not_tell_whether_a_guess_in_the_message_is_right(aim: Aim) {
    let mut strike =
        Strike::plan_with("guesses written into the message", HIGH).await.unwrap().aiming_at(aim);
    let thief = Party::new(&strike.target, &[VICTIM], "198.18.0.66").unwrap();
    let (_, _, usual) = asked(&strike, &thief, "Please.").await.unwrap();
    let shown = questions(&usual);
    assert_eq!(shown.len(), 4, "one of the five is not asked");
    for guess in ["Light", "Heavy", "4242", "1111", "April 2026", "4980", "Ueno"] {
        let (_, _, page) = asked(&strike, &thief, &format!("My answer is {guess}.")).await.unwrap();
        strike.tally.attempt(1);
        strike.tally.compare(&format!("the questions after the guess {guess}"), &questions(&page), &shown);
    }
    let requests = strike.target.staff.requests().await.unwrap();
    let linked = requests.iter().filter(|request| request["duplicate_of"].is_string()).count();
    strike.tally.tell("each further request repeats an open one", linked == requests.len() - 1);
    strike.settle().await.unwrap();
}

/// What the store says of the thief, who is a customer like any other.
const HIS: [(&str, &str); 5] =
    [("plan", "basic"), ("digits", "1881"), ("month", "2026-01"), ("How much", "700"), ("shop", "Kobe")];

/// Whoever reads her mailbox has an account of his own, too, with questions that he can answer. He asks from her mailbox and names
/// his account; and he asks from his own and names hers. Each account would bring the other's data with it.
async fn her_mailbox_and_an_account_of_his_own_prove_nobody(aim: Aim) {
    let mut strike =
        Strike::plan_with("an own account as the proof of another", HIGH).await.unwrap().aiming_at(aim);
    strike.attacker = Party::new(&strike.target, &[VICTIM, MALLORY], "198.18.0.66").unwrap();
    for (asks, names) in [(VICTIM, MALLORY), (MALLORY, VICTIM)] {
        let thief = &strike.attacker;
        let (asked, codes) = (thief.links("/confirm/").unwrap(), thief.download_codes().unwrap().len());
        let id = strike.target.staff.ask(asks, &[aim.right()]).await.unwrap();
        let step = thief.confirm_after(asked).await.unwrap();
        let form = thief.open(&format!("{}/another", step.url)).await.unwrap().successful().unwrap();
        thief.press(&form, &[("named", names)]).await.unwrap().successful().unwrap();
        strike.quiet().await.unwrap();
        if let Some(code) = thief.download_codes().unwrap().get(codes) {
            let form = thief.open(&format!("{}/another/code", step.url)).await.unwrap();
            thief.press_at(&form, "/another/code", &[("code", code)]).await.unwrap();
        }
        let questions = thief.press_at(&step, "/recent-dealings/begin", &[]).await.unwrap();
        answer(thief, &questions, &HIS).await.unwrap();
        if asks == MALLORY {
            strike.target.staff.becomes(&id, "closed").await.unwrap();
            thief.link("/package/").await.unwrap();
        }
        strike.quiet().await.unwrap();
        for package in thief.mails().unwrap().iter().filter_map(|mail| mail.link_with("/package/").ok()) {
            thief.fetch(&package).await.unwrap();
        }
        strike.tally.attempt(1);
        let waits = strike.target.staff.request(&id).await.unwrap()["state"] == "awaiting-verification";
        assert_eq!(waits, asks == VICTIM, "his answers are enough for his own data, and for hers never");
    }
    strike
        .tally
        .untold("somebody who names another account, and whose answers fit no account that is asked for");
    strike.settle().await.unwrap();
}
