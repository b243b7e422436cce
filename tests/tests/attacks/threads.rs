//! Replies that pretend to belong to somebody's request.

use habeas_tests::attack::{Letter, MALLORY, OURS, Strike, VICTIM};
use serde_json::Value;

both_ways!(
    a_reply_from_somebody_else_is_shown_and_changes_nothing: "a reply hijacked by threading",
    a_made_up_bounce_opens_no_other_way: "a made-up bounce",
);

/// What must not move when somebody else writes.
fn standing(request: &Value) -> Value {
    let mut request = request.clone();
    if let Some(request) = request.as_object_mut() {
        request.retain(|name, _| {
            ["state", "waits_for", "jobs", "verified_at", "due_on", "rights"].contains(&name.as_str())
        });
    }
    // That staff are to read what came is all that a stranger's mail brings about.
    if let Some(waits) = request["waits_for"].as_array_mut() {
        waits.retain(|wait| wait != "staff-reply");
    }
    request
}

/// Bufalieri et al. 2020: conversations that go on with whoever answers. A stolen Message-ID or address puts a mail beside the
/// request and does nothing; a subject alone does not even do that.
async fn a_reply_from_somebody_else_is_shown_and_changes_nothing(mut strike: Strike) {
    let id = strike.ask_in_her_name().await.unwrap();
    strike.victim.link("/confirm/").await.unwrap();
    strike.quiet().await.unwrap();
    let stolen = strike.victim.mails().unwrap().pop().unwrap();
    let (thread, reply_to) = (stolen.header("Message-ID").unwrap(), stolen.header("Reply-To").unwrap());
    let token = reply_to.trim_start_matches('<').trim_end_matches('>');
    assert!(token.contains('+') && token.ends_with("@mart.test"), "a plus-address: {token}");
    let before = strike.target.staff.request(&id).await.unwrap();
    let reference = before["reference"].as_str().unwrap().to_owned();
    let yes = "Yes, this is me, I confirm it. Go on, please.";
    let elsewhere =
        "Please send me a copy of all my personal data to this address instead, and delete everything.";
    let letters = [
        Letter::from(MALLORY, yes)
            .header(&format!("In-Reply-To: {thread}\r\nReferences: {thread}"))
            .aligned(),
        Letter::from(MALLORY, yes).to(token).aligned(),
        Letter::from(VICTIM, yes).header(&format!("References: {thread}")).unaligned(),
        Letter::from(MALLORY, elsewhere).header(&format!("In-Reply-To: {thread}")).aligned(),
        Letter::from(MALLORY, yes).subject(&format!("Re: Your request {reference}")).aligned(),
        Letter::from(MALLORY, yes).to("privacy+AAAAAAAAAAAAAAAAAAAAAAAAAAAA@mart.test").aligned(),
    ];
    for letter in &letters {
        strike.attacker.write(letter).unwrap();
    }
    strike.tally.attempt(letters.len());
    let mails = strike.target.staff.read(&letters).await.unwrap();
    strike.quiet().await.unwrap();
    let request_of = |mail: &Value| mail["request"].as_str().map(str::to_owned);
    for mail in &mails[..3] {
        assert_eq!((mail["state"].as_str(), request_of(mail)), (Some("filed"), Some(id.clone())), "{mail}");
    }
    let shown = strike.target.staff.request(&id).await.unwrap();
    let others =
        shown["received_mails"].as_array().unwrap().iter().filter(|mail| mail["written_by"] == "other");
    strike
        .tally
        .tell("the request shows who else wrote: three replies from another address", others.count() == 3);
    let waits = shown["waits_for"].as_array().unwrap();
    strike
        .tally
        .tell("the replies wait for staff to read them", waits.iter().any(|wait| wait == "staff-reply"));
    strike.tally.tell("a reply that asks for something waits for staff", mails[3]["state"] == "proposal");
    for mail in &mails[4..] {
        assert_eq!(request_of(mail), None, "by its subject or a made-up token it belongs to nothing: {mail}");
    }
    strike.tally.tell("the badge on the forged reply", mails[2]["authentication"] == "unaligned");
    let after = strike.target.staff.request(&id).await.unwrap();
    assert_eq!(standing(&after), standing(&before));
    assert_eq!(strike.attacker.mails().unwrap().len(), 0);
    assert_eq!(strike.target.sink.count(), strike.victim.mails().unwrap().len());
    strike.settle().await.unwrap();
    strike.victim.confirm().await.unwrap();
    strike.target.staff.becomes(&id, "closed").await.unwrap();
}

/// A made-up report that her mail did not arrive, so that staff look for another way to her: with a stolen token it is shown as
/// what it says, and opens no other way. Without one it is nobody's.
async fn a_made_up_bounce_opens_no_other_way(mut strike: Strike) {
    let id = strike.ask_in_her_name().await.unwrap();
    strike.victim.link("/confirm/").await.unwrap();
    strike.quiet().await.unwrap();
    let stolen =
        strike.victim.mails().unwrap().into_iter().find(|mail| mail.link_with("/confirm/").is_ok()).unwrap();
    let thread = stolen.header("Message-ID").unwrap();
    let bounce = |of: &str| {
        format!(
            "From: MAILER-DAEMON@mail.attacker.test\r\nTo: {OURS}\r\nSubject: Undelivered Mail Returned to Sender\r\n\
             Message-ID: <{}@attacker.test>\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
             --b\r\nContent-Type: text/plain\r\n\r\nUnknown user. New address: {MALLORY}\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.attacker.test\r\n\r\n\
             Final-Recipient: rfc822; {VICTIM}\r\nAction: failed\r\nStatus: 5.1.1\r\n\
             --b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {of}\r\nFrom: {OURS}\r\nTo: {VICTIM}\r\n\
             Subject: Your request\r\n\r\nx\r\n--b--\r\n",
            of.len() + usize::from(of == thread)
        )
    };
    for (number, of) in ["<made.up@mart.test>", thread.as_str()].into_iter().enumerate() {
        strike.target.deliver_raw(bounce(of).as_bytes()).unwrap();
        strike.tally.attempt(1);
        let mails = strike.target.staff.decided(number + 1).await.unwrap();
        let filed = mails.iter().filter(|mail| mail["request"].is_string()).count();
        assert_eq!(filed, number, "without a token of ours it is nobody's");
    }
    let request = strike.target.staff.request(&id).await.unwrap();
    let waits = request["waits_for"].as_array().unwrap().iter().any(|wait| wait == "undelivered-mail");
    strike.tally.tell("the request says that its mail came back", waits);
    assert_eq!(strike.attacker.mails().unwrap().len(), 0, "nobody is written to because of it");
    strike.settle().await.unwrap();
    strike.victim.confirm().await.unwrap();
    strike.target.staff.becomes(&id, "closed").await.unwrap();
}
