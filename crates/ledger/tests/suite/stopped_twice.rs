//! Requests that are stopped for two reasons at once: whatever ends the one leaves the other in force.

use habeas_domain::{AgentId, AgentReason, JobState, RequestId, RequestState, Right, WorkKind};
use habeas_ledger::{DisputeDecision, WaitsFor};

use crate::{
    agents::by_agent,
    disputes::disputed,
    steps::{contradiction, staff},
    warnings::addresses,
    world::World,
};

on_both!(
    what_was_disputed_besides_still_waits_for_its_barred_agent,
    what_waits_for_review_besides_is_resolved_when_that_is_cleared,
);

/// A copy that an agent asks for and the person has confirmed.
async fn by_an_agent(world: &World) -> (RequestId, AgentId) {
    let request = world.accept(by_agent(addresses()[1], "alex@agents.example", None)).await;
    world.prove_agent(request).await;
    world.prove(request).await;
    (request, world.only_agent().await)
}

async fn bar(world: &World, agent: AgentId) {
    assert!(world.ledger.bar_agent(agent, AgentReason::ForgedMandate, staff(2)).await.unwrap());
}

async fn what_was_disputed_besides_still_waits_for_its_barred_agent(world: World) {
    let (copy, agent) = by_an_agent(&world).await;
    world.resolve(copy, &["shop"]).await;
    disputed(&world, &[Right::Deletion]).await;
    bar(&world, agent).await;
    let view = world.view(copy).await;
    assert!(view.disputed_at.is_some() && view.agent_stopped_at.is_some());
    world.ledger.settle_dispute(copy, DisputeDecision::Dismissed, staff(3)).await.unwrap();
    let view = world.view(copy).await;
    assert_eq!((view.disputed_at, view.jobs[0].state), (None, JobState::Disputed));
    assert!(
        view.waits_for.contains(&WaitsFor::StaffAgent),
        "nobody has said how it goes on without its agent"
    );
    assert!(!view.waits_for.contains(&WaitsFor::StaffDispute), "{:?}", view.waits_for);
    assert!(world.waiting(copy, WorkKind::Resolve).await.is_empty());
    world.ledger.drop_agent(copy, staff(3)).await.unwrap();
    assert_eq!(world.job_state(copy, Right::Access).await, JobState::AwaitingPlan);
    world.resolve(copy, &["shop"]).await;
    assert_eq!(world.job_state(copy, Right::Access).await, JobState::Running);
    world.assert_audit_whole().await;
}

async fn what_waits_for_review_besides_is_resolved_when_that_is_cleared(world: World) {
    let (copy, agent) = by_an_agent(&world).await;
    let resolve = world.claim_one(copy, WorkKind::Resolve).await;
    world.ledger.review_needed(resolve.lease, copy, &contradiction("other@example.com")).await.unwrap();
    bar(&world, agent).await;
    world.ledger.drop_agent(copy, staff(3)).await.unwrap();
    let view = world.view(copy).await;
    assert_eq!((view.state, view.jobs[0].state), (RequestState::AwaitingReview, JobState::AwaitingPlan));
    assert!(world.waiting(copy, WorkKind::Resolve).await.is_empty(), "staff have yet to look");
    world.ledger.clear_review(copy, staff(3)).await.unwrap();
    world.resolve(copy, &["shop"]).await;
    assert_eq!(world.job_state(copy, Right::Access).await, JobState::Running);
    assert_eq!(world.view(copy).await.state, RequestState::InProgress);
    world.assert_audit_whole().await;
}
