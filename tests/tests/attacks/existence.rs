//! Finding out who is a customer: by what is answered, by mails, by reports of failed delivery, by links.

use habeas_test_support::ReceivedMail;
use habeas_tests::attack::{Aim, Letter, MALLORY, NOBODY, OURS, Party, Strike, VICTIM, VICTIM_OLD, plain};
use serde_json::json;

for_either_copy!(
    an_address_that_stands_beside_another_meets_what_a_strangers_does,
    known_and_unknown_people_meet_the_same_words,
    a_number_that_exists_is_answered_like_one_that_does_not,
    what_else_one_is_known_by_tells_nothing_to_whoever_names_it,
);

const HIGH: &str = "[verification.levels.eu_gdpr]\naccess = \"high\"\n";

/// Mails as they look to somebody who wants to know whether they differ: headers in order, subject, text, page.
fn shape(mails: &[ReceivedMail], address: &str) -> Vec<(Vec<String>, String)> {
    let one = |mail: &ReceivedMail| {
        let head = String::from_utf8_lossy(&mail.raw).into_owned();
        let head = head.split("\r\n\r\n").next().unwrap_or_default();
        let names = head
            .lines()
            .filter(|line| !line.starts_with([' ', '\t']))
            .filter_map(|line| line.split(':').next());
        let text = format!("{}\n{}\n{}", mail.subject, mail.text, mail.html);
        (names.map(str::to_owned).collect(), plain(&text, &[address]))
    };
    // Two mails that are ordered at the same time may arrive in either order.
    let mut all: Vec<_> = mails.iter().map(one).collect();
    all.sort();
    all
}

/// A person's way through the door: what the door answers, what is mailed, and every page up to a wrong proof.
async fn way(
    strike: &Strike,
    party: &Party,
    address: &str,
    language: &str,
) -> (Vec<String>, Vec<(u16, String)>) {
    let submission = json!({
        "subject": { "email": address, "name": "Hanako Yamada" }, "rights": [strike.aim.right()], "language": language,
    });
    let (status, body) =
        strike.target.staff.call(reqwest::Method::POST, "/v1/requests", Some(&submission)).await.unwrap();
    let door = vec![status.to_string(), plain(&body.to_string(), &[address])];
    let told = |page: habeas_test_support::person::Page| (page.status, plain(&page.text(), &[address]));
    let link = party.link("/confirm/").await.unwrap();
    let first = party.open(&link).await.unwrap();
    let step = party.press(&first, &[]).await.unwrap();
    let sms = party.press_at(&step, "/sms-code/begin", &[]).await.unwrap();
    let wrong_code = party.press_at(&sms, "/sms-code", &[("code", "00000000")]).await.unwrap();
    let questions = party.press_at(&step, "/recent-dealings/begin", &[]).await.unwrap();
    let mut form = questions.form().unwrap();
    for (name, value) in &mut form.fields {
        if name == "answer" {
            "wrong".clone_into(value);
        }
    }
    let wrong_answers = party.submit(&questions, &form, &[]).await.unwrap();
    let again = party.open(&link).await.unwrap();
    // Which questions are asked follows from the address by a keyed hash, for everybody: all but their words is compared.
    let unasked = |page: habeas_test_support::person::Page| {
        let mut text = page.text();
        for question in super::facts::questions(&page) {
            text = text.replace(&question, "[question]");
        }
        (page.status, plain(&text, &[address]))
    };
    let pages = vec![
        told(first),
        told(step),
        told(sms),
        told(wrong_code),
        unasked(questions),
        unasked(wrong_answers),
        told(again),
    ];
    (door, pages)
}

/// Whether somebody at `address` and somebody unknown meet the same door, the same pages and the same mails.
async fn known_and_unknown_meet_the_same(strike: &mut Strike, address: &str, language: &str) {
    let known = Party::new(&strike.target, &[address], "198.18.0.66").unwrap();
    let unknown = Party::new(&strike.target, &[NOBODY], "198.18.0.67").unwrap();
    let (door, pages) = way(strike, &known, address, language).await;
    let (other_door, other_pages) = way(strike, &unknown, NOBODY, language).await;
    strike.tally.attempt(2);
    strike.tally.compare("what the door answers", &door, &other_door);
    for (place, (page, other)) in pages.iter().zip(&other_pages).enumerate() {
        strike.tally.compare(&format!("page {place}"), page, other);
    }
    strike.quiet().await.unwrap();
    let (mails, other_mails) =
        (shape(&known.mails().unwrap(), address), shape(&unknown.mails().unwrap(), NOBODY));
    assert!(mails.len() >= 2, "a receipt and a challenge");
    strike.tally.compare("the mails", &mails, &other_mails);
    let requests = strike.target.staff.requests().await.unwrap();
    let public = ["state", "waits_for", "more_proof", "level", "rights", "outcome"];
    for name in public {
        strike.tally.compare(&format!("`{name}` of the request"), &requests[0][name], &requests[1][name]);
    }
}

