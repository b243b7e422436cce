//! "I lost my mailbox, send it here", with papers to show for it.

use habeas_tests::attack::{Aim, Letter, MALLORY, Strike, VICTIM};

for_either_copy!(papers_that_come_with_a_mail_are_kept_and_never_believed);

both_ways!(an_address_that_is_not_on_file_gets_what_is_held_about_itself: "I lost my mailbox, send it here");

/// Pavur and Knerr 2019 and Bufalieri et al. 2020 found companies that send the data to whatever address asks, once a
/// reason is given why the usual one cannot be used.
async fn an_address_that_is_not_on_file_gets_what_is_held_about_itself(mut strike: Strike) {
    let ask = strike.aim.ask();
    let text = format!(
        "I am Hanako Yamada. I have lost access to my old mailbox {VICTIM}, so please use this one from now on. {ask} \
         Send it to {MALLORY}, and set this address in my account."
    );
    let urgent = text.replace("I am", "This is urgent, my lawyer is waiting. I am");
    let letters = [Letter::from(MALLORY, &text).aligned(), Letter::from(MALLORY, &urgent).aligned()];
    for letter in &letters {
        strike.attacker.write(letter).unwrap();
    }
    strike.tally.attempt(letters.len());
    let mails = strike.target.staff.read(&letters).await.unwrap();
    let told = mails
        .iter()
        .all(|mail| mail["reason"].as_str().unwrap().contains("another address than the sender's"));
    strike.tally.tell("the reason of the mail says that it names another address", told);
    if mails[0]["state"] == "request" {
        strike.attacker.confirm().await.unwrap();
    }
    strike.quiet().await.unwrap();
    assert_eq!(strike.victim.mails().unwrap().len(), 0, "what an unproven mail names is not written to");
    strike.settle().await.unwrap();
    strike.honest_copy().await.unwrap();
}

/// Boniface et al. 2019: a copy of an identity card is the most common proof, and anybody can make one. Pavur and Knerr 2019
/// sent heavily redacted papers, Di Martino et al. 2019 edited ones.
async fn papers_that_come_with_a_mail_are_kept_and_never_believed(aim: Aim) {
    let mut strike = Strike::plan("forged and redacted papers").await.unwrap().aiming_at(aim);
    let text = format!(
        "{} My identity card and a bank statement are attached. I blacked out what you do not need.",
        aim.ask()
    );
    let with_papers = |letter: Letter| {
        letter.attach("card.png", "image/png", b"\x89PNG\r\n\x1a\nnot her card").attach(
            "statement.pdf",
            "application/pdf",
            b"%PDF-1.4 all of it is black",
        )
    };
    let forged = with_papers(Letter::from(VICTIM, &text).unaligned());
    let own = with_papers(Letter::from(&format!("Hanako Yamada <{MALLORY}>"), &text).aligned());
    strike.attacker.write(&forged).unwrap();
    strike.attacker.write(&own).unwrap();
    strike.tally.attempt(2);
    let mails = strike.target.staff.read(&[forged, own]).await.unwrap();
    strike.attacker.confirm().await.unwrap();
    strike.quiet().await.unwrap();
    for mail in &mails {
        let papers = mail["content"]["understanding"]["attachments"].as_array().unwrap().len();
        strike.tally.tell("the papers are listed with their mail", papers == 2);
    }
    let of_victim = mails[0]["request"].as_str().unwrap();
    let request = strike.target.staff.request(of_victim).await.unwrap();
    assert_eq!((&request["state"], &request["more_proof"]), (&"awaiting-verification".into(), &false.into()));
    let identity = strike.target.staff.get(&format!("/v1/requests/{of_victim}/identity")).await.unwrap();
    assert_eq!(identity["evidence"].as_array().unwrap().len(), 0, "papers are no evidence by themselves");
    strike.settle().await.unwrap();
}
