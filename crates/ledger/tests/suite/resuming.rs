//! Requests that were stopped with their agent go on when staff take the agent again, and want that.

use habeas_domain::{
    AgentId, AgentReason, AgentTerms, JobState, Outcome, RequestId, RequestState, Right, WorkKind,
};
use habeas_ledger::{Presented, Proof, Purpose, WaitsFor};

use crate::{
    agents::by_agent,
    steps::{challenge, staff},
    world::World,
};

on_both!(
    what_was_stopped_goes_on_with_its_agent,
    whom_the_agent_asks_for_is_written_to_when_the_agent_has_shown_their_address_anew,
    what_staff_took_from_the_agent_stays_so_and_a_barred_agent_resumes_nothing,
    of_many_the_agent_is_asked_once,
);

const ALEX: &str = "alex@agents.example";

async fn of(world: &World, person: &str) -> RequestId {
    world.accept(by_agent(person, ALEX, None)).await
}

/// An agent who has shown their address, by a first request.
async fn first(world: &World) -> (RequestId, AgentId) {
    let request = of(world, "hanako@example.jp").await;
    world.prove_agent(request).await;
    (request, world.only_agent().await)
}

async fn bar(world: &World, agent: AgentId) {
    assert!(world.ledger.bar_agent(agent, AgentReason::ForgedMandate, staff(2)).await.unwrap());
}

async fn unbar(world: &World, agent: AgentId) {
    assert!(world.ledger.unbar_agent(agent, AgentReason::Mistake, staff(3)).await.unwrap());
}

async fn stopped(world: &World, agent: AgentId) -> Vec<RequestId> {
    let stopped = world.ledger.stopped_with_agent(agent).await.unwrap();
    assert_eq!(world.ledger.agent(agent).await.unwrap().stopped, stopped.len() as u64);
    stopped
}

async fn what_was_stopped_goes_on_with_its_agent(world: World) {
    let (request, agent) = first(&world).await;
    world.prove(request).await;
    world.resolve(request, &["shop", "crm"]).await;
    bar(&world, agent).await;
    unbar(&world, agent).await;
    assert_eq!(stopped(&world, agent).await, [request], "of itself nothing goes on");
    assert_eq!(world.job_state(request, Right::Access).await, JobState::Disputed);
    assert_eq!(world.ledger.resume_agent(agent, staff(3)).await.unwrap(), 1);
    assert!(stopped(&world, agent).await.is_empty());
    let view = world.view(request).await;
    assert!(view.agent_stopped_at.is_none() && view.agent_ended_at.is_none() && view.review_reason.is_none());
    assert!(!view.agent_waits, "the person has confirmed it");
    assert_eq!(world.job_state(request, Right::Access).await, JobState::AwaitingPlan, "planned anew");
    world.resolve(request, &["shop"]).await;
    world.finish_tasks(request).await;
    world.conclude(request, Outcome::Done).await;
    assert_eq!(world.view(request).await.outcome, Some(Outcome::Done));
    let trail = world.ledger.agent_trail(agent).await.unwrap();
    let last = trail.last().unwrap();
    assert_eq!((last.event.as_str(), last.actor.clone()), ("agent-resumed", staff(3).to_string()));
    assert!(world.events(request).await.contains(&"agent-resumed".to_owned()));
    assert_eq!(world.ledger.resume_agent(agent, staff(3)).await.unwrap(), 0, "once");
    world.assert_audit_whole().await;
}

async fn whom_the_agent_asks_for_is_written_to_when_the_agent_has_shown_their_address_anew(world: World) {
    let (request, agent) = first(&world).await;
    let claimed = world.claim_one(request, WorkKind::Challenge).await;
    let new = challenge(&world, Purpose::Identity, "hash");
    let link = new.link.as_ref().unwrap().0;
    world.ledger.challenged(vec![(claimed.lease, request, new)]).await.unwrap();
    let never_written_to = of(&world, "taro@example.jp").await;
    bar(&world, agent).await;
    unbar(&world, agent).await;
    assert_eq!(world.ledger.resume_agent(agent, staff(3)).await.unwrap(), 2);
    for one in [request, never_written_to] {
        let view = world.view(one).await;
        assert!(view.agent_waits && view.waits_for.contains(&WaitsFor::Agent), "{:?}", view.waits_for);
        assert_eq!(view.state, RequestState::AwaitingVerification);
    }
    let early = world.ledger.prove_all(&[Presented::Link(link)]).await.unwrap();
    assert_eq!(early, [Proof::NotValid], "not before the agent");
    world.prove_agent(request.min(never_written_to)).await;
    for one in [request, never_written_to] {
        assert!(!world.view(one).await.agent_waits);
        assert_eq!(world.waiting(one, WorkKind::Challenge).await.len(), 1, "their mail is queued");
    }
    let pressed = world.ledger.prove_all(&[Presented::Link(link)]).await.unwrap();
    assert!(matches!(pressed[..], [Proof::Proven(_)]), "the link of before the barring is as good");
    world.prove(never_written_to).await;
    assert_eq!(world.view(never_written_to).await.state, RequestState::Resolving);
    world.assert_audit_whole().await;
}

async fn what_staff_took_from_the_agent_stays_so_and_a_barred_agent_resumes_nothing(world: World) {
    let (kept, agent) = first(&world).await;
    let (dropped, withdrawn) = (of(&world, "taro@example.jp").await, of(&world, "jiro@example.jp").await);
    bar(&world, agent).await;
    world.ledger.drop_agent(dropped, staff(2)).await.unwrap();
    world.ledger.withdraw(withdrawn, staff(2)).await.unwrap();
    assert_eq!(world.ledger.resume_agent(agent, staff(2)).await.unwrap(), 0, "still barred");
    assert_eq!(stopped(&world, agent).await, [kept]);
    unbar(&world, agent).await;
    assert_eq!(world.ledger.resume_agent(agent, staff(2)).await.unwrap(), 1);
    assert!(world.view(dropped).await.agent_ended_at.is_some());
    assert_eq!(world.view(withdrawn).await.state, RequestState::Closed);
    bar(&world, agent).await;
    assert_eq!(stopped(&world, agent).await, [kept], "a second barring stops it again");
}

async fn of_many_the_agent_is_asked_once(world: World) {
    let (request, agent) = first(&world).await;
    let mut all = vec![request];
    for n in 0..4 {
        all.push(of(&world, &format!("p{n}@example.jp")).await);
    }
    bar(&world, agent).await;
    unbar(&world, agent).await;
    assert_eq!(world.ledger.resume_agent(agent, staff(2)).await.unwrap(), 5);
    let mut asked = Vec::new();
    for request in &all {
        asked.extend(world.claim(*request, WorkKind::Challenge).await);
    }
    assert_eq!(asked.len(), 1, "one mail to the agent, and none to anybody else");
    let link = {
        let mut new = challenge(&world, Purpose::Agent, "hash");
        let token = new.link.take().unwrap().0;
        new.link = Some((token, world.clock_now() + chrono::TimeDelta::days(1)));
        world.ledger.challenged(vec![(asked[0].lease, asked[0].request, new)]).await.unwrap();
        world.ledger.challenge_by_token(&token).await.unwrap().unwrap().id
    };
    assert!(world.ledger.prove_agent(link, AgentTerms::default().pace).await.unwrap());
    for request in all {
        assert!(!world.view(request).await.agent_waits);
    }
}
