//! Mails that came in: listed, looked at, decided.

use std::time::Duration;

use axum::{
    body::Body,
    http::{StatusCode, header},
};
use habeas_domain::{
    EmailAddress, Personal, ReceivedMailId, RequestId, Right,
    received_mail::{SenderAuthentication, Verdict},
};
use habeas_ledger::{ForStaff, MailContent, MailDecision, MailReading, MailVerdict, NewReceivedMail, Scope};
use serde_json::{Value, json};

use crate::world::{World, call, masked, pretty, start, unused_id};

const RAW: &str = "From: hanako@example.jp\r\n\r\nMy data please.\r\n";

impl World {
    async fn stored(&self, text: &str) -> ReceivedMailId {
        let mail = NewReceivedMail {
            mailbox: "privacy".to_owned(),
            place: None,
            received_at: start(),
            content: MailContent::Whole(Personal::new(text.as_bytes().to_vec())),
            delivery: None,
        };
        self.ledger.store_mails(&[mail], None).await.unwrap()[0].id
    }

    /// A mail that was read, and what became of it.
    async fn mail(&self, text: &str, from: &str, verdict: MailVerdict) -> ReceivedMailId {
        let id = self.stored(text).await;
        let lease = self.ledger.claim_mails(1, Duration::from_mins(5)).await.unwrap()[0].lease;
        let reading = MailReading {
            verdict: if matches!(verdict, MailVerdict::Proposed(_)) {
                Verdict::Proposal
            } else {
                Verdict::Reply
            },
            authentication: SenderAuthentication::Unaligned,
            evidence: "dmarc=fail".to_owned(),
            message_id: None,
            sender: EmailAddress::parse(from).ok(),
            understanding: Personal::new(json!({ "text": "My data please." })),
        };
        let decision = MailDecision {
            lease,
            verdict,
            reason: "it may ask for something".to_owned(),
            reading: Some(reading),
            answers: false,
            wants_other_address: false,
            for_staff: ForStaff {
                to_read: true,
                says: Some(habeas_domain::received_mail::ReplyWord::TakesBack),
                due_at: None,
            },
            form: None,
        };
        self.ledger.decide_mails(vec![decision]).await.unwrap();
        id
    }

    async fn proposal(&self) -> ReceivedMailId {
        self.mail(RAW, "hanako@example.jp", MailVerdict::Proposed(None)).await
    }

    async fn decide(&self, mail: ReceivedMailId, what: &str, body: &Value) -> StatusCode {
        let token = self.token(&[Scope::Approve]).await;
        let answer = self.post(&token, &format!("/v1/mails/{mail}/{what}"), body).await;
        answer.status
    }
}

