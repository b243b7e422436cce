//! The end of retention.

use chrono::TimeDelta;
use habeas_domain::{Actor, Letter, Outcome, Right, WorkKind};
use habeas_ledger::{Conclusion, LedgerError, Pruned, PurgeBefore, Purpose, TaskDone};

use crate::{
    steps::{challenge, done, new_request, purge_closed, staff},
    world::{World, start},
};

on_both!(
    closed_requests_lose_their_keys,
    requests_that_nobody_proved_lose_their_keys_sooner,
    a_deferred_deletion_keeps_the_key,
    old_messages_and_challenges_are_forgotten,
    a_plan_that_comes_after_the_end_is_let_go,
);

async fn closed_requests_lose_their_keys(world: World) {
    let request = world.resolved(&[Right::Access, Right::Deletion], &["shop"]).await;
    let open = world.accept(new_request("taro@example.jp", &[Right::Access])).await;
    world.approve(request, Right::Deletion, staff(2)).await;
    let job = world.job(request, Right::Access).await.id;
    world.finish_tasks(request).await;
    world.conclude(request, Outcome::Done).await;
    world.ledger.withdraw(request, Actor::Subject).await.unwrap();
    let later = start() + TimeDelta::days(1);
    assert_eq!(purge_closed(&world, start()).await, 0, "not yet");
    let purgeable = world.ledger.purgeable(later, 10).await.unwrap();
    assert_eq!(purgeable.len(), 1);
    assert_eq!((purgeable[0].0, purgeable[0].1.len()), (request, 2), "with both of its jobs");
    assert_eq!(world.ledger.purge(&[open]).await.unwrap(), 0, "an open request keeps its key");
    assert_eq!(purge_closed(&world, later).await, 1);
    assert_eq!(purge_closed(&world, later).await, 0, "once");
    let erased = world.ledger.person(request).await.unwrap_err();
    assert!(matches!(erased, LedgerError::Erased), "{erased}");
    assert!(world.ledger.job_plan(job).await.is_err());
    assert!(world.ledger.open_requests(&[request, open]).await.unwrap().contains_key(&open));
    let view = world.view(request).await;
    assert!(view.erased && view.closed_at.is_some());
    assert!(world.send_mails(request).await.is_empty(), "no mail is left to send");
    assert_eq!(
        world
            .number("SELECT COUNT(*) AS n FROM mail WHERE recipient IS NOT NULL OR letter IS NOT NULL")
            .await,
        1,
        "the other request's"
    );
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM job WHERE plan IS NOT NULL").await, 0);
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM challenge").await, 0);
    assert_eq!(world.events(request).await.last().unwrap(), "erased");
    assert_eq!(world.ledger.person(open).await.unwrap().expose().subject.email.as_str(), "taro@example.jp");
    world.assert_audit_whole().await;
}

/// Nobody knows whose data a request names that ended without proof, so that they are kept for a short time only.
async fn requests_that_nobody_proved_lose_their_keys_sooner(world: World) {
    let proven = world.resolved(&[Right::Access], &["shop"]).await;
    world.ledger.withdraw(proven, Actor::Subject).await.unwrap();
    let lapsed = world.accept(new_request("taro@example.jp", &[Right::Access])).await;
    let taken_back = world.accept(new_request("jiro@example.jp", &[Right::Deletion])).await;
    world.ledger.withdraw(taken_back, Actor::Subject).await.unwrap();
    world.clock.advance(TimeDelta::days(31));
    assert_eq!(world.ledger.lapse_unverified(10).await.unwrap(), 1);
    let due = async |unproven: i64| {
        let now = world.clock_now();
        let before =
            PurgeBefore { proven: now - TimeDelta::days(1_095), unproven: now - TimeDelta::days(unproven) };
        let due = world.ledger.purgeable(before, 10).await.unwrap();
        due.into_iter().map(|(request, _)| request).collect::<Vec<_>>()
    };
    assert_eq!(due(30).await, [taken_back], "the other one lapsed just now");
    world.clock.advance(TimeDelta::days(31));
    assert_eq!(due(30).await, [taken_back, lapsed], "and the proven one stays for years");
    world.ledger.purge(&due(30).await).await.unwrap();
    assert!(due(30).await.is_empty());
    let view = world.view(lapsed).await;
    assert_eq!((view.erased, view.outcome), (true, Some(Outcome::Unverified)), "the record stays");
    assert!(matches!(world.ledger.person(lapsed).await.unwrap_err(), LedgerError::Erased));
    assert!(world.ledger.person(proven).await.is_ok());
    world.assert_audit_whole().await;
}

