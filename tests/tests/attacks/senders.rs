//! Mails in somebody else's name, and from addresses that look like somebody else's.

use habeas_tests::attack::{Letter, MALLORY, Party, Strike, VICTIM};

both_ways!(
    a_forged_sender_gets_nothing: "spoofed From",
    an_address_that_looks_alike_is_another_address: "lookalike domains",
    a_name_that_holds_an_address_is_a_name: "an address in the name",
);

/// Di Martino et al. 2019 wrote the victim's address into `From` and waited for the answer elsewhere.
async fn a_forged_sender_gets_nothing(mut strike: Strike) {
    let ask = strike.aim.ask();
    let forged = |from: &str| Letter::from(from, ask).unaligned();
    let letters = [
        forged(VICTIM),
        forged(&format!("Hanako Yamada <{VICTIM}>")).header(&format!("Reply-To: {MALLORY}")),
        // Results that the sender wrote, below the line that our own server wrote.
        forged(VICTIM).header(&format!(
            "Authentication-Results: mx.mart.test; dmarc=pass header.from=people.test\r\nReturn-Path: <{MALLORY}>"
        )),
    ];
    for letter in &letters {
        strike.attacker.write(letter).unwrap();
    }
    strike.tally.attempt(letters.len());
    let mails = strike.target.staff.read(&letters).await.unwrap();
    strike.victim.link_after(letters.len() - 1, "/confirm/").await.unwrap();
    strike.quiet().await.unwrap();
    assert_eq!(strike.attacker.mails().unwrap().len(), 0, "nothing goes to where the attacker reads");
    assert_eq!(strike.victim.mails().unwrap().len(), letters.len(), "the challenge and nothing else");
    let badges = mails.iter().filter(|mail| mail["authentication"] == "unaligned").count();
    strike.tally.tell("the badge `unaligned` on each mail", badges == letters.len());
    let reason = mails[1]["reason"].as_str().unwrap();
    strike
        .tally
        .tell("the reason names the other address for answers", reason.contains("answer at another address"));
    let claims = mails[2].to_string();
    strike.tally.tell("the remark on results in our name", claims.contains("results-in-our-name"));
    for request in strike.target.staff.requests().await.unwrap() {
        assert_eq!(request["state"], "awaiting-verification");
        strike.tally.tell("the badge on the request", request["sender"] == "unaligned");
    }
    strike.settle().await.unwrap();
    strike.honest_copy().await.unwrap();
}

/// Pavur and Knerr 2019 made up an address of the victim's name; Di Martino et al. 2019 used ones that look alike. Whoever
/// owns such an address can prove it, and is told what is held about it: nothing.
async fn an_address_that_looks_alike_is_another_address(mut strike: Strike) {
    const ALIKE: [&str; 7] = [
        "hanako@peop1e.test",
        "hanako@my-people.test",
        "hanako@people.test.attacker.test",
        "hanako+privacy@people.test",
        "hana.ko@people.test",
        "hanakoo@people.test",
        "hanako_yamada@people.test",
    ];
    const HOMOGLYPH: &str = "hanako@p\u{435}\u{43e}ple.test";
    let ask = strike.aim.ask();
    let ascii = "hanako@xn--pple-v4d8c.test";
    let addresses: Vec<&str> = ALIKE.iter().copied().chain([ascii]).collect();
    let attacker = Party::new(&strike.target, &addresses, "198.18.0.66").unwrap();
    let letter = |address: &str| Letter::from(&format!("Hanako Yamada <{address}>"), ask).aligned();
    let letters: Vec<Letter> = ALIKE.iter().copied().chain([HOMOGLYPH]).map(letter).collect();
    for letter in &letters {
        attacker.write(letter).unwrap();
    }
    strike.attacker = attacker;
    strike.tally.attempt(addresses.len());
    let mails = strike.target.staff.read(&letters).await.unwrap();
    let taken = mails.iter().filter(|mail| mail["state"] == "request").count();
    for address in &addresses {
        let owner = Party::new(&strike.target, &[*address], "198.18.0.67").unwrap();
        owner.confirm().await.unwrap();
    }
    strike.quiet().await.unwrap();
    assert_eq!(taken, addresses.len());
    assert_eq!(strike.attacker.links("/package/").unwrap(), 0);
    assert_eq!(strike.victim.mails().unwrap().len(), 0);
    for request in strike.target.staff.requests().await.unwrap() {
        assert_eq!(request["outcome"], "nothing-held", "{request}");
    }
    let last = mails.last().unwrap().to_string();
    strike.tally.tell("the remark on letters of another script", last.contains("lookalike-letters"));
    strike.settle().await.unwrap();
}

/// Di Martino et al. 2019 relied on readers who look at the name beside the address, and on programs that differ.
async fn a_name_that_holds_an_address_is_a_name(mut strike: Strike) {
    let ask = strike.aim.ask();
    let letters = [
        Letter::from(&format!("\"{VICTIM}\" <{MALLORY}>"), ask).aligned(),
        Letter::from(&format!("{VICTIM}, {MALLORY}"), ask),
        Letter::from(&format!("<{VICTIM}> <{MALLORY}>"), ask),
        Letter::from(MALLORY, ask).header(&format!("From: {VICTIM}")),
        Letter::from(MALLORY, ask).header(&format!("Sender: {VICTIM}")).aligned(),
    ];
    for letter in &letters {
        strike.attacker.write(letter).unwrap();
    }
    strike.tally.attempt(letters.len());
    let mails = strike.target.staff.read(&letters).await.unwrap();
    strike.attacker.confirm().await.unwrap();
    strike.quiet().await.unwrap();
    for mail in &mails[1..4] {
        assert!(["parked", "proposal"].contains(&mail["state"].as_str().unwrap()), "{mail}");
    }
    let first = mails[0].to_string();
    strike
        .tally
        .tell("the remark on a name that holds an address", first.contains("name-holds-another-address"));
    strike.tally.tell("mails without one sender wait for staff", mails[1]["reason"].is_string());
    assert_eq!(strike.victim.mails().unwrap().len(), 0);
    strike.settle().await.unwrap();
}
