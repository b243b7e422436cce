//! The mails of a request as staff see them, how a mail was handed in, and answers to mails that ask for nothing.

use std::time::Duration;

use chrono::TimeDelta;
use habeas_domain::{
    EmailAddress, Language, Personal, Right,
    received_mail::{ReceivedMailState, SenderAuthentication, Verdict, Writer},
};
use habeas_ledger::{
    ClaimedMail, FormAnswer, FormEnd, FormOrder, MailDecision, MailDelivery, MailReading, MailVerdict,
    NewReceivedMail, StoredMail,
};

use crate::{
    mails::{claim, decision, mail, reading},
    samples::{LEASE, staff},
    world::{World, start},
};

on_both!(
    a_request_shows_its_mails_and_who_wrote_them,
    a_proposal_that_speaks_of_a_request_outlives_it,
    how_a_mail_was_handed_in_is_kept_sealed,
    an_answer_is_ordered_once_sent_once_and_wiped,
    an_answer_that_cannot_be_read_keeps_no_other_back,
    a_stale_sender_of_an_answer_changes_nothing,
    an_answer_to_an_erased_mail_is_given_up,
    a_sender_is_answered_so_often_however_many_mails_are_decided_at_once,
);

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn order(to: &str) -> FormOrder {
    FormOrder {
        to: address(to),
        language: Language::Ja,
        answers: Some(Personal::new("m1@example.jp".to_owned())),
        most: 100,
    }
}

/// Stores a mail of `from` and decides it.
async fn decided(
    world: &World,
    text: &str,
    from: &str,
    read: Verdict,
    verdict: MailVerdict,
    form: Option<FormOrder>,
) -> StoredMail {
    world.clock.advance(TimeDelta::seconds(1));
    let mail = NewReceivedMail { received_at: world.ledger.ids().now(), ..mail(text, None) };
    let stored = world.ledger.store_mails(&[mail], None).await.unwrap()[0];
    let reading = MailReading {
        authentication: SenderAuthentication::Unaligned,
        message_id: None,
        sender: Some(address(from)),
        ..reading(read)
    };
    let decided = decision(&claim(world).await, verdict);
    let decision = MailDecision { reading: Some(reading), answers: false, form, ..decided };
    world.ledger.decide_mails(vec![decision]).await.unwrap();
    stored
}

async fn a_request_shows_its_mails_and_who_wrote_them(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    assert_eq!(world.view(request).await.sender(), None, "it came in no mail");
    let filed = MailVerdict::Filed(request);
    decided(&world, "asks", "Hanako@example.jp", Verdict::Request, MailVerdict::Taken(request), None).await;
    decided(&world, "reply", "hanako@example.jp", Verdict::Reply, filed.clone(), None).await;
    decided(&world, "hijack", "mallory@example.com", Verdict::Reply, filed.clone(), None).await;
    decided(&world, "report", "mailer-daemon@example.jp", Verdict::Bounce, filed, None).await;
    let proposal = decided(
        &world,
        "more",
        "mallory@example.com",
        Verdict::Reply,
        MailVerdict::Proposed(Some(request)),
        None,
    )
    .await;
    let view = world.view(request).await;
    assert_eq!(view.sender(), Some(SenderAuthentication::Unaligned));
    let shown: Vec<_> = view.received.iter().map(|mail| (mail.state, mail.written_by)).collect();
    assert_eq!(
        shown,
        [
            (ReceivedMailState::Request, Some(Writer::Subject)),
            (ReceivedMailState::Filed, Some(Writer::Subject)),
            (ReceivedMailState::Filed, Some(Writer::Other)),
            (ReceivedMailState::Filed, None),
            (ReceivedMailState::Proposal, Some(Writer::Other)),
        ]
    );
    // What staff put with it bears the badge, too.
    world.ledger.file_mail(proposal.id, request, staff(1)).await.unwrap();
    assert_eq!(world.ledger.mail_view(proposal.id).await.unwrap().written_by, Some(Writer::Other));
    let stray =
        decided(&world, "stray", "hanako@example.jp", Verdict::Parked, MailVerdict::Parked, None).await;
    assert_eq!(world.ledger.mail_view(stray.id).await.unwrap().written_by, None);
    world.ledger.file_mail(stray.id, request, staff(1)).await.unwrap();
    assert_eq!(world.ledger.mail_view(stray.id).await.unwrap().written_by, Some(Writer::Subject));
    // None of it changed the request.
    assert_eq!(world.view(request).await.state, view.state);
    assert!(world.ledger.verify_audit(|_| ()).await.unwrap().breaks.is_empty());
}

