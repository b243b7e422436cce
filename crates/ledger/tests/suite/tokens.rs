//! API tokens.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use habeas_ledger::Scope;

use crate::world::{World, start};

on_both!(a_token_opens_until_it_ends, a_revoked_token_opens_nothing, tokens_are_kept_as_hashes);

async fn a_token_opens_until_it_ends(world: World) {
    let scopes = BTreeSet::from([Scope::Read, Scope::Submit]);
    let ends = start() + TimeDelta::days(30);
    let (id, token) = world.ledger.create_token("crm", &scopes, ends).await.unwrap();
    let record = world.ledger.authenticate(&token).await.unwrap().unwrap();
    assert_eq!((record.id, record.name.as_str(), &record.scopes), (id, "crm", &scopes));
    assert!(record.allows(Scope::Read) && !record.allows(Scope::Approve) && !record.allows(Scope::Admin));
    let stranger = world.ledger.vault().new_api_token();
    assert_eq!(world.ledger.authenticate(&stranger).await.unwrap(), None);
    world.clock.advance(TimeDelta::days(30));
    assert_eq!(world.ledger.authenticate(&token).await.unwrap(), None);
    let (_, admin) = world
        .ledger
        .create_token("root", &BTreeSet::from([Scope::Admin]), ends + TimeDelta::days(9))
        .await
        .unwrap();
    let admin = world.ledger.authenticate(&admin).await.unwrap().unwrap();
    assert!(Scope::ALL.into_iter().all(|scope| admin.allows(scope)));
}

async fn a_revoked_token_opens_nothing(world: World) {
    let scopes = BTreeSet::from([Scope::Operate]);
    let (id, token) = world.ledger.create_token("ops", &scopes, start() + TimeDelta::days(1)).await.unwrap();
    assert!(world.ledger.revoke_token(id).await.unwrap());
    assert!(!world.ledger.revoke_token(id).await.unwrap(), "once");
    assert_eq!(world.ledger.authenticate(&token).await.unwrap(), None);
    let listed = world.ledger.list_tokens().await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].revoked_at, Some(start()));
    let unknown = world.ledger.ids().fresh();
    assert!(world.ledger.revoke_token(unknown).await.is_err());
}

async fn tokens_are_kept_as_hashes(world: World) {
    let (_, token) = world.ledger.create_token("a", &BTreeSet::new(), start()).await.unwrap();
    let rows = world.rows("SELECT secret_hash FROM api_token").await;
    let kept: Vec<u8> = rows[0].try_get("", "secret_hash").unwrap();
    assert_eq!(kept, token.hash().as_bytes());
}
