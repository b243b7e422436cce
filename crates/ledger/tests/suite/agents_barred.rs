//! Agents whom staff bar: nothing new is taken, what is open stops, and it is on record.

use chrono::TimeDelta;
use habeas_domain::{Actor, AgentId, AgentReason, JobState, Outcome, RequestState, Right, WorkKind};
use habeas_ledger::{AcceptRefused, Presented, Proof, Purpose, WaitsFor};

use crate::{
    agents::{ALEX, by_agent},
    steps::{challenge, new_request, staff},
    world::World,
};

on_both!(
    nothing_is_taken_from_a_barred_agent,
    barring_stops_what_is_open_until_staff_say_how_it_goes_on,
    a_request_in_its_stores_stops_with_its_agent_and_is_planned_anew,
    one_that_cannot_be_read_keeps_no_other_of_a_barred_agent_going,
    who_barred_an_agent_when_and_why_is_on_record,
);

async fn nothing_is_taken_from_a_barred_agent(world: World) {
    world.accept(by_agent("hanako@example.jp", ALEX, None)).await;
    let id = world.only_agent().await;
    let why = AgentReason::ForgedMandate;
    assert!(world.ledger.bar_agent(id, why, staff(2)).await.unwrap());
    assert!(!world.ledger.bar_agent(id, why, staff(2)).await.unwrap(), "already");
    let batch = vec![
        by_agent("taro@example.jp", ALEX, None),
        by_agent("taro@example.jp", "other@agents.example", None),
        new_request("taro@example.jp", &[Right::Access]),
    ];
    let results = world.ledger.accept(batch).await.unwrap();
    assert_eq!(results[0], Err(AcceptRefused::AgentBarred));
    assert!(results[1].is_ok() && results[2].is_ok(), "others are taken");
    assert!(world.ledger.unbar_agent(id, AgentReason::Cleared, staff(2)).await.unwrap());
    world.accept(by_agent("taro@example.jp", ALEX, None)).await;
    let nobody = world.ledger.ids().fresh::<AgentId>();
    assert!(world.ledger.bar_agent(nobody, why, staff(2)).await.is_err());
}

async fn barring_stops_what_is_open_until_staff_say_how_it_goes_on(world: World) {
    let request = world.of_known_agent("hanako@example.jp").await;
    let own = world.accepted(&[Right::Access]).await;
    let claimed = world.claim_one(request, WorkKind::Challenge).await;
    let new = challenge(&world, Purpose::Identity, "hash");
    let link = new.link.as_ref().unwrap().0;
    world.ledger.challenged(vec![(claimed.lease, request, new)]).await.unwrap();
    let id = world.only_agent().await;
    world.ledger.bar_agent(id, AgentReason::Disowned, staff(2)).await.unwrap();
    let view = world.view(request).await;
    assert!(view.agent_stopped_at.is_some() && view.review_reason.is_some());
    assert_eq!(view.waits_for.first(), Some(&WaitsFor::StaffAgent));
    assert!(!view.waits_for.contains(&WaitsFor::Person));
    let pressed = world.ledger.prove_all(&[Presented::Link(link)]).await.unwrap();
    assert_eq!(pressed, [Proof::NotValid], "the person's word does not carry it on in silence");
    assert_eq!(world.view(request).await.state, RequestState::AwaitingVerification);
    let more = challenge(&world, Purpose::Identity, "hash");
    assert!(!world.ledger.challenge_within(request, more, 9).await.unwrap(), "nor is a new code sent");
    assert!(world.view(own).await.agent_stopped_at.is_none(), "who asks for themselves goes on");
    // Staff let it go on without the agent: the person is asked anew, and no agent is named.
    world.ledger.drop_agent(request, staff(2)).await.unwrap();
    let view = world.view(request).await;
    assert!(view.agent_stopped_at.is_none() && view.agent_ended_at.is_some() && view.review_reason.is_none());
    assert!(world.ledger.open_request(request).await.unwrap().agent.is_none());
    assert!(world.ledger.drop_agent(request, staff(2)).await.is_err(), "there is none left");
    assert_eq!(world.ledger.stop_barred(10).await.unwrap(), 0, "and it is not stopped again");
    world.prove(request).await;
    assert_eq!(world.view(request).await.state, RequestState::Resolving);
    world.assert_audit_whole().await;
}

async fn a_request_in_its_stores_stops_with_its_agent_and_is_planned_anew(world: World) {
    let request = world.of_known_agent("hanako@example.jp").await;
    world.prove(request).await;
    world.resolve(request, &["shop", "crm"]).await;
    assert_eq!(world.job_state(request, Right::Access).await, JobState::Running);
    let id = world.only_agent().await;
    world.ledger.bar_agent(id, AgentReason::ForgedMandate, staff(2)).await.unwrap();
    assert_eq!(world.job_state(request, Right::Access).await, JobState::Disputed);
    assert!(world.claim(request, WorkKind::Task).await.is_empty(), "no store is asked");
    let waits = world.view(request).await.waits_for;
    assert!(waits.contains(&WaitsFor::StaffAgent) && !waits.contains(&WaitsFor::StaffDispute), "{waits:?}");
    world.ledger.drop_agent(request, staff(2)).await.unwrap();
    assert_eq!(world.job_state(request, Right::Access).await, JobState::AwaitingPlan);
    world.resolve(request, &["shop"]).await;
    world.finish_tasks(request).await;
    world.conclude(request, Outcome::Done).await;
    assert_eq!(world.view(request).await.outcome, Some(Outcome::Done));
}

async fn one_that_cannot_be_read_keeps_no_other_of_a_barred_agent_going(world: World) {
    let damaged = world.of_known_agent("hanako@example.jp").await;
    let other = world.accept(by_agent("taro@example.jp", ALEX, None)).await;
    let of = world.view(damaged).await.reference;
    let damage = format!(
        "UPDATE job SET state = 'of-later' WHERE request_id IN (SELECT id FROM request WHERE reference = '{of}')"
    );
    assert_eq!(world.run(&damage).await, 1);
    let id = world.only_agent().await;
    world.ledger.bar_agent(id, AgentReason::Disowned, staff(2)).await.unwrap();
    assert!(world.view(other).await.agent_stopped_at.is_some());
}

async fn who_barred_an_agent_when_and_why_is_on_record(world: World) {
    let request = world.of_known_agent("hanako@example.jp").await;
    let id = world.only_agent().await;
    world.ledger.bar_agent(id, AgentReason::ReusedMandate, staff(2)).await.unwrap();
    world.clock.advance(TimeDelta::days(1));
    world.ledger.unbar_agent(id, AgentReason::Mistake, staff(3)).await.unwrap();
    let trail = world.ledger.agent_trail(id).await.unwrap();
    let told: Vec<_> = trail.iter().map(|entry| (entry.event.as_str(), entry.actor.clone())).collect();
    assert_eq!(
        told,
        [
            ("agent-proven", Actor::Agent.to_string()),
            ("agent-barred", staff(2).to_string()),
            ("agent-unbarred", staff(3).to_string()),
        ]
    );
    assert_eq!(trail[1].detail, r#"{"reason":"reused-mandate"}"#);
    assert_eq!(trail[2].at - trail[1].at, TimeDelta::days(1));
    assert!(world.events(request).await.contains(&"agent-stopped".to_owned()));
    let record = world.ledger.agent(id).await.unwrap();
    assert_eq!((record.barred_at, record.reason), (None, Some(AgentReason::Mistake)));
    assert_eq!(record.proven_at, None, "who was barred shows their address anew");
    world.assert_audit_whole().await;
}