/// Di Martino et al. 2019 and Bufalieri et al. 2020 saw companies that tell strangers whom they know. Somebody known and
/// somebody unknown meet the same door, the same mails and the same pages.
async fn known_and_unknown_people_meet_the_same_words(aim: Aim) {
    let mut strike =
        Strike::plan_with("enumeration by content, status and mail", HIGH).await.unwrap().aiming_at(aim);
    known_and_unknown_meet_the_same(&mut strike, VICTIM, "en").await;
    strike.tally.untold("two people who ask for a copy and answer wrongly once");
    strike.attacker = Party::new(&strike.target, &[NOBODY], "198.18.0.67").unwrap();
    strike.settle().await.unwrap();
}

/// An address that stands only beside another in somebody's row, as an older one does, proves nobody by itself. Whoever asks from
/// there meets what a stranger does, in either language; and the way on that every page names leads them to their own.
async fn an_address_that_stands_beside_another_meets_what_a_strangers_does(aim: Aim) {
    for language in ["en", "ja"] {
        let mut strike =
            Strike::plan_with("enumeration by older addresses", HIGH).await.unwrap().aiming_at(aim);
        known_and_unknown_meet_the_same(&mut strike, VICTIM_OLD, language).await;
        assert!(strike.target.texts.all().is_empty(), "no code goes to anybody");
        let owner = Party::new(&strike.target, &[VICTIM_OLD], "198.18.0.68").unwrap();
        strike.attacker = Party::new(&strike.target, &[NOBODY], "198.18.0.67").unwrap();
        let mut asked = Vec::new();
        for (party, named) in
            [(&strike.attacker, NOBODY), (&owner, VICTIM_OLD), (&strike.attacker, VICTIM_OLD)]
        {
            let link = party.link("/confirm/").await.unwrap().replace("/confirm/", "/identity/");
            let step = party.open(&link).await.unwrap().successful().unwrap();
            assert!(step.text().contains("/another\""), "the page of the step names it");
            let form = party.open(&format!("{link}/another")).await.unwrap();
            let page = party.press(&form, &[("named", named)]).await.unwrap();
            asked.push((page.status, plain(&page.text(), &[&link])));
            strike.quiet().await.unwrap();
        }
        strike.tally.attempt(asked.len());
        for other in &asked[1..] {
            strike.tally.compare("the page after naming it", &asked[0], other);
        }
        let codes = strike.victim.download_codes().unwrap();
        assert_eq!(codes.len(), 2, "one for each request, at the address that stands first");
        strike.tally.untold("whoever names what they are known by does what the page is for");
        strike.settle().await.unwrap();
        on_by_the_code_from_her_other_mailbox(&strike, &owner, &codes[0]).await;
    }
}

/// She types the code, and answers what is on file under her other address.
async fn on_by_the_code_from_her_other_mailbox(strike: &Strike, owner: &Party, code: &str) {
    let link = owner.link("/confirm/").await.unwrap().replace("/confirm/", "/identity/");
    let form = owner.open(&format!("{link}/another/code")).await.unwrap().successful().unwrap();
    owner.press_at(&form, "/another/code", &[("code", code)]).await.unwrap().successful().unwrap();
    let step = owner.open(&link).await.unwrap().successful().unwrap();
    let questions = owner.press_at(&step, "/recent-dealings/begin", &[]).await.unwrap();
    let japanese = [
        ("プラン", "Light"),
        ("下四桁", "4242"),
        ("何年何月", "2026-04"),
        ("いくら", "4980"),
        ("店舗", "Ueno"),
    ];
    let right: Vec<_> = super::facts::RIGHT.into_iter().chain(japanese).collect();
    let proven = super::facts::answer(owner, &questions, &right).await.unwrap();
    assert_eq!(proven.status, 200, "{}", proven.text());
    owner.fetch(&owner.link("/package/").await.unwrap()).await.unwrap();
    assert!(owner.saw().unwrap() > 0, "her copy, at the address that she asked from");
    assert_eq!(strike.attacker.links("/package/").unwrap(), 0);
}