#[tokio::test]
async fn mails_are_listed_page_by_page_without_anybody_in_them() {
    let world = World::new().await;
    let token = world.token(&[Scope::Read]).await;
    world.proposal().await;
    world.mail("b", "b@example.jp", MailVerdict::SetAside).await;
    world.stored("c").await;
    let all = world.get(&token, "/v1/mails?limit=2").await;
    assert_eq!(all.json()["items"].as_array().unwrap().len(), 2);
    let next = all.json()["next"].as_str().unwrap().to_owned();
    let rest = world.get(&token, &format!("/v1/mails?limit=2&cursor={next}")).await;
    assert_eq!(rest.json()["items"].as_array().unwrap().len(), 1);
    let proposals = world.get(&token, "/v1/mails?state=proposal&verdict=proposal&mailbox=privacy").await;
    assert!(!proposals.text.contains("hanako"));
    masked("mails", &pretty(&proposals));
    let none = world.get(&token, &format!("/v1/mails?request={}", unused_id())).await;
    assert_eq!(none.json()["items"], json!([]));
    for wrong in
        ["state=lost", "verdict=sure", "limit=0", "limit=1000", "request=x", "cursor=x", "colour=red"]
    {
        let refused = world.get(&token, &format!("/v1/mails?{wrong}")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
}

#[tokio::test]
async fn what_is_in_a_mail_is_shown_to_whoever_may_see_it_and_written_down() {
    let world = World::new().await;
    let mail = world.proposal().await;
    let reader = world.token(&[Scope::Read]).await;
    let approver = world.token(&[Scope::Read, Scope::Approve]).await;
    let plain = world.get(&reader, &format!("/v1/mails/{mail}")).await;
    assert_eq!(plain.status, StatusCode::OK);
    assert!(plain.json().get("content").is_none());
    let reveal = format!("/v1/mails/{mail}?reveal=personal");
    assert_eq!(world.get(&reader, &reveal).await.status, StatusCode::FORBIDDEN);
    let shown = world.get(&approver, &reveal).await;
    masked("mail", &pretty(&shown));
    let raw = format!("/v1/mails/{mail}/raw");
    assert_eq!(world.get(&reader, &raw).await.status, StatusCode::FORBIDDEN);
    let raw = world.get(&approver, &raw).await;
    assert_eq!((raw.status, raw.text.as_str()), (StatusCode::OK, RAW));
    assert_eq!(raw.header("content-type"), "application/octet-stream");
    assert_eq!(raw.header("content-disposition"), "attachment; filename=\"mail.eml\"");
    assert_eq!(raw.header("x-content-type-options"), "nosniff");
    let trail = world.get(&reader, &format!("/v1/audit/{mail}")).await;
    assert_eq!(trail.text.matches("mail-seen").count(), 2, "{}", trail.text);
}

#[tokio::test]
async fn a_proposal_becomes_a_request_once() {
    let world = World::new().await;
    let mail = world.proposal().await;
    let token = world.token(&[Scope::Read, Scope::Approve]).await;
    let path = format!("/v1/mails/{mail}/accept");
    for (wrong, field) in [
        (json!({ "rights": ["magic"] }), "rights[0]"),
        (json!({ "subject": "nobody" }), "subject"),
        (json!({ "regime": "Mars" }), "regime"),
        (json!({ "colour": "red" }), "colour"),
    ] {
        let refused = world.post(&token, &path, &wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert_eq!(refused.fields(), [field], "{wrong}");
    }
    let choice = json!({ "rights": ["access", "deletion"], "subject": "hanako@example.jp" });
    let accepted = world.post(&token, &path, &choice).await;
    assert_eq!(accepted.status, StatusCode::OK, "{}", accepted.text);
    masked("mail-accepted", &pretty(&accepted));
    assert_eq!(world.post(&token, &path, &choice).await.status, StatusCode::CONFLICT);
    let request: RequestId = accepted.json()["request"].as_str().unwrap().parse().unwrap();
    let shown = world.get(&token, &format!("/v1/requests/{request}")).await.json();
    assert_eq!(shown["sender"], "unaligned");
    assert_eq!(shown["received_mails"][0]["written_by"], "subject");
    assert_eq!(world.decide(mail, "dismiss", &json!({ "reason": "late" })).await, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_mail_is_filed_dismissed_and_read_again() {
    let world = World::new().await;
    let request = world.request(&[Right::Access]).await;
    let mail = world.mail("x", "mallory@example.com", MailVerdict::Parked).await;
    assert_eq!(world.decide(mail, "file", &json!({ "request": unused_id() })).await, StatusCode::NOT_FOUND);
    assert_eq!(world.decide(mail, "file", &json!({})).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(world.decide(mail, "file", &json!({ "request": request })).await, StatusCode::NO_CONTENT);
    let token = world.token(&[Scope::Read]).await;
    let shown = world.get(&token, &format!("/v1/requests/{request}")).await.json();
    assert_eq!(
        (&shown["sender"], &shown["received_mails"][0]["written_by"]),
        (&Value::Null, &json!("other"))
    );

    let other = world.proposal().await;
    assert_eq!(world.decide(other, "dismiss", &json!({})).await, StatusCode::UNPROCESSABLE_ENTITY);
    let reason = json!({ "reason": "Hanako rang: a mistake." });
    assert_eq!(world.decide(other, "dismiss", &reason).await, StatusCode::NO_CONTENT);
    let plain = world.get(&token, &format!("/v1/mails/{other}")).await;
    assert_eq!(plain.json()["state"], "ignored");
    assert!(!plain.text.contains("Hanako"), "{}", plain.text);
    assert_eq!(world.decide(other, "read-again", &json!({})).await, StatusCode::NO_CONTENT);
    assert_eq!(world.get(&token, &format!("/v1/mails/{other}")).await.json()["state"], "stored");
    assert_eq!(world.decide(other, "read-again", &json!({})).await, StatusCode::CONFLICT);
}

#[tokio::test]
async fn many_mails_are_decided_by_what_they_have_in_common() {
    let world = World::new().await;
    let token = world.token(&[Scope::Approve, Scope::Read]).await;
    for text in ["a", "b", "c"] {
        world.mail(text, "list@example.com", MailVerdict::Parked).await;
    }
    let held_by_a_request = world.request(&[Right::Access]).await;
    world.mail("d", "hanako@example.jp", MailVerdict::Proposed(Some(held_by_a_request))).await;
    let kind = world.get(&token, "/v1/mails?state=parked").await.json()["items"][0].clone();
    let by = json!({ "verdict": kind["verdict"], "reason": "A list.", "dry_run": true });
    let counted = world.post(&token, "/v1/mails/dismiss", &by).await.json();
    assert_eq!(counted, json!({ "matched": 3, "done": 0, "left": 3 }), "the one of a request is left out");
    let again = json!({ "reason_holds": kind["reason"] });
    let read = world.post(&token, "/v1/mails/read-again", &again).await.json();
    assert_eq!(read, json!({ "matched": 3, "done": 3, "left": 0 }));
    let none = json!({ "verdict": kind["verdict"], "reason": "A list." });
    let done = world.post(&token, "/v1/mails/dismiss", &none).await.json();
    assert_eq!(
        done,
        json!({ "matched": 0, "done": 0, "left": 0 }),
        "they wait for the worker, not for staff"
    );
    for text in ["e", "f"] {
        world.mail(text, "list@example.com", MailVerdict::Parked).await;
    }
    let done = world.post(&token, "/v1/mails/dismiss", &none).await.json();
    assert_eq!(done["left"], 0, "{done}");
    assert_ne!(done["done"], 0, "{done}");
    let without_a_kind = json!({ "mailbox": "privacy", "reason": "All of it." });
    let refused = world.post(&token, "/v1/mails/dismiss", &without_a_kind).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.fields(), ["verdict"]);
    for (before, count) in [("2999-01-01T00:00:00Z", 2), ("2000-01-01T00:00:00Z", 0)] {
        let listed = world.get(&token, &format!("/v1/mails?state=ignored&before={before}")).await.json();
        assert_eq!(listed["items"].as_array().unwrap().len(), count, "{listed}");
    }
}

#[tokio::test]
async fn a_reply_is_listed_until_it_is_read() {
    let world = World::new().await;
    let request = world.request(&[Right::Deletion]).await;
    let mail = world.mail("do not delete", "hanako@example.jp", MailVerdict::Filed(request)).await;
    let token = world.token(&[Scope::Read]).await;
    let listed = world.get(&token, "/v1/mails?unread=true").await.json();
    assert_eq!(listed["items"][0]["id"], json!(mail));
    assert_eq!(listed["items"][0]["says"], "takes-back");
    let waits = |shown: &Value| shown["waits_for"].as_array().unwrap().contains(&json!("staff-reply"));
    let path = format!("/v1/requests/{request}");
    assert!(waits(&world.get(&token, &path).await.json()));
    assert_eq!(world.decide(mail, "mark-read", &json!({})).await, StatusCode::NO_CONTENT);
    assert_eq!(world.decide(mail, "mark-read", &json!({})).await, StatusCode::NO_CONTENT, "twice is once");
    assert!(!waits(&world.get(&token, &path).await.json()));
    assert_eq!(world.get(&token, "/v1/mails?unread=true").await.json()["items"], json!([]));
    let proposal = world.proposal().await;
    assert_eq!(world.decide(proposal, "mark-read", &json!({})).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn deciding_takes_the_right_to_approve_and_a_mail_that_is_there() {
    let world = World::new().await;
    let mail = world.proposal().await;
    let weak = world.token(&[Scope::Read, Scope::Submit, Scope::Operate]).await;
    let strong = world.token(&[Scope::Read, Scope::Approve]).await;
    let request = unused_id();
    for (what, body) in [
        ("accept", json!({})),
        ("dismiss", json!({ "reason": "x" })),
        ("file", json!({ "request": request })),
        ("read-again", json!({})),
        ("mark-read", json!({})),
    ] {
        let refused = world.post(&weak, &format!("/v1/mails/{mail}/{what}"), &body).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{what}");
        let nowhere = world.post(&strong, &format!("/v1/mails/{request}/{what}"), &body).await;
        assert_eq!(nowhere.status, StatusCode::NOT_FOUND, "{what}");
        let nobody = world.post("habeas_nobody", &format!("/v1/mails/{mail}/{what}"), &body).await;
        assert_eq!(nobody.status, StatusCode::UNAUTHORIZED, "{what}");
    }
    for path in [format!("/v1/mails/{request}"), format!("/v1/mails/{request}/raw")] {
        assert_eq!(world.get(&strong, &path).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(world.get(&strong, "/v1/mails/not-an-id").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_address_of_a_request_is_not_changed_by_anybody() {
    let world = World::new().await;
    let request = world.request(&[Right::Access]).await;
    let token = world.token(&[Scope::Submit, Scope::Approve, Scope::Read]).await;
    let put = async |token: &str, id: &str, body: &Value| {
        let call = call("PUT", token, &format!("/v1/requests/{id}/address"));
        let call = call.header(header::CONTENT_TYPE, "application/json");
        world.send(call.body(Body::from(body.to_string())).unwrap()).await
    };
    let id = request.to_string();
    let wanted = json!({ "email": "mallory@example.com" });
    let refused = put(&token, &id, &wanted).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    masked("address-fixed", &pretty(&refused));
    put(&token, &id, &wanted).await;
    let open = world.ledger.open_request(request).await.unwrap();
    assert_eq!(open.address(), "hanako@example.jp");
    let mails = world.ledger.request_view(request).await.unwrap().mails;
    assert_eq!(mails.iter().filter(|mail| mail.kind == "address-kept").count(), 1, "told once");
    let trail = world.get(&token, &format!("/v1/audit/{request}")).await.text;
    assert_eq!(trail.matches("address-change-refused").count(), 2);
    assert!(!trail.contains("mallory"));
    assert_eq!(put(&token, &id, &json!({ "email": "x" })).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(put(&token, &unused_id().to_string(), &wanted).await.status, StatusCode::NOT_FOUND);
    let reader = world.token(&[Scope::Read]).await;
    assert_eq!(put(&reader, &id, &wanted).await.status, StatusCode::FORBIDDEN);
}