async fn a_proposal_that_speaks_of_a_request_outlives_it(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    let reply =
        decided(&world, "reply", "a@example.jp", Verdict::Reply, MailVerdict::Filed(request), None).await;
    let proposal =
        decided(&world, "more", "a@example.jp", Verdict::Reply, MailVerdict::Proposed(Some(request)), None)
            .await;
    world.run("UPDATE request SET closed_at = 1, state = 'closed'").await;
    assert_eq!(world.ledger.purge(&[request]).await.unwrap(), 1);
    assert!(world.ledger.mail_view(reply.id).await.unwrap().erased);
    assert!(!world.ledger.mail_view(proposal.id).await.unwrap().erased, "staff have yet to look at it");
}

async fn how_a_mail_was_handed_in_is_kept_sealed(world: World) {
    let delivery = MailDelivery {
        client: Personal::new("203.0.113.5".parse().unwrap()),
        helo: Personal::new("mx.example.jp".to_owned()),
        mail_from: Personal::new("hanako@example.jp".to_owned()),
    };
    let piped = NewReceivedMail { delivery: Some(delivery.clone()), ..mail("a", None) };
    let stored = world.ledger.store_mails(&[piped, mail("b", None)], None).await.unwrap();
    let whole = world.ledger.whole_mail(stored[0].id).await.unwrap();
    assert_eq!((whole.raw.expose().as_slice(), whole.delivery), (b"a".as_slice(), Some(delivery)));
    assert_eq!(world.ledger.whole_mail(stored[1].id).await.unwrap().delivery, None);
    for row in world.rows("SELECT delivery FROM received_mail WHERE delivery IS NOT NULL").await {
        let sealed: Vec<u8> = row.try_get("", "delivery").unwrap();
        assert!(!String::from_utf8_lossy(&sealed).contains("203.0.113.5"));
    }
}

async fn claimed(world: &World) -> Vec<FormAnswer> {
    world.ledger.claim_form_answers(10, LEASE).await.unwrap()
}

async fn parked(world: &World, text: &str, to: &str) -> StoredMail {
    decided(world, text, to, Verdict::Parked, MailVerdict::Parked, Some(order(to))).await
}

async fn an_answer_that_cannot_be_read_keeps_no_other_back(world: World) {
    parked(&world, "a", "hanako@example.jp").await;
    parked(&world, "b", "taro@example.jp").await;
    let first = "WHERE id = (SELECT id FROM form_answer ORDER BY id LIMIT 1)";
    assert_eq!(world.run(&format!("UPDATE form_answer SET language = 'of-later' {first}")).await, 1);
    let [answer] = &claimed(&world).await[..] else { panic!("the other one") };
    assert_eq!(answer.to.expose(), "taro@example.jp");
    assert!(claimed(&world).await.is_empty(), "it is put off");
    let mended = "UPDATE form_answer SET language = 'ja', next_attempt_at = 0 WHERE language = 'of-later'";
    assert_eq!(world.run(mended).await, 1);
    assert_eq!(claimed(&world).await[0].to.expose(), "hanako@example.jp", "nothing of it is lost");
}

