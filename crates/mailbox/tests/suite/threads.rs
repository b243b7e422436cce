//! Answers, reports and our own mails, found by what our mails carry.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use habeas_domain::{
    Actor, Channel, EmailAddress, Ids, Language, MailId, ManualClock, Personal, Regimes, RequestId,
    Submission, SystemEntropy, TypedId,
    received_mail::{SenderAuthentication, Verdict},
    submission::SubmissionDefaults,
};
use habeas_ledger::{Ledger, LedgerOptions, NewRequest};
use habeas_mailbox::{
    Bounced, Sender, Understanding,
    thread::{By, Thread, bounced_mail, is_ours, thread_of},
};
use habeas_vault::{CodeOptions, KeyRing, ThreadOf, Vault};
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

struct World {
    ledger: Ledger,
    request: RequestId,
    mail: MailId,
    _folder: TempDir,
}

fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2025, 3, 3, 9, 0, 0).unwrap()
}

/// A ledger with one request of Hanako's.
async fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let url = habeas_test_support::state::sqlite(folder.path()).await.unwrap();
    let clock = Arc::new(ManualClock::new(start()));
    let ring = KeyRing::generate(&SystemEntropy, &*clock);
    let vault = Vault::new(&ring, Arc::new(SystemEntropy), CodeOptions::default()).unwrap();
    let db = LedgerOptions::new(url).open().await.unwrap();
    let ledger = Ledger::new(db, vault, Ids::new(clock, Arc::new(SystemEntropy)));
    let request = ledger.accept(vec![new_request()]).await.unwrap().remove(0).unwrap().id;
    let mail = ledger.request_view(request).await.unwrap().mails[0].id;
    World { ledger, request, mail, _folder: folder }
}

fn new_request() -> NewRequest {
    let regimes = Regimes::builtin().unwrap();
    let defaults = SubmissionDefaults {
        regime: "eu_gdpr".parse().unwrap(),
        language: Language::Ja,
        channel: Channel::Mailbox,
        now: start(),
        regimes: &regimes,
    };
    let value = json!({ "subject": { "email": "hanako@example.jp" }, "rights": ["access"] });
    NewRequest {
        submission: Submission::read(&value, &defaults).unwrap(),
        submitted_by: Actor::System,
        idempotency_key: None,
        deadline: habeas_domain::Deadline::fixed(
            start(),
            start() + TimeDelta::days(31),
            habeas_domain::Bilingual { en: "in a test".to_owned(), ja: "テスト".to_owned() },
        ),
        lapse_at: start() + TimeDelta::days(14),
        policies: BTreeMap::new(),
        verification: habeas_domain::verification::VerificationPolicy::mail_link(),
        agents: habeas_domain::AgentTerms::default(),
        batch: None,
        asked_in: None,
        receipt: true,
        law_not_taken: None,
    }
}

impl World {
    fn token(&self, of: ThreadOf) -> String {
        self.ledger.vault().thread_token(of).as_str().to_owned()
    }

    async fn thread(&self, mail: &Understanding) -> Option<Thread> {
        thread_of(&self.ledger, mail).await.unwrap()
    }
}

fn personal(text: String) -> Personal<String> {
    Personal::new(text)
}

/// A mail from this address.
fn from(address: &str) -> Understanding {
    Understanding {
        verdict: Verdict::Proposal,
        reason: String::new(),
        language: None,
        letters: None,
        sender: Sender {
            address: Some(EmailAddress::parse(address).unwrap()),
            name: None,
            reply_to: None,
            authentication: SenderAuthentication::None,
        },
        rights: vec![],
        others: vec![],
        other_address: vec![],
        says: None,
        is_ours: false,
        identifiers: vec![],
        agent: None,
        forwarded: None,
        bounce: None,
        regime: None,
        urgent: vec![],
        sent_at: None,
        message_id: None,
        references: vec![],
        recipients: vec![personal("privacy@example.com".to_owned())],
        subject: personal("Re: HB-7K3M-9QTX".to_owned()),
        text: personal("Thank you.".to_owned()),
        attachments: vec![],
        remarks: vec![],
    }
}

