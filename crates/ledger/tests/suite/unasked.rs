//! Requests of people whom our own mail server kept from being asked: nobody failed to answer, and they are not lost.

use chrono::TimeDelta;
use habeas_domain::{
    Fault, Letter, Personal, RequestId, RequestState, Right, WorkKind, fault::RECIPIENT_REFUSED,
    verification::VerificationPolicy,
};
use habeas_ledger::{Failed, NewChallenge, NewRequest, Next, Purpose, WaitsFor};
use serde_json::json;

use crate::{
    lapsing::{asked, asking, told},
    steps::{challenge, new_request, staff, submission},
    world::World,
};

on_both!(
    whom_our_own_mail_server_kept_from_being_asked_is_waited_for,
    an_address_that_takes_no_mail_keeps_nothing_open,
    whoever_was_asked_once_has_had_their_time,
    a_guardian_who_was_never_asked_is_waited_for,
);

const TARO: &str = "taro@example.jp";

/// What waits of this kind fails for good.
async fn parked(world: &World, request: RequestId, kind: WorkKind, code: &str) {
    let failed = world.claim(request, kind).await.into_iter().map(|claimed| Failed {
        lease: claimed.lease,
        request,
        fault: Fault::permanent(code, "no answer"),
        next: Next::Park,
    });
    world.ledger.failed(failed.collect()).await.unwrap();
}

async fn lapsed_after(world: &World, days: i64) -> u64 {
    world.clock.advance(TimeDelta::days(days));
    world.ledger.lapse_unverified(10).await.unwrap()
}

async fn whom_our_own_mail_server_kept_from_being_asked_is_waited_for(world: World) {
    let unsent = world.accepted(&[Right::Access]).await;
    asked(&world, unsent).await;
    parked(&world, unsent, WorkKind::Mail, "mail-login-refused").await;
    let unmade = world.accept(new_request(TARO, &[Right::Access])).await;
    parked(&world, unmade, WorkKind::Challenge, "ledger-sealed").await;
    assert_eq!(lapsed_after(&world, 60).await, 0, "they never heard of it");
    for request in [unsent, unmade] {
        let view = world.view(request).await;
        assert_eq!(view.state, RequestState::AwaitingVerification);
        assert!(view.waits_for.contains(&WaitsFor::Ops), "{:?}", view.waits_for);
    }
    assert_eq!(world.ledger.open_by_due().await.unwrap().overdue, 2, "and the alarm stands");
    for code in ["mail-login-refused", "ledger-sealed"] {
        assert!(world.ledger.requeue_by_fault(code, staff(1)).await.unwrap() > 0);
    }
    asked(&world, unmade).await;
    for request in [unsent, unmade] {
        assert!(told(&world, request).await.iter().any(|(kind, _)| kind == "verify"));
        assert_eq!(world.view(request).await.lapse_at - world.clock_now(), TimeDelta::days(7), "asked late");
    }
    assert_eq!(lapsed_after(&world, 6).await, 0);
    assert_eq!(lapsed_after(&world, 1).await, 2);
    world.assert_audit_whole().await;
}

/// Nobody here can put that right: the person may have mistyped it.
async fn an_address_that_takes_no_mail_keeps_nothing_open(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    asked(&world, request).await;
    parked(&world, request, WorkKind::Mail, RECIPIENT_REFUSED).await;
    assert_eq!(lapsed_after(&world, 15).await, 1);
}

async fn whoever_was_asked_once_has_had_their_time(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    asked(&world, request).await;
    told(&world, request).await;
    assert!(world.ledger.challenge_within(request, asking(&world), 9).await.unwrap());
    parked(&world, request, WorkKind::Mail, "mail-login-refused").await;
    assert_eq!(lapsed_after(&world, 15).await, 1);
}

async fn a_guardian_who_was_never_asked_is_waited_for(world: World) {
    let child = submission(&json!({
        "subject": { "email": TARO }, "rights": ["access"],
        "child": { "guardian": { "name": "山田 一郎", "email": "ichiro@example.jp" } },
    }));
    let verification = VerificationPolicy::guardian();
    let new = NewRequest { submission: child, verification, ..new_request(TARO, &[Right::Access]) };
    let request = world.accept(new).await;
    asked(&world, request).await;
    told(&world, request).await;
    let link = challenge(&world, Purpose::Guardian, "");
    let ends = world.clock_now() + TimeDelta::days(1);
    let letter = Letter::VerifyGuardian {
        rights: vec![Right::Access],
        link: Personal::new("https://privacy.example.com/verify/x".to_owned()),
        link_expires_at: ends,
    };
    let link = NewChallenge { letter, code: None, ..link };
    assert!(world.ledger.challenge_within(request, link, 9).await.unwrap());
    parked(&world, request, WorkKind::Mail, "mail-server-unreachable").await;
    assert_eq!(lapsed_after(&world, 15).await, 0, "the child was told, and its guardian was not");
}
