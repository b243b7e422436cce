//! New addresses that nobody confirms: asked again, and not waited for for ever.

use std::time::Duration;

use chrono::TimeDelta;
use habeas_domain::{JobId, JobState, Outcome, Personal, RequestId, RequestState, Right, WorkKind};
use habeas_ledger::{ApproveOutcome, NewChallenge, Planned, PlannedJob, Purpose};
use habeas_vault::TokenHash;
use serde_json::json;

use crate::{
    samples::{challenge, hash, plan},
    steps::staff,
    world::{World, start},
};

on_both!(
    a_lost_link_is_sent_again_and_the_one_before_ends,
    of_two_addresses_none_is_counted_twice,
    links_are_sent_so_often_a_day,
    what_nobody_confirms_ends,
    what_is_asked_again_waits_on,
    what_waits_for_no_address_does_not_lapse,
);

const WITHIN: Duration = Duration::from_hours(30 * 24);

/// A link for a new address, which lives for a day.
fn link(world: &World) -> NewChallenge {
    let ends = world.ledger.ids().now() + TimeDelta::days(1);
    let new = challenge(world, Purpose::NewAddress, "none");
    NewChallenge { link: new.link.map(|(token, _)| (token, ends)), code: None, ..new }
}

fn token(link: &NewChallenge) -> TokenHash {
    link.link.unwrap().0
}

/// A correction that waits for these links.
async fn planned(world: &World, confirmations: Vec<NewChallenge>) -> (RequestId, JobId) {
    let request = world.accepted(&[Right::Correction]).await;
    world.prove(request).await;
    let claimed = world.claim_one(request, WorkKind::Resolve).await;
    let job = world.job(request, Right::Correction).await.id;
    let planned = Planned {
        lease: claimed.lease,
        request,
        keys: Personal::new(json!({})),
        jobs: vec![PlannedJob { job, hash: hash(1), plan: plan(&["shop"]), confirmations }],
        referrals: Vec::new(),
        removes: Vec::new(),
        again: false,
    };
    world.ledger.planned(vec![planned]).await.unwrap();
    (request, job)
}

async fn press(world: &World, token: TokenHash) -> bool {
    let record = world.ledger.challenge_by_token(&token).await.unwrap().unwrap();
    world.ledger.prove(record.id).await.unwrap()
}

async fn a_lost_link_is_sent_again_and_the_one_before_ends(world: World) {
    let (lost, again) = (link(&world), link(&world));
    let (first, second) = (token(&lost), token(&again));
    let (request, job) = planned(&world, vec![lost]).await;
    world.send_mails(request).await;
    assert!(world.ledger.confirm_addresses_again(request, vec![again], 5, staff(2)).await.unwrap());
    assert_eq!(world.send_mails(request).await, ["confirm-new-address"]);
    assert!(!press(&world, first).await, "it has ended");
    let approved = world.ledger.approve(job, staff(2), hash(1)).await.unwrap();
    assert_eq!(approved, ApproveOutcome::AwaitingConfirmation);
    assert!(press(&world, second).await);
    assert_eq!(world.job_state(request, Right::Correction).await, JobState::Running);
    assert!(world.events(request).await.contains(&"mailed-again".to_owned()));
    let again = vec![link(&world)];
    assert!(!world.ledger.confirm_addresses_again(request, again, 5, staff(2)).await.unwrap(), "none waits");
    world.assert_audit_whole().await;
}

async fn of_two_addresses_none_is_counted_twice(world: World) {
    let (one, other) = (link(&world), link(&world));
    let first = token(&one);
    let (request, _) = planned(&world, vec![one, other]).await;
    assert!(press(&world, first).await);
    assert_eq!(world.job(request, Right::Correction).await.unconfirmed, 1);
    let (one, other) = (link(&world), link(&world));
    let again = token(&one);
    world.ledger.confirm_addresses_again(request, vec![one, other], 5, staff(2)).await.unwrap();
    assert_eq!(world.job(request, Right::Correction).await.unconfirmed, 2, "all of them anew");
    assert!(press(&world, again).await);
    assert_eq!(world.job(request, Right::Correction).await.unconfirmed, 1, "the other is still to be shown");
}

async fn links_are_sent_so_often_a_day(world: World) {
    let (request, _) = planned(&world, vec![link(&world)]).await;
    for sent in [true, true, false] {
        let again = vec![link(&world)];
        assert_eq!(world.ledger.confirm_addresses_again(request, again, 3, staff(2)).await.unwrap(), sent);
    }
    world.clock.advance(TimeDelta::hours(25));
    let again = vec![link(&world)];
    assert!(world.ledger.confirm_addresses_again(request, again, 3, staff(2)).await.unwrap());
}

async fn what_nobody_confirms_ends(world: World) {
    let (request, job) = planned(&world, vec![link(&world)]).await;
    world.ledger.approve(job, staff(2), hash(1)).await.unwrap();
    world.send_mails(request).await;
    world.clock.advance(TimeDelta::days(29));
    assert_eq!(world.ledger.lapse_new_addresses(WITHIN, 10).await.unwrap(), 0);
    world.clock.advance(TimeDelta::days(2));
    assert_eq!(world.ledger.lapse_new_addresses(WITHIN, 10).await.unwrap(), 1);
    assert_eq!(world.ledger.lapse_new_addresses(WITHIN, 10).await.unwrap(), 0);
    let view = world.view(request).await;
    assert_eq!((view.state, view.outcome), (RequestState::Closed, Some(Outcome::Unverified)));
    assert_eq!(view.jobs[0].outcome, Some(Outcome::Unverified));
    let claimed = world.claim(request, WorkKind::Mail).await;
    let mails = world.ledger.mails_to_send(&claimed).await.unwrap();
    let kinds: Vec<_> = mails.iter().map(|mail| (mail.letter.kind(), mail.to.expose().as_str())).collect();
    assert_eq!(kinds, [("job-unverified", "hanako@example.jp")], "at the address that stays");
    assert!(world.waiting(request, WorkKind::Task).await.is_empty());
    world.assert_audit_whole().await;
}

async fn what_is_asked_again_waits_on(world: World) {
    let (request, _) = planned(&world, vec![link(&world)]).await;
    world.clock.advance(TimeDelta::days(29));
    let again = vec![link(&world)];
    assert!(world.ledger.confirm_addresses_again(request, again, 5, staff(2)).await.unwrap());
    world.clock.advance(TimeDelta::days(2));
    assert_eq!(world.ledger.lapse_new_addresses(WITHIN, 10).await.unwrap(), 0);
    world.clock.advance(TimeDelta::days(29));
    assert_eq!(world.ledger.lapse_new_addresses(WITHIN, 10).await.unwrap(), 1);
    assert!(world.ledger.ids().now() > start() + TimeDelta::days(59));
}

async fn what_waits_for_no_address_does_not_lapse(world: World) {
    let (request, _) = planned(&world, Vec::new()).await;
    world.clock.advance(TimeDelta::days(60));
    assert_eq!(world.ledger.lapse_new_addresses(WITHIN, 10).await.unwrap(), 0);
    assert_eq!(world.job_state(request, Right::Correction).await, JobState::AwaitingApproval);
}
