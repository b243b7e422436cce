//! What becomes of mails: decided once, never lost, and nobody written to without need.

use std::sync::Arc;

use async_trait::async_trait;
use habeas_domain::{
    Fault, Personal,
    received_mail::{ReceivedMailState, ReplyWord},
};
use habeas_ledger::{FormAnswer, MailContent, NewReceivedMail};
use habeas_mailbox::{
    source::Bell,
    worker::{Answerer, SendsForms},
};
use tokio_util::sync::CancellationToken;

use crate::office::Office;

const MACHINES: [&str; 4] = ["bounce", "auto-reply", "list", "loop"];

#[tokio::test]
async fn machines_lists_and_our_own_mails_are_kept_and_never_answered() {
    let office = Office::new().await;
    let unsure = MACHINES.map(|word| format!("verdict={word}\nfrom=a@example.jp\nright=perhaps"));
    let ours = MACHINES.map(|word| format!("verdict={word}\nfrom=a@example.jp\nright=sure\nours=token"));
    let mut mails: Vec<&str> = unsure.iter().chain(&ours).map(String::as_str).collect();
    mails.push("verdict=request\nfrom=privacy@example.com\nright=perhaps");
    for (state, _) in office.get(&mails).await {
        assert_eq!(state, ReceivedMailState::Ignored);
    }
    assert_eq!((office.taken(), office.forms().len()), (0, 0));
}

#[tokio::test]
async fn what_asks_without_doubt_is_for_staff_however_it_was_sent() {
    let office = Office::new().await;
    let mails = MACHINES.map(|word| format!("verdict={word}\nfrom=a@example.jp\nright=sure"));
    let mut mails: Vec<&str> = mails.iter().map(String::as_str).collect();
    // The form of a company writes in the name of its mailbox.
    mails.push("verdict=request\nfrom=privacy@example.com\nright=sure");
    for (state, reason) in office.get(&mails).await {
        assert_eq!(state, ReceivedMailState::Proposal, "{reason}");
        assert!(reason.contains("no person seems to have sent it"), "{reason}");
    }
    assert_eq!((office.taken(), office.forms().len()), (0, 0), "nobody is written to");
}

#[tokio::test]
async fn what_asks_for_nothing_and_was_answered_waits_for_nobody() {
    let office = Office::new().await;
    let found = office.get(&[
        "verdict=parked\nfrom=a@example.jp\ntext=hello",
        "verdict=parked\nfrom=b@example.jp",
        "verdict=parked\nfrom=c@example.jp\ntext=hello\nspoofed",
    ]);
    let states: Vec<_> = found.await.into_iter().map(|(state, _)| state).collect();
    let (answered, waits) = (ReceivedMailState::Ignored, ReceivedMailState::Parked);
    assert_eq!(states, [answered, waits, waits], "one has no words to read, and one must not be answered");
    assert_eq!(office.forms().len(), 2);
}

#[tokio::test]
async fn a_reply_is_to_be_read_by_staff_with_what_it_says() {
    let office = Office::new().await;
    office
        .get(&[
            "verdict=reply\nfrom=b@example.jp\ntext=about HB-KNOWN\nsays=takes-back",
            "verdict=reply\nfrom=b@example.jp\nright=sure\ntext=about HB-KNOWN\nsays=disowns",
            "verdict=reply\nfrom=b@example.jp\nright=perhaps\nsays=disowns",
        ])
        .await;
    let mails = office.bed.mails().await;
    let mut shown: Vec<_> =
        mails.iter().map(|mail| (mail.unread, mail.says, mail.due_at.is_some())).collect();
    shown.sort_unstable_by_key(|(unread, says, _)| (*unread, says.map(ReplyWord::as_str)));
    assert_eq!(
        shown,
        [
            (false, None, true),
            (true, Some(ReplyWord::Disowns), true),
            (true, Some(ReplyWord::TakesBack), false),
        ],
        "one of no request is decided, not read; what waits for a decision has its day"
    );
}

