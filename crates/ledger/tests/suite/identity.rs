//! Links and codes.

use chrono::TimeDelta;
use habeas_domain::{RequestState, Right, WorkKind};
use habeas_ledger::{Presented, Proof, Purpose};

use crate::{steps::challenge, world::World};

on_both!(
    tries_are_counted_under_parallel_guesses,
    a_link_is_used_once_under_parallel_clicks,
    a_group_of_proofs_is_judged_one_by_one,
    only_the_newest_code_counts,
    an_ended_code_or_link_is_closed,
    looking_at_a_link_changes_nothing,
    a_days_codes_are_counted_under_parallel_asking,
);

async fn tries_are_counted_under_parallel_guesses(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    let new = challenge(&world, Purpose::Identity, "hash");
    world.ledger.challenge_within(request, new, u64::MAX).await.unwrap();
    let guesses = (0..40).map(|_| {
        let ledger = world.ledger.clone();
        tokio::spawn(async move { ledger.try_code(request, Purpose::Identity, None).await.unwrap() })
    });
    let mut left = Vec::new();
    for guess in guesses.collect::<Vec<_>>() {
        left.extend(guess.await.unwrap().map(|tried| tried.tries_left));
    }
    left.sort_unstable();
    assert_eq!(left, [0, 1, 2, 3, 4], "five tries, each counted once");
}

async fn a_link_is_used_once_under_parallel_clicks(world: World) {
    let request = world.accepted(&[Right::Access, Right::Deletion]).await;
    let new = challenge(&world, Purpose::Identity, "hash");
    let token = new.link.unwrap().0;
    let claimed = world.claim_one(request, WorkKind::Challenge).await;
    world.ledger.challenged(vec![(claimed.lease, request, new)]).await.unwrap();
    let id = world.ledger.challenge_by_token(&token).await.unwrap().unwrap().id;
    let clicks = (0..20).map(|_| {
        let ledger = world.ledger.clone();
        tokio::spawn(async move { ledger.prove(id).await.unwrap() })
    });
    let mut used = 0;
    for click in clicks.collect::<Vec<_>>() {
        used += usize::from(click.await.unwrap());
    }
    assert_eq!(used, 1);
    assert_eq!(world.waiting(request, WorkKind::Resolve).await.len(), 1);
    assert!(!world.ledger.challenge_by_token(&token).await.unwrap().unwrap().open);
    world.assert_audit_whole().await;
}

async fn a_group_of_proofs_is_judged_one_by_one(world: World) {
    let mut links = Vec::new();
    for address in ["one@example.jp", "two@example.jp", "three@example.jp"] {
        let request =
            world.accept(crate::steps::new_request(address, &[Right::Access, Right::Deletion])).await;
        let purpose = if address.starts_with("three") { Purpose::Download } else { Purpose::Identity };
        for _ in 0..2 {
            let new = challenge(&world, purpose, "hash");
            links.push((request, Presented::Link(new.link.as_ref().unwrap().0)));
            world.ledger.challenge_within(request, new, u64::MAX).await.unwrap();
        }
    }
    let unknown = Presented::Link(world.ledger.vault().new_token().hash());
    let [one, other_of_one, two, _, download, _] = links[..] else { panic!("six links") };
    let group = [two.1, unknown, one.1, one.1, other_of_one.1, download.1];
    let proofs = world.ledger.prove_all(&group).await.unwrap();
    let [Proof::Proven(of_two), Proof::NotValid, Proof::Proven(of_one), again @ ..] = &proofs[..] else {
        panic!("{proofs:?}")
    };
    assert_eq!(again, [Proof::Used, Proof::Used, Proof::NotValid], "once; and no download by a link");
    assert_eq!((of_one.request, of_two.request), (one.0, two.0));
    assert_eq!(
        (of_one.purpose, &of_one.rights[..]),
        (Purpose::Identity, &[Right::Access, Right::Deletion][..])
    );
    assert_eq!(of_one.due_on, world.view(one.0).await.due_on);
    for (request, resolves) in [(one.0, 1), (two.0, 1), (download.0, 0)] {
        assert_eq!(world.waiting(request, WorkKind::Resolve).await.len(), resolves);
    }
    assert_eq!(world.ledger.prove_all(&[one.1, unknown]).await.unwrap(), [Proof::Used, Proof::NotValid]);
    world.assert_audit_whole().await;
}

async fn only_the_newest_code_counts(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    for code in ["first", "second"] {
        world
            .ledger
            .challenge_within(request, challenge(&world, Purpose::Identity, code), u64::MAX)
            .await
            .unwrap();
        world.clock.advance(TimeDelta::seconds(1));
    }
    let tried = world.ledger.try_code(request, Purpose::Identity, None).await.unwrap().unwrap();
    assert_eq!((tried.code_hash.as_str(), tried.tries_left), ("second", 4));
    assert_eq!(world.ledger.try_code(request, Purpose::Download, None).await.unwrap(), None);
    assert!(world.ledger.prove(tried.challenge).await.unwrap());
    assert_eq!(world.ledger.try_code(request, Purpose::Identity, None).await.unwrap(), None, "it is used");
    let other = world.accept(crate::steps::new_request("taro@example.jp", &[Right::Access])).await;
    assert_eq!(world.ledger.try_code(other, Purpose::Identity, None).await.unwrap(), None, "not another's");
}

async fn an_ended_code_or_link_is_closed(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    let new = challenge(&world, Purpose::Identity, "hash");
    let token = new.link.unwrap().0;
    world.ledger.challenge_within(request, new, u64::MAX).await.unwrap();
    world.clock.advance(TimeDelta::minutes(11));
    assert_eq!(world.ledger.try_code(request, Purpose::Identity, None).await.unwrap(), None);
    assert!(world.ledger.challenge_by_token(&token).await.unwrap().unwrap().open, "the link lasts longer");
    world.clock.advance(TimeDelta::hours(24));
    let ended = world.ledger.challenge_by_token(&token).await.unwrap().unwrap();
    assert!(!ended.open);
    assert!(!world.ledger.prove(ended.id).await.unwrap());
    assert_eq!(world.view(request).await.state, RequestState::AwaitingVerification);
    let again = challenge(&world, Purpose::Identity, "hash");
    assert!(world.ledger.challenge_within(request, again, 1).await.unwrap(), "yesterday's do not count");
    let unknown = world.ledger.vault().new_token().hash();
    assert_eq!(world.ledger.challenge_by_token(&unknown).await.unwrap(), None);
}

async fn looking_at_a_link_changes_nothing(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    let new = challenge(&world, Purpose::Identity, "hash");
    let token = new.link.unwrap().0;
    world.ledger.challenge_within(request, new, u64::MAX).await.unwrap();
    let before = world.view(request).await;
    for _ in 0..50 {
        assert!(world.ledger.challenge_by_token(&token).await.unwrap().unwrap().open);
    }
    assert_eq!(world.view(request).await, before);
    assert_eq!(before.state, RequestState::AwaitingVerification);
}

async fn a_days_codes_are_counted_under_parallel_asking(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    let asked = (0..10).map(|_| {
        let (ledger, new) = (world.ledger.clone(), challenge(&world, Purpose::Identity, "hash"));
        tokio::spawn(async move { ledger.challenge_within(request, new, 3).await.unwrap() })
    });
    let mut sent = 0;
    for ask in asked.collect::<Vec<_>>() {
        sent += u64::from(ask.await.unwrap());
    }
    assert_eq!(sent, 3);
    let download = challenge(&world, Purpose::Download, "hash");
    assert!(world.ledger.challenge_within(request, download, 3).await.unwrap(), "each purpose by itself");
}
