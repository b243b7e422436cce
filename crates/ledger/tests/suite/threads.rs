//! Which request a mail belongs to, and the mail that a request came in.

use habeas_domain::{EmailAddress, Personal, RequestId, Right, TypedId, WorkKind};
use habeas_ledger::{NewRequest, Threaded};
use habeas_vault::ThreadOf;
use uuid::Uuid;

use crate::{samples::new_request, world::World};

on_both!(
    an_answer_finds_its_request_and_says_who_sent_it,
    ids_that_are_not_there_find_nothing,
    the_mail_that_asked_is_kept_sealed_until_the_purge,
);

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

async fn an_answer_finds_its_request_and_says_who_sent_it(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    let mail = world.view(request).await.mails[0].id;
    let own = address("Hanako@example.jp");
    let other = address("mallory@example.com");
    let find = |of, sender| {
        let ledger = world.ledger.clone();
        async move { ledger.threaded(of, sender).await.unwrap().unwrap() }
    };
    let found = find(ThreadOf::Mail(mail), Some(&own)).await;
    assert_eq!(found, Threaded { request, mail: Some(mail), from_subject: true });
    let found = find(ThreadOf::Request(request), Some(&other)).await;
    assert_eq!(found, Threaded { request, mail: None, from_subject: false });
    assert!(!find(ThreadOf::Request(request), None).await.from_subject);
    let by_root = world.ledger.threaded_by_id(request.uuid(), Some(&own)).await.unwrap().unwrap();
    assert_eq!(by_root, Threaded { request, mail: None, from_subject: true });
    let by_mail = world.ledger.threaded_by_id(mail.uuid(), None).await.unwrap().unwrap();
    assert_eq!(by_mail.mail, Some(mail));
}

async fn ids_that_are_not_there_find_nothing(world: World) {
    world.accepted(&[Right::Access]).await;
    let nowhere = Uuid::from_u128(7);
    let of = ThreadOf::Request(RequestId::from_uuid(nowhere));
    assert_eq!(world.ledger.threaded(of, None).await.unwrap(), None);
    assert_eq!(world.ledger.threaded_by_id(nowhere, None).await.unwrap(), None);
}

async fn the_mail_that_asked_is_kept_sealed_until_the_purge(world: World) {
    let asked = Personal::new("CAF.hanako@mail.example.jp".to_owned());
    let new =
        NewRequest { asked_in: Some(asked.clone()), ..new_request("hanako@example.jp", &[Right::Access]) };
    let request = world.ledger.accept(vec![new]).await.unwrap().remove(0).unwrap().id;
    let claimed = world.claim(request, WorkKind::Mail).await;
    assert_eq!(world.ledger.mails_to_send(&claimed).await.unwrap()[0].asked_in, Some(asked));
    let row = world.rows("SELECT asked_in FROM request").await.remove(0);
    let sealed: Vec<u8> = row.try_get("", "asked_in").unwrap();
    assert!(!String::from_utf8_lossy(&sealed).contains("hanako"));
    world.ledger.withdraw(request, crate::samples::staff(1)).await.unwrap();
    assert_eq!(world.ledger.purge(&[request]).await.unwrap(), 1);
    assert_eq!(world.number("SELECT COUNT(asked_in) AS n FROM request").await, 0);
}