async fn an_answer_is_ordered_once_sent_once_and_wiped(world: World) {
    let stored = parked(&world, "a", "hanako@example.jp").await;
    assert_eq!(world.ledger.answers_to(&address("Hanako@example.jp"), true).await.unwrap(), 1);
    let answer = claimed(&world).await.pop().unwrap();
    assert_eq!(answer.to.expose(), "hanako@example.jp");
    assert_eq!(answer.answers.as_ref().unwrap().expose(), "m1@example.jp");
    assert_eq!((answer.mailbox.as_str(), answer.language, answer.attempts), ("privacy", Language::Ja, 1));
    assert!(claimed(&world).await.is_empty(), "it is held");
    world.ledger.put_form_back(answer.lease, Duration::ZERO).await.unwrap();
    let again = claimed(&world).await.pop().unwrap();
    assert_eq!((again.attempts, again.lease.answer), (2, answer.lease.answer), "the same mail");
    world.ledger.form_ended(again.lease, FormEnd::Sent).await.unwrap();
    assert!(claimed(&world).await.is_empty());
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM form_answer WHERE recipient IS NOT NULL").await, 0);
    // Read again, it is decided again; nobody is written to a second time.
    world.ledger.read_mail_again(stored.id, staff(1)).await.unwrap();
    let decided = decision(&claim(&world).await, MailVerdict::Parked);
    let form = Some(order("hanako@example.jp"));
    let decision = MailDecision { reading: None, answers: false, form, ..decided };
    world.ledger.decide_mails(vec![decision]).await.unwrap();
    assert!(claimed(&world).await.is_empty());
    let pruned = world.ledger.prune(start() + TimeDelta::days(1), 10).await.unwrap();
    assert_eq!(pruned.form_answers, 1);
}

async fn a_stale_sender_of_an_answer_changes_nothing(world: World) {
    parked(&world, "a", "hanako@example.jp").await;
    let stale = claimed(&world).await.pop().unwrap();
    world.ledger.put_form_back(stale.lease, Duration::ZERO).await.unwrap();
    let holder = claimed(&world).await.pop().unwrap();
    world.ledger.form_ended(stale.lease, FormEnd::Sent).await.unwrap();
    world.ledger.put_form_back(stale.lease, Duration::ZERO).await.unwrap();
    assert!(claimed(&world).await.is_empty(), "the holder still holds it");
    world.ledger.form_ended(holder.lease, FormEnd::Parked).await.unwrap();
    let states = world.number("SELECT COUNT(*) AS n FROM form_answer WHERE state = 'parked'").await;
    assert_eq!(states, 1);
}

async fn an_answer_to_an_erased_mail_is_given_up(world: World) {
    parked(&world, "a", "hanako@example.jp").await;
    assert_eq!(world.ledger.purge_mails(start() + TimeDelta::days(1), 10).await.unwrap(), 1);
    assert!(claimed(&world).await.is_empty());
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM form_answer WHERE state = 'waiting'").await, 0);
}

/// Mails of one sender, each decided by a worker of its own at the same instant, and then some by one worker at once.
async fn a_sender_is_answered_so_often_however_many_mails_are_decided_at_once(world: World) {
    const MOST: u64 = 3;
    let mails: Vec<NewReceivedMail> = (0..12).map(|n| mail(&format!("hello {n}"), None)).collect();
    world.ledger.store_mails(&mails, None).await.unwrap();
    let decision = |claimed: &ClaimedMail| {
        let reading = MailReading {
            authentication: SenderAuthentication::None,
            message_id: None,
            sender: Some(address("robot@example.com")),
            ..reading(Verdict::Parked)
        };
        let form = Some(FormOrder { most: MOST, ..order("Robot@Example.com") });
        let decided = decision(claimed, MailVerdict::Parked);
        MailDecision { reading: Some(reading), answers: false, form, ..decided }
    };
    let claimed = world.ledger.claim_mails(12, LEASE).await.unwrap();
    let (apart, together) = claimed.split_at(8);
    let workers: Vec<_> = apart
        .iter()
        .map(|claimed| {
            let (ledger, decision) = (world.ledger.clone(), decision(claimed));
            tokio::spawn(async move { ledger.decide_mails(vec![decision]).await.unwrap().len() })
        })
        .collect();
    for worker in workers {
        assert_eq!(worker.await.unwrap(), 1, "each mail is decided, answered or not");
    }
    let sent = "SELECT COUNT(*) AS n FROM form_answer";
    let answered = "SELECT COUNT(*) AS n FROM received_mail WHERE answered_at IS NOT NULL";
    assert_eq!((world.number(sent).await, world.number(answered).await), (3, 3));
    world.clock.advance(TimeDelta::hours(25));
    world.ledger.decide_mails(together.iter().map(decision).collect()).await.unwrap();
    assert_eq!((world.number(sent).await, world.number(answered).await), (6, 6), "of four at once, three");
}
