//! API tokens.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use habeas_domain::{Actor, EmailAddress, RequestId, TokenLife, TypedId};
use habeas_ledger::{NewToken, Scope};

use crate::world::{World, start};

on_both!(
    a_token_opens_until_it_ends,
    a_revoked_token_opens_nothing,
    tokens_are_kept_as_hashes,
    several_tokens_of_one_holder_are_one_person,
    a_token_that_knew_no_holder_has_its_name,
    who_made_and_who_revoked_is_on_record,
    who_looked_a_person_up_is_on_record
);

fn token(holder: &str, scopes: &[Scope]) -> NewToken {
    NewToken {
        name: "crm".parse().unwrap(),
        holder: holder.parse().unwrap(),
        scopes: scopes.iter().copied().collect(),
        life: TokenLife::days(30).unwrap(),
    }
}

async fn a_token_opens_until_it_ends(world: World) {
    let scopes = [Scope::Read, Scope::Submit];
    let (made, token_) = world.ledger.create_token(&token("Aoki", &scopes), Actor::System).await.unwrap();
    let record = world.ledger.authenticate(&token_).await.unwrap().unwrap();
    assert_eq!(record, made);
    assert_eq!((record.name.as_str(), record.holder.as_str()), ("crm", "Aoki"));
    assert_eq!(record.scopes, BTreeSet::from(scopes));
    assert!(record.allows(Scope::Read) && !record.allows(Scope::Approve) && !record.allows(Scope::Admin));
    let stranger = world.ledger.vault().new_api_token();
    assert_eq!(world.ledger.authenticate(&stranger).await.unwrap(), None);
    world.clock.advance(TimeDelta::days(30));
    assert_eq!(world.ledger.authenticate(&token_).await.unwrap(), None);
    let (_, admin) = world.ledger.create_token(&token("root", &[Scope::Admin]), Actor::System).await.unwrap();
    let admin = world.ledger.authenticate(&admin).await.unwrap().unwrap();
    assert!(Scope::ALL.into_iter().all(|scope| admin.allows(scope)));
}

async fn a_revoked_token_opens_nothing(world: World) {
    let (made, secret) =
        world.ledger.create_token(&token("Ops", &[Scope::Operate]), Actor::System).await.unwrap();
    assert!(world.ledger.revoke_token(made.id, Actor::System).await.unwrap());
    assert!(!world.ledger.revoke_token(made.id, Actor::System).await.unwrap(), "once");
    assert_eq!(world.ledger.authenticate(&secret).await.unwrap(), None);
    let listed = world.ledger.list_tokens().await.unwrap().items;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].revoked_at, Some(start()));
    let unknown = world.ledger.ids().fresh();
    assert!(world.ledger.revoke_token(unknown, Actor::System).await.is_err());
}

async fn tokens_are_kept_as_hashes(world: World) {
    let (_, token) = world.ledger.create_token(&token("a", &[]), Actor::System).await.unwrap();
    let rows = world.rows("SELECT secret_hash FROM api_token").await;
    let kept: Vec<u8> = rows[0].try_get("", "secret_hash").unwrap();
    assert_eq!(kept, token.hash().as_bytes());
}

async fn several_tokens_of_one_holder_are_one_person(world: World) {
    let mut actors = Vec::new();
    for holder in ["Aoki Ken", "aoki  ken", "Baker"] {
        let (made, secret) =
            world.ledger.create_token(&token(holder, &[Scope::Approve]), Actor::System).await.unwrap();
        let record = world.ledger.authenticate(&secret).await.unwrap().unwrap();
        assert_eq!(record.id, made.id);
        actors.push(record.actor());
    }
    assert_eq!(actors[0], actors[1], "a second token is no second person");
    assert_ne!(actors[0], actors[2]);
}

async fn a_token_that_knew_no_holder_has_its_name(world: World) {
    let (made, secret) = world.ledger.create_token(&token("Aoki", &[]), Actor::System).await.unwrap();
    world.run("UPDATE api_token SET holder = NULL, holder_id = NULL").await;
    let record = world.ledger.authenticate(&secret).await.unwrap().unwrap();
    assert_eq!((record.holder.as_str(), record.acts_as), ("crm", made.id));
    let (next, _) = world.ledger.create_token(&token("CRM", &[]), Actor::System).await.unwrap();
    assert_eq!(next.actor(), record.actor());
}

async fn who_made_and_who_revoked_is_on_record(world: World) {
    let (admin, _) = world.ledger.create_token(&token("root", &[Scope::Admin]), Actor::System).await.unwrap();
    let new = token("Aoki", &[Scope::Read]);
    let (first, _) = world.ledger.create_token(&new, admin.actor()).await.unwrap();
    let (second, _) = world.ledger.create_token(&new, admin.actor()).await.unwrap();
    world.ledger.revoke_token(first.id, second.actor()).await.unwrap();
    let chain = RequestId::from_uuid(first.acts_as.uuid());
    let entries = world.ledger.audit_entries(chain).await.unwrap();
    let said: Vec<_> = entries.iter().map(|one| (one.event.as_str(), one.actor.as_str())).collect();
    let (root, aoki) = (admin.actor().to_string(), second.actor().to_string());
    assert_eq!(
        said,
        [("token-made", root.as_str()), ("token-made", root.as_str()), ("token-revoked", aoki.as_str())]
    );
    let (shown, trail) = world.ledger.token(second.id).await.unwrap();
    assert_eq!((shown.id, trail), (second.id, entries.clone()), "by any token of the holder");
    assert!(entries[1].detail.contains(&second.id.to_string()) && !entries[1].detail.contains("Aoki"));
    assert!(world.ledger.verify_audit(|_| {}).await.unwrap().breaks.is_empty());
}

async fn who_looked_a_person_up_is_on_record(world: World) {
    let (made, _) =
        world.ledger.create_token(&token("Aoki", &[Scope::Approve]), Actor::System).await.unwrap();
    let person = EmailAddress::parse("taro@example.jp").unwrap();
    world.ledger.record_looked_up(&person, made.actor()).await.unwrap();
    let entries = world.ledger.audit_entries(RequestId::from_uuid(made.acts_as.uuid())).await.unwrap();
    let last = entries.last().unwrap();
    assert_eq!((last.event.as_str(), last.actor.clone()), ("person-looked-up", made.actor().to_string()));
    assert!(last.detail.contains("address") && !last.detail.contains("taro"), "{}", last.detail);
    assert!(world.ledger.record_looked_up(&person, Actor::System).await.is_err(), "nobody looks up unnamed");
    assert!(world.ledger.verify_audit(|_| {}).await.unwrap().breaks.is_empty());
}