async fn a_deferred_deletion_keeps_the_key(world: World) {
    let request = world.resolved(&[Right::Deletion], &["billing"]).await;
    world.approve(request, Right::Deletion, staff(2)).await;
    let task = world.claim_one(request, WorkKind::Task).await;
    let again_at = Some(start() + TimeDelta::days(36_500));
    world.ledger.tasks_done(vec![TaskDone { again_at, ..done(&task) }]).await.unwrap();
    world.conclude(request, Outcome::PartlyDone).await;
    let later = start() + TimeDelta::days(1);
    assert_eq!(purge_closed(&world, later).await, 0, "it still needs the person's keys");
    world.run("UPDATE work SET next_attempt_at = 0 WHERE kind = 'deferred'").await;
    let deferred = world.claim_one(request, WorkKind::Deferred).await;
    assert!(world.ledger.open_request(request).await.unwrap().resolved.is_some());
    world.ledger.tasks_done(vec![done(&deferred)]).await.unwrap();
    assert_eq!(purge_closed(&world, later).await, 0, "the person is to be told");
    let claimed = world.claim_one(request, WorkKind::Conclude).await;
    let letter = Letter::RestDeleted { rows: 1, stores: 1, kept: Vec::new(), receipt: "HB-D-R".to_owned() };
    let told = Conclusion { letter, ..world.conclusion(&claimed, None).await };
    world.ledger.concluded(vec![told]).await.unwrap();
    assert_eq!(purge_closed(&world, later).await, 0, "the mail is not out");
    assert!(world.send_mails(request).await.contains(&"rest-deleted".to_owned()));
    assert_eq!(purge_closed(&world, later).await, 1);
}

async fn old_messages_and_challenges_are_forgotten(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    world
        .ledger
        .challenge_within(request, challenge(&world, Purpose::Identity, "old"), u64::MAX)
        .await
        .unwrap();
    let message = habeas_ledger::QueueSubmission {
        consumer: "habeas.intake".to_owned(),
        message_id: "m".to_owned(),
        body_fingerprint: [1; 32],
        new: Err(Vec::new()),
        reply_to: None,
        correlation: None,
    };
    world.ledger.accept_from_queue(vec![message]).await.unwrap();
    assert_eq!(world.ledger.prune(start(), 100).await.unwrap(), Pruned::default());
    let later = start() + TimeDelta::hours(1);
    world.clock.advance(TimeDelta::hours(2));
    let pruned = world.ledger.prune(later, 100).await.unwrap();
    assert_eq!(
        pruned,
        Pruned { outbox: 3, inbox: 1, challenges: 0, form_answers: 0, attempts: 0 },
        "the link is still open"
    );
    world.clock.advance(TimeDelta::days(2));
    assert_eq!(world.ledger.prune(later, 100).await.unwrap().challenges, 1);
    assert_eq!(
        world.ledger.due(std::time::Duration::ZERO, 9).await.unwrap().len(),
        3,
        "work is never pruned"
    );
}

async fn a_plan_that_comes_after_the_end_is_let_go(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    world.prove(request).await;
    let resolve = world.claim_one(request, WorkKind::Resolve).await;
    world.ledger.withdraw(request, Actor::Subject).await.unwrap();
    purge_closed(&world, start() + TimeDelta::days(1)).await;
    world.planned(request, resolve.lease, &["shop"], crate::steps::hash(1)).await;
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM request WHERE keys IS NOT NULL").await, 0);
    assert_eq!(world.view(request).await.outcome, Some(Outcome::Withdrawn));
}
