//! Mails of ours that come back.

use habeas_domain::{Letter, MailId, Personal, RequestState, Right, TypedId, WorkKind};
use habeas_ledger::{NewChallenge, Purpose, WaitsFor};
use uuid::Uuid;

use crate::{
    samples::challenge,
    world::{World, start},
};

on_both!(
    a_challenge_that_came_back_is_shown_and_changes_no_state,
    a_delay_is_shown_and_the_end_replaces_it,
    a_newer_challenge_takes_the_sign_away,
    a_report_about_no_mail_of_ours_changes_nothing,
    no_word_of_the_report_is_kept,
);

fn verify(world: &World) -> NewChallenge {
    let secret = || Personal::new("12345678".to_owned());
    let letter = Letter::Verify {
        rights: vec![Right::Access],
        link: secret(),
        link_expires_at: start(),
        code: secret(),
        code_expires_at: start(),
    };
    NewChallenge { letter, ..challenge(world, Purpose::Identity, "hash") }
}

/// A request whose first two mails are out. Returns it with its challenge's mail.
async fn challenged(world: &World) -> (habeas_domain::RequestId, MailId) {
    let request = world.accepted(&[Right::Access]).await;
    let claimed = world.claim_one(request, WorkKind::Challenge).await;
    world.ledger.challenged(vec![(claimed.lease, request, verify(world))]).await.unwrap();
    world.send_mails(request).await;
    let view = world.view(request).await;
    (request, view.mails.iter().find(|mail| mail.kind == "verify").unwrap().id)
}

async fn a_challenge_that_came_back_is_shown_and_changes_no_state(world: World) {
    let (request, mail) = challenged(&world).await;
    let back = world.ledger.mail_bounced(mail, Some("5.1.1"), true).await.unwrap().unwrap();
    assert_eq!((back.request, back.kind.as_str()), (request, "verify"));
    let view = world.view(request).await;
    assert_eq!(view.state, RequestState::AwaitingVerification);
    assert_eq!(view.waits_for, [WaitsFor::UndeliveredMail, WaitsFor::Person]);
    let shown = view.mails.iter().find(|one| one.id == mail).unwrap().undelivered.clone().unwrap();
    assert_eq!((shown.status.as_deref(), shown.for_good), (Some("5.1.1"), true));
    assert_eq!(world.events(request).await.last().unwrap(), "mail-undelivered");
    assert_eq!(world.ledger.mail_bounced(mail, Some("5.1.1"), true).await.unwrap(), None, "a repeat");
    assert_eq!(world.events(request).await.iter().filter(|event| *event == "mail-undelivered").count(), 1);
    world.assert_audit_whole().await;
}

async fn a_delay_is_shown_and_the_end_replaces_it(world: World) {
    let (request, mail) = challenged(&world).await;
    assert!(world.ledger.mail_bounced(mail, Some("4.4.1"), false).await.unwrap().is_some());
    assert_eq!(world.view(request).await.waits_for, [WaitsFor::Person]);
    assert!(world.ledger.mail_bounced(mail, Some("5.4.7"), true).await.unwrap().is_some());
    assert!(world.ledger.mail_bounced(mail, Some("4.4.1"), false).await.unwrap().is_none());
    let view = world.view(request).await;
    let shown = view.mails.iter().find(|one| one.id == mail).unwrap().undelivered.clone().unwrap();
    assert_eq!((shown.status.as_deref(), shown.for_good), (Some("5.4.7"), true));
}

async fn a_newer_challenge_takes_the_sign_away(world: World) {
    let (request, mail) = challenged(&world).await;
    world.ledger.mail_bounced(mail, None, true).await.unwrap();
    world.clock.advance(chrono::TimeDelta::hours(1));
    world.ledger.challenge_within(request, verify(&world), u64::MAX).await.unwrap();
    world.send_mails(request).await;
    assert_eq!(world.view(request).await.waits_for, [WaitsFor::Person]);
}

async fn a_report_about_no_mail_of_ours_changes_nothing(world: World) {
    let (request, _) = challenged(&world).await;
    let before = world.view(request).await;
    let stranger = MailId::from_uuid(Uuid::from_u128(7));
    assert_eq!(world.ledger.mail_bounced(stranger, Some("5.1.1"), true).await.unwrap(), None);
    assert_eq!(world.view(request).await, before);
}

async fn no_word_of_the_report_is_kept(world: World) {
    let (_, mail) = challenged(&world).await;
    let words = "5.1.1 <hanako@example.jp> unknown";
    assert!(world.ledger.mail_bounced(mail, Some(words), true).await.unwrap().is_some());
    let kept = world.number("SELECT COUNT(*) AS n FROM mail WHERE undelivered_status IS NOT NULL").await;
    assert_eq!(kept, 0);
    let told = world.number("SELECT COUNT(*) AS n FROM audit WHERE detail LIKE '%hanako%'").await;
    assert_eq!(told, 0);
}