/// Pavur and Knerr 2019 named customer numbers and telephones to be believed. Whether such a number exists is not told to
/// whoever names it.
async fn a_number_that_exists_is_answered_like_one_that_does_not(aim: Aim) {
    let mut strike = Strike::plan("enumeration by identifiers").await.unwrap().aiming_at(aim);
    let mut shapes = Vec::new();
    for (address, number, phone) in
        [("one@attacker.test", "1001", "+81 90-0000-0001"), ("two@attacker.test", "9999", "+81 90-0000-0099")]
    {
        let spy = Party::new(&strike.target, &[address], "198.18.0.66").unwrap();
        let text =
            format!("{} My customer number is {number} and my telephone number is {phone}.", aim.ask());
        spy.write(&Letter::from(address, &text).aligned()).unwrap();
        spy.confirm().await.unwrap();
        let submission = json!({
            "subject": { "email": address, "phone": phone, "identifiers": [{ "key": "customer_id", "value": number }] },
            "rights": ["deletion"],
        });
        strike.target.staff.submit(&submission).await.unwrap();
        spy.confirm_after(1).await.unwrap();
        strike.quiet().await.unwrap();
        strike.tally.attempt(2);
        shapes.push(shape(&spy.mails().unwrap(), address));
    }
    assert!(shapes[0].len() >= 4, "both ways end with an answer");
    strike.tally.compare("the mails", &shapes[0], &shapes[1]);
    let requests = strike.target.staff.requests().await.unwrap();
    let held = requests.iter().filter(|request| request["outcome"] == "nothing-held").count();
    assert_eq!(held, requests.len(), "whatever was named, nothing is held for who named it");
    strike
        .tally
        .untold("somebody who names a number that is not theirs ends like whoever mistypes their own");
    strike.settle().await.unwrap();
}

/// The same by what comes back: mails with a made-up sender, and made-up reports, are answered to nobody, whoever they name.
#[tokio::test(flavor = "multi_thread")]
async fn reports_and_empty_mails_are_answered_to_nobody() {
    let mut strike = Strike::plan("enumeration by bounce").await.unwrap();
    let mut letters = Vec::new();
    for address in [VICTIM, NOBODY] {
        for (sender, subject) in [
            ("MAILER-DAEMON@mail.test", "Undelivered Mail Returned to Sender"),
            (address, "Out of office"),
            (OURS, "My data"),
        ] {
            let letter = Letter::from(sender, &format!("{address}: user unknown (5.1.1)")).subject(subject);
            let letter =
                if sender == address { letter.header("Auto-Submitted: auto-replied") } else { letter };
            letters.push(letter);
        }
        letters.push(Letter::from(MALLORY, &format!("Is {address} a customer of yours?")).aligned());
    }
    for letter in &letters {
        strike.attacker.write(letter).unwrap();
    }
    strike.tally.attempt(letters.len());
    let mails = strike.target.staff.read(&letters).await.unwrap();
    strike.quiet().await.unwrap();
    assert_eq!(strike.target.sink.count(), 0, "nobody is written to");
    let half = letters.len() / 2;
    for (known, unknown) in mails[..half].iter().zip(&mails[half..]) {
        for name in ["state", "verdict", "reason", "request"] {
            strike.tally.compare(&format!("`{name}` of a mail"), &known[name], &unknown[name]);
        }
    }
    let kept = mails.iter().filter(|mail| mail["reason"].is_string()).count();
    strike.tally.tell("each is kept with its reason", kept == letters.len());
    strike.settle().await.unwrap();
}

/// Links that are used, made up or mangled lead to one and the same page.
#[tokio::test(flavor = "multi_thread")]
async fn links_of_any_kind_lead_to_the_same_page() {
    let mut strike = Strike::plan("enumeration by links").await.unwrap();
    let id = strike.ask_in_her_name().await.unwrap();
    let used = strike.victim.link("/confirm/").await.unwrap();
    strike.victim.confirm().await.unwrap();
    strike.target.staff.becomes(&id, "closed").await.unwrap();
    let package = strike.victim.link("/package/").await.unwrap();
    let pages = strike.target.pages();
    let made_up = "A".repeat(43);
    let token = token_of;
    for page in ["confirm", "identity", "package"] {
        let url = |token: &str| format!("{pages}/en/{page}/{token}");
        let mut seen = Vec::new();
        for token in
            [made_up.clone(), if page == "package" { token(&used) } else { token(&package) }, token(&used)]
        {
            if page == "package" || token != token_of(&used) {
                let shown = strike.attacker.open(&url(&token)).await.unwrap();
                strike.tally.attempt(1);
                seen.push((shown.status, plain(&shown.text(), &[&token])));
            }
        }
        for other in &seen[1..] {
            strike.tally.compare(&format!("/{page}/"), &seen[0], other);
        }
    }
    for path in ["confirm/x", "confirm/..%2f..", "package/-", "identity/%00"] {
        let shown = strike.attacker.open(&format!("{pages}/en/{path}")).await.unwrap();
        strike.tally.attempt(1);
        assert!((400..500).contains(&shown.status), "{path}: {}", shown.status);
    }
    strike.tally.untold("links that were never made lead to no request that could be marked");
    strike.settle().await.unwrap();
}