#[tokio::test]
async fn what_is_not_sure_is_left_to_staff() {
    let office = Office::new().await;
    let mails = [
        "verdict=proposal\nfrom=a@example.jp\nright=perhaps",
        "verdict=request\nfrom=a@example.jp\nright=sure\nagent=lawyer",
        "verdict=request\nfrom=a@example.jp\nright=sure\nagent=guardian",
        "verdict=request\nfrom=refused@example.jp\nright=sure",
        "verdict=reply\nfrom=a@example.jp",
        "verdict=request\nfrom=a@example.jp\nright=sure\ntext=about HB-KNOWN",
    ];
    let found = office.get(&mails).await;
    assert!(found.iter().all(|(state, _)| *state == ReceivedMailState::Proposal), "{found:?}");
    assert!(found[2].1.contains("guardian"), "{found:?}");
    assert!(found[3].1.contains("rights (not-offered)"), "{found:?}");
    assert_eq!((office.taken(), office.forms().len()), (0, 0));
    let poor = office.get(&["verdict=request\nfrom=nobody\nright=sure", "poison"]).await;
    assert!(poor.iter().all(|(state, _)| *state == ReceivedMailState::Parked), "{poor:?}");
}

#[tokio::test]
async fn two_copies_of_a_mail_are_one_request() {
    let office = Office::new().await;
    let copy = "verdict=request\nfrom=a@example.jp\nright=sure\nid=m1\ntext=please\n";
    let found = office.get(&[copy, &format!("{copy}to=dpo")]).await;
    // They are acted on side by side: either may come first.
    let of = |wanted| found.iter().filter(move |(state, _)| *state == wanted).map(|(_, why)| why.as_str());
    assert_eq!(of(ReceivedMailState::Request).count(), 1, "{found:?}");
    let filed: Vec<&str> = of(ReceivedMailState::Filed).collect();
    assert_eq!(filed, ["another copy of the mail that asked"]);
    assert_eq!(office.taken(), 1);
    // A reply belongs to its request and changes nothing.
    let reply = office.get(&["verdict=reply\nfrom=b@example.jp\ntext=about HB-KNOWN"]).await;
    assert_eq!(reply[0].0, ReceivedMailState::Filed);
}

#[tokio::test]
async fn a_sender_is_written_to_only_so_often() {
    let office = Office::new().await;
    let ask = |n: u8| format!("verdict=request\nfrom=a@example.jp\nright=sure\nid=m{n}\n");
    let found = office.get(&[&ask(1), &ask(2), &ask(3)]).await;
    assert_eq!(found.iter().filter(|(state, _)| *state == ReceivedMailState::Request).count(), 2);
    assert!(found.iter().any(|(state, _)| *state == ReceivedMailState::Proposal), "{found:?}");
    // An answer would be the third.
    office.get(&["verdict=parked\nfrom=a@example.jp"]).await;
    assert!(office.forms().is_empty());
    office.get(&["verdict=parked\nfrom=b@example.jp"]).await;
    assert_eq!(office.forms(), ["b@example.jp"]);
}

#[tokio::test]
async fn who_forges_a_sender_uses_up_nothing_of_theirs() {
    let office = Office::new().await;
    let forged = |n: u8| format!("verdict=request\nfrom=a@example.jp\nright=sure\nid=f{n}\nspoofed");
    let found = office.get(&[&forged(1), &forged(2), &forged(3)]).await;
    assert_eq!(found.iter().filter(|(state, _)| *state == ReceivedMailState::Request).count(), 2);
    let own = office.get(&["verdict=request\nfrom=a@example.jp\nright=sure\nid=m1\ntext=mine"]).await;
    assert_eq!(own[0].0, ReceivedMailState::Request, "{own:?}");
}

