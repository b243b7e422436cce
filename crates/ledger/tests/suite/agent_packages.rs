//! The agent's own way to a package, and a new link when the old one has ended.

use chrono::TimeDelta;
use habeas_domain::{Actor, RequestId};
use habeas_ledger::{PackageRecord, Presented};
use habeas_vault::TokenHash;

use crate::{
    agents::by_agent,
    world::{World, start},
};

on_both!(
    an_agents_link_that_ended_is_renewed_and_the_persons_stays_as_it_is,
    whoever_may_not_have_the_package_gets_no_new_link,
    a_package_is_kept_for_as_long_as_the_agent_can_fetch_or_renew_it,
);

const ALEX: &str = "alex@agents.example";

/// A package that the person lets the agent have.
async fn given(world: &World) -> (RequestId, PackageRecord, TokenHash) {
    let request = world.accept(by_agent("hanako@example.jp", ALEX, None)).await;
    world.prove_agent(request).await;
    world.confirms(request, Presented::LinkForAgent).await;
    let token = world.concluded_for_agent(request).await;
    let package = world.ledger.package_by_token(&token).await.unwrap().unwrap();
    assert!(package.for_agent);
    (request, package, token)
}

fn new_token(world: &World) -> TokenHash {
    world.ledger.vault().new_token().hash()
}

async fn an_agents_link_that_ended_is_renewed_and_the_persons_stays_as_it_is(world: World) {
    let (request, package, old) = given(&world).await;
    let own = world.ledger.package(package.id).await.unwrap().unwrap();
    while world.ledger.use_agent_download(package.id).await.unwrap().is_some() {}
    world.clock.advance(TimeDelta::days(7));
    assert_eq!(world.ledger.use_agent_download(package.id).await.unwrap(), None);
    let ends = world.clock_now() + TimeDelta::days(7);
    let token = new_token(&world);
    let renewed = world.ledger.renew_agent_package(package.id, token, ends, 2).await.unwrap().unwrap();
    assert_eq!((renewed.for_agent, renewed.expires_at, renewed.downloads_left), (true, ends, 2));
    assert_eq!(world.ledger.package_by_token(&old).await.unwrap(), None, "the old link is gone");
    assert_eq!(world.ledger.package_by_token(&token).await.unwrap(), Some(renewed));
    assert_eq!(world.ledger.use_agent_download(package.id).await.unwrap().unwrap().downloads_left, 1);
    assert_eq!(world.ledger.package(package.id).await.unwrap(), Some(own), "nothing of the person's changed");
    let entries = world.ledger.audit_entries(request).await.unwrap();
    let noted = entries.iter().find(|entry| entry.event == "package-renewed").unwrap();
    assert_eq!(noted.actor, Actor::Agent.to_string());
    world.assert_audit_whole().await;
}

async fn whoever_may_not_have_the_package_gets_no_new_link(world: World) {
    let (request, package, token) = given(&world).await;
    let ends = start() + TimeDelta::days(30);
    let renew =
        async || world.ledger.renew_agent_package(package.id, new_token(&world), ends, 2).await.unwrap();
    let nobodys = world.ledger.ids().fresh::<habeas_domain::PackageId>();
    assert_eq!(world.ledger.renew_agent_package(nobodys, new_token(&world), ends, 2).await.unwrap(), None);
    let end = world.ledger.agent_end_token(request).hash();
    let link = world.ledger.challenge_by_token(&end).await.unwrap().unwrap().id;
    world.ledger.end_agent(link).await.unwrap();
    assert_eq!(renew().await, None, "the person ended it");
    assert_eq!(world.ledger.package_by_token(&token).await.unwrap(), None);
}

async fn a_package_is_kept_for_as_long_as_the_agent_can_fetch_or_renew_it(world: World) {
    let (_, package, _) = given(&world).await;
    world.clock.advance(TimeDelta::days(8));
    let ended = async || world.ledger.expired_packages(world.clock_now(), 10).await.unwrap().len();
    assert_eq!(ended().await, 1);
    let ends = world.clock_now() + TimeDelta::days(7);
    world.ledger.renew_agent_package(package.id, new_token(&world), ends, 2).await.unwrap().unwrap();
    assert_eq!(ended().await, 0);
    world.clock.advance(TimeDelta::days(8));
    assert_eq!(ended().await, 1);
}