#[tokio::test]
async fn an_answer_is_found_by_address_then_by_message_id_then_by_reference() {
    let world = world().await;
    let mut mail = from("Hanako@example.jp");
    let (request, own) = (world.request, Some(world.mail));
    mail.references = vec![personal(format!("{}@example.com", request.uuid()))];
    let thread = |mail, by| Thread { request, mail, by, from_subject: true };
    assert_eq!(world.thread(&mail).await, Some(thread(None, By::Reference)));
    mail.references.push(personal(format!("{}@example.com", world.token(ThreadOf::Mail(world.mail)))));
    assert_eq!(world.thread(&mail).await, Some(thread(own, By::MessageId)));
    let address = format!("Privacy+{}@example.com", world.token(ThreadOf::Request(request)).to_uppercase());
    mail.recipients.push(personal(address));
    assert_eq!(world.thread(&mail).await, Some(thread(None, By::PlusAddress)));
}

#[tokio::test]
async fn an_answer_from_another_address_is_found_and_says_so() {
    let world = world().await;
    let mut mail = from("mallory@attacker.test");
    mail.recipients =
        vec![personal(format!("p+{}@example.com", world.token(ThreadOf::Request(world.request))))];
    assert!(!world.thread(&mail).await.unwrap().from_subject);
}

#[tokio::test]
async fn neither_a_subject_nor_a_made_up_token_leads_anywhere() {
    let world = world().await;
    let reference = world.request.reference();
    let mut mail = from("hanako@example.jp");
    mail.subject = personal(format!("Re: Please confirm your request ({reference})"));
    assert_eq!(world.thread(&mail).await, None);
    let nobody = MailId::from_uuid(Uuid::from_u128(7));
    let mut forged = world.token(ThreadOf::Mail(world.mail));
    let another = if &forged[30..31] == "a" { "b" } else { "a" };
    forged.replace_range(30..31, another);
    mail.recipients = vec![
        personal(format!("privacy+{}@example.com", "a".repeat(43))),
        personal(format!("privacy+{forged}@example.com")),
    ];
    mail.references = vec![personal(format!("{}@example.com", world.token(ThreadOf::Mail(nobody))))];
    let forged_is_other = world.ledger.vault().thread_of(&forged).is_none();
    assert!(forged_is_other);
    assert_eq!(world.thread(&mail).await, None);
}

#[tokio::test]
async fn a_report_names_its_mail_by_token_alone() {
    let world = world().await;
    let vault = world.ledger.vault();
    let mut report = from("mailer-daemon@example.jp");
    let bounced = |ids: Vec<String>| {
        let original_message_ids = ids.into_iter().map(personal).collect();
        Some(Bounced {
            original_message_ids,
            recipient: None,
            status: Some("5.1.1".to_owned()),
            permanent: true,
        })
    };
    report.bounce = bounced(vec![format!("{}@example.com", world.mail)]);
    assert_eq!(bounced_mail(vault, &report), None, "an id without a token is no proof");
    report.bounce = bounced(vec![format!("<{}@example.com>", world.token(ThreadOf::Mail(world.mail)))]);
    assert_eq!(bounced_mail(vault, &report), Some(world.mail));
    report.bounce = bounced(vec![]);
    assert_eq!(bounced_mail(vault, &report), None);
    report.recipients =
        vec![personal(format!("privacy+{}@example.com", world.token(ThreadOf::Mail(world.mail))))];
    assert_eq!(bounced_mail(vault, &report), Some(world.mail));
    report.recipients =
        vec![personal(format!("privacy+{}@example.com", world.token(ThreadOf::Request(world.request))))];
    assert_eq!(bounced_mail(vault, &report), None, "a request is no mail");
}

#[tokio::test]
async fn our_own_mail_is_known_when_it_comes_back() {
    let world = world().await;
    let vault = world.ledger.vault();
    let token = world.token(ThreadOf::Mail(world.mail));
    for ours in
        [format!("{token}@example.com"), format!("<{token}@example.com>"), format!("p+{token}@example.com")]
    {
        assert!(is_ours(vault, &personal(ours)));
    }
    for other in
        [format!("{}@example.com", world.mail), format!("x{token}@example.com"), "p@example.com".to_owned()]
    {
        assert!(!is_ours(vault, &personal(other)));
    }
}