#[tokio::test]
async fn a_flood_of_strangers_makes_no_flood_of_ours() {
    let office = Office::new().await;
    let mails: Vec<String> =
        (0..8).map(|n| format!("verdict=request\nfrom=p{n}@example.jp\nright=sure\nunknown")).collect();
    let found = office.get(&mails.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let is = |wanted| found.iter().filter(move |(state, _)| *state == wanted).count();
    assert_eq!((is(ReceivedMailState::Request), is(ReceivedMailState::Proposal)), (3, 5), "{found:?}");
    let known = office.get(&["verdict=request\nfrom=known@example.com\nright=sure"]).await;
    assert_eq!(known[0].0, ReceivedMailState::Request, "whose domain stands behind them is no stranger");
    office.get(&["verdict=parked\nfrom=q@example.jp\nunknown"]).await;
    assert!(office.forms().is_empty(), "no answer either");
}

#[tokio::test]
async fn name_servers_that_do_not_answer_are_asked_again_a_few_times() {
    let office = Office::new().await;
    let found = office.get(&["verdict=request\nfrom=a@example.jp\nright=sure\nunknown\nnames-away"]).await;
    assert_eq!(found[0].0, ReceivedMailState::Request, "and then the mail is acted on without");
    assert_eq!(office.bed.mails().await[0].attempts, 1, "that was no fault of the mail");
}

#[tokio::test]
async fn what_does_not_answer_for_long_gives_no_mail_up() {
    let office = Office::new().await;
    let stored = office.store(&["verdict=request\nfrom=a@example.jp\nright=sure"]).await;
    let running = CancellationToken::new();
    for _ in 0..12 {
        *office.outside.fail.lock().unwrap() = true;
        assert_eq!(office.worker.round(&running).await.unwrap(), 1);
    }
    *office.outside.fail.lock().unwrap() = false;
    assert_eq!(office.state(stored[0].id).await.0, ReceivedMailState::Stored);
    office.get(&[]).await;
    assert_eq!(office.state(stored[0].id).await.0, ReceivedMailState::Request);
}

#[tokio::test]
async fn a_mail_brings_one_answer_however_often_it_is_read() {
    let office = Office::new().await;
    office.get(&["verdict=parked\nfrom=b@example.jp"]).await;
    let mails = office.bed.mails().await;
    assert!(mails[0].answered_at.is_some());
    let staff = habeas_domain::Actor::System;
    office.bed.ledger.read_mail_again(mails[0].id, staff).await.unwrap();
    office.get(&[]).await;
    assert_eq!(office.forms(), ["b@example.jp"]);
}

#[tokio::test]
async fn an_answer_that_cannot_be_sent_is_tried_again_and_given_up() {
    struct Away;
    #[async_trait]
    impl SendsForms for Away {
        async fn send_form(&self, _: &FormAnswer) -> Result<(), Fault> {
            Err(Fault::permanent("mail-refused", "the mail server refuses it"))
        }
    }
    let office = Office::new().await;
    let away = Answerer::new(office.bed.ledger.clone(), Arc::new(Away), Bell::default());
    let running = CancellationToken::new();
    office.store(&["verdict=parked\nfrom=b@example.jp"]).await;
    while office.worker.round(&running).await.unwrap() > 0 {}
    // At a shutdown it is handed back.
    let stopped = CancellationToken::new();
    stopped.cancel();
    assert_eq!(office.answerer.round(&stopped).await.unwrap(), 1);
    assert_eq!(away.round(&running).await.unwrap(), 1);
    assert_eq!(office.answerer.round(&running).await.unwrap(), 0);
    assert!(office.forms().is_empty());
}

#[tokio::test]
async fn a_forged_sender_brings_nothing_but_the_challenge() {
    let office = Office::new().await;
    let found = office
        .get(&[
            "verdict=request\nfrom=a@example.jp\nright=sure\nspoofed",
            "verdict=parked\nfrom=b@example.jp\nspoofed",
        ])
        .await;
    assert_eq!(found[0].0, ReceivedMailState::Request);
    assert!(!office.outside.taken.lock().unwrap()[0].receipt);
    assert_eq!(found[1].0, ReceivedMailState::Parked);
    assert!(office.forms().is_empty());
    office.get(&["verdict=request\nfrom=c@example.jp\nright=sure"]).await;
    assert!(office.outside.taken.lock().unwrap()[1].receipt);
}

#[tokio::test]
async fn what_fails_is_tried_again_and_taken_once() {
    let office = Office::new().await;
    *office.outside.fail.lock().unwrap() = true;
    let found = office.get(&["verdict=request\nfrom=a@example.jp\nright=sure"]).await;
    assert_eq!(found[0].0, ReceivedMailState::Request);
    assert_eq!(office.taken(), 1);
}

#[tokio::test]
async fn a_shutdown_hands_back_what_was_not_read() {
    let office = Office::new().await;
    let stopped = CancellationToken::new();
    stopped.cancel();
    let mail = NewReceivedMail {
        mailbox: "privacy".to_owned(),
        place: None,
        received_at: office.bed.ledger.ids().now(),
        content: MailContent::Whole(Personal::new(
            b"verdict=request\nfrom=a@example.jp\nright=sure".to_vec(),
        )),
        delivery: None,
    };
    let stored = office.bed.ledger.store_mails(&[mail], None).await.unwrap();
    assert_eq!(office.worker.round(&stopped).await.unwrap(), 1);
    let view = office.bed.ledger.mail_view(stored[0].id).await.unwrap();
    assert_eq!((view.state, view.attempts), (ReceivedMailState::Stored, 0));
}