/// The secret of a link. A used link itself says to its owner that it was used; that is compared with nothing but the used link
/// of somebody else.
fn token_of(link: &str) -> String {
    link.rsplit('/').next().unwrap().to_owned()
}

/// A used link says when it was used, and the same whether or not anything was found.
#[tokio::test(flavor = "multi_thread")]
async fn a_used_link_says_the_same_to_whoever_is_known_and_is_not() {
    let mut strike = Strike::plan("enumeration by used links").await.unwrap();
    let stranger = Party::new(&strike.target, &["one@attacker.test"], "198.18.0.66").unwrap();
    let known = strike.ask_in_her_name().await.unwrap();
    let unknown = strike.target.staff.ask("one@attacker.test", &["access"]).await.unwrap();
    strike.victim.confirm().await.unwrap();
    stranger.confirm().await.unwrap();
    for id in [&known, &unknown] {
        strike.target.staff.becomes(id, "closed").await.unwrap();
    }
    let links = [strike.victim.link("/confirm/").await.unwrap(), stranger.link("/confirm/").await.unwrap()];
    for place in ["/confirm/", "/identity/"] {
        let mut seen = Vec::new();
        for link in &links {
            let shown = strike.attacker.open(&link.replace("/confirm/", place)).await.unwrap();
            assert_eq!(shown.status, 200, "{place}");
            assert!(shown.forms().is_empty(), "there is nothing left to press");
            strike.tally.attempt(1);
            seen.push((shown.status, plain(&shown.text(), &[&token_of(link)])));
        }
        strike.tally.compare(&format!("a used {place}"), &seen[0], &seen[1]);
    }
    strike.tally.untold("links that were used lead to what their owners know");
    strike.settle().await.unwrap();
}

/// Whoever was confirmed by the mailed link alone is asked what else they are known by, on the page and in the letter that
/// found nothing. A stranger who names somebody's number there learns nothing, and the number's owner decides.
async fn what_else_one_is_known_by_tells_nothing_to_whoever_names_it(aim: Aim) {
    let mut strike = Strike::plan("enumeration by what else one is known by").await.unwrap().aiming_at(aim);
    let mut ways = Vec::new();
    for (address, number) in [("one@attacker.test", "1001"), ("two@attacker.test", "9999")] {
        let spy = Party::new(&strike.target, &[address], "198.18.0.66").unwrap();
        strike.target.staff.ask(address, &[aim.right()]).await.unwrap();
        let told = |page: habeas_test_support::person::Page| (page.status, plain(&page.text(), &[address]));
        let mut pages = vec![told(spy.confirm().await.unwrap())];
        let after_link =
            format!("{}/another", spy.link("/confirm/").await.unwrap().replace("/confirm/", "/identity/"));
        strike.quiet().await.unwrap();
        for link in [after_link, spy.link("/another").await.unwrap()] {
            let form = spy.open(&link).await.unwrap();
            let asked = spy.press(&form, &[("named", number)]).await.unwrap();
            pages.extend([told(form), told(asked)]);
            strike.tally.attempt(1);
        }
        strike.quiet().await.unwrap();
        ways.push((pages, shape(&spy.mails().unwrap(), address)));
    }
    for (place, (page, other)) in ways[0].0.iter().zip(&ways[1].0).enumerate() {
        assert_eq!(page.0, 200, "page {place}");
        strike.tally.compare(&format!("page {place}"), page, other);
    }
    assert!(ways[0].1.len() >= 3, "both ways end with an answer");
    strike.tally.compare("the mails", &ways[0].1, &ways[1].1);
    strike.attacker =
        Party::new(&strike.target, &["one@attacker.test", "two@attacker.test"], "198.18.0.66").unwrap();
    assert_eq!(strike.victim.links("/confirm/").unwrap(), 1, "asked once, at the address on file");
    let requests = strike.target.staff.requests().await.unwrap();
    assert_eq!(requests.len(), 3, "one of the three asks at the address on file");
    strike.tally.untold("naming what one is known by is what the page is for; she is asked, and nobody else");
    strike.settle().await.unwrap();
    strike.victim.confirm().await.unwrap();
    let package = strike.victim.link("/package/").await.unwrap();
    strike.victim.fetch(&package).await.unwrap();
    assert_eq!(strike.attacker.links("/package/").unwrap(), 0, "what she asks for goes to her");
}
