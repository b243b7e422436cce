//! Agents show that their address is theirs, before anybody they ask for hears of it.

use chrono::TimeDelta;
use habeas_domain::{AgentReason, AgentTerms, Outcome, RequestState, Right, WorkKind};
use habeas_ledger::{NewRequest, Purpose, WaitsFor};

use crate::{
    agents::{ALEX, by_agent},
    steps::{challenge, staff},
    world::World,
};

on_both!(
    nobody_is_written_to_before_the_agent_has_shown_their_address,
    an_agent_is_asked_once_for_many_requests,
    a_proof_of_an_agent_holds_for_its_time,
    an_agents_link_works_once_and_not_for_a_barred_agent,
    what_is_taken_back_before_its_agent_was_proven_is_told_to_nobody,
    of_what_an_agent_never_confirmed_nobody_else_hears,
);

async fn nobody_is_written_to_before_the_agent_has_shown_their_address(world: World) {
    let request = world.accept(by_agent("hanako@example.jp", ALEX, None)).await;
    let view = world.view(request).await;
    assert!(view.agent_waits && view.mails.is_empty(), "not even a receipt");
    assert_eq!(view.waits_for, [WaitsFor::Agent]);
    // The challenge of the person is not due; whatever a worker makes for them is not sent.
    let claimed = world.claim_one(request, WorkKind::Challenge).await;
    let early = challenge(&world, Purpose::Identity, "hash");
    world.ledger.challenged(vec![(claimed.lease, request, early)]).await.unwrap();
    assert!(world.view(request).await.mails.is_empty());
    let id = world.only_agent().await;
    assert!(world.ledger.ask_agent_again(id, staff(2)).await.unwrap());
    world.prove_agent(request).await;
    let record = world.ledger.agent(id).await.unwrap();
    assert_eq!((record.proven_at, record.waiting), (Some(crate::world::start()), 0));
    assert!(!world.view(request).await.agent_waits);
    assert!(!world.ledger.ask_agent_again(id, staff(2)).await.unwrap(), "nothing waits any more");
    world.prove(request).await;
    assert_eq!(world.view(request).await.state, RequestState::Resolving);
    let kinds = world.kinds_of_mails(request).await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "received").count(), 1, "{kinds:?}");
}

async fn an_agent_is_asked_once_for_many_requests(world: World) {
    let mut requests = Vec::new();
    for n in 0..5 {
        requests.push(world.accept(by_agent(&format!("p{n}@example.jp"), ALEX, None)).await);
    }
    let mut asked = 0;
    for request in &requests {
        asked += world.claim(*request, WorkKind::Challenge).await.len();
    }
    assert_eq!(asked, 1, "one mail to the agent, and none to anybody else");
    world.clock.advance(TimeDelta::hours(25));
    let later = world.accept(by_agent("p9@example.jp", ALEX, None)).await;
    world.prove_agent(later).await;
    for request in requests {
        assert!(!world.view(request).await.agent_waits, "one proof is enough for all");
    }
}

async fn a_proof_of_an_agent_holds_for_its_time(world: World) {
    world.of_known_agent("hanako@example.jp").await;
    world.clock.advance(TimeDelta::days(29));
    let second = world.accept(by_agent("taro@example.jp", ALEX, None)).await;
    assert!(!world.view(second).await.agent_waits);
    world.clock.advance(TimeDelta::days(2));
    let third = world.accept(by_agent("jiro@example.jp", ALEX, None)).await;
    assert!(world.view(third).await.agent_waits);
    let strict = AgentTerms { proof_life: TimeDelta::days(1), ..AgentTerms::default() };
    world.prove_agent(third).await;
    world.clock.advance(TimeDelta::days(1));
    let fourth =
        world.accept(NewRequest { agents: strict, ..by_agent("saburo@example.jp", ALEX, None) }).await;
    assert!(world.view(fourth).await.agent_waits, "by the terms of its own law");
}

async fn an_agents_link_works_once_and_not_for_a_barred_agent(world: World) {
    let request = world.accept(by_agent("hanako@example.jp", ALEX, None)).await;
    let link = world.agent_challenge(request).await;
    let pace = AgentTerms::default().pace;
    assert!(!world.ledger.prove(link).await.unwrap(), "it proves nothing of the person");
    let own = world.accepted(&[Right::Access]).await;
    let other = challenge(&world, Purpose::Identity, "hash");
    let token = other.link.as_ref().unwrap().0;
    world.ledger.challenge_within(own, other, u64::MAX).await.unwrap();
    let others = world.ledger.challenge_by_token(&token).await.unwrap().unwrap().id;
    assert!(!world.ledger.prove_agent(others, pace).await.unwrap(), "a person's link is no agent's");
    let id = world.only_agent().await;
    world.ledger.bar_agent(id, AgentReason::Flood, staff(2)).await.unwrap();
    assert!(!world.ledger.prove_agent(link, pace).await.unwrap());
    world.ledger.unbar_agent(id, AgentReason::Mistake, staff(2)).await.unwrap();
    let tries = (0..8).map(|_| {
        let ledger = world.ledger.clone();
        tokio::spawn(async move { ledger.prove_agent(link, pace).await.unwrap() })
    });
    let mut used = 0;
    for one in tries.collect::<Vec<_>>() {
        used += u32::from(one.await.unwrap());
    }
    assert_eq!(used, 1);
    assert_eq!(world.view(request).await.state, RequestState::AwaitingVerification);
}

async fn what_is_taken_back_before_its_agent_was_proven_is_told_to_nobody(world: World) {
    let withdrawn = world.accept(by_agent("hanako@example.jp", ALEX, None)).await;
    let refused = world.accept(by_agent("taro@example.jp", ALEX, None)).await;
    world.ledger.withdraw(withdrawn, staff(2)).await.unwrap();
    for job in world.view(refused).await.jobs {
        world.ledger.refuse(job.id, crate::withdrawal::refusal(), staff(2)).await.unwrap();
    }
    for request in [withdrawn, refused] {
        let view = world.view(request).await;
        assert_eq!(view.state, RequestState::Closed);
        assert!(view.mails.is_empty(), "whoever never heard of it is not told of its end: {:?}", view.mails);
    }
    let known = world.accept(by_agent("jiro@example.jp", "other@agents.example", None)).await;
    world.prove_agent(known).await;
    world.send_mails(known).await;
    world.ledger.withdraw(known, staff(2)).await.unwrap();
    assert_eq!(world.send_mails(known).await, ["job-withdrawn"], "they were asked for the proof");
}

async fn of_what_an_agent_never_confirmed_nobody_else_hears(world: World) {
    let request = world.accept(by_agent("hanako@example.jp", ALEX, None)).await;
    world.clock.advance(TimeDelta::days(15));
    assert_eq!(world.ledger.lapse_unverified(10).await.unwrap(), 1);
    let view = world.view(request).await;
    assert_eq!((view.state, view.outcome), (RequestState::Closed, Some(Outcome::Unverified)));
    let kinds: Vec<&str> = view.mails.iter().map(|mail| mail.kind.as_str()).collect();
    assert_eq!(kinds, ["agent-lapsed"], "whoever never heard of it is not told of its end");
    assert!(world.claim(request, WorkKind::Challenge).await.is_empty());
}
