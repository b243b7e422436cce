//! What is recorded of mails that the server has taken.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chrono::TimeDelta;
use habeas_domain::{
    Actor, AgentTerms, Channel, Deadline, Ids, Language, RegimeId, Regimes, RequestId, Retry, SystemClock,
    SystemEntropy, WorkKind,
    submission::{Submission, SubmissionDefaults},
    verification::VerificationPolicy,
};
use habeas_ledger::{Claimed, Ledger, LedgerOptions, NewRequest, WorkFilter};
use habeas_notification::{
    MailOptions, MailWorker, OutgoingMail, Renderer, Sender, Transport, TransportError,
};
use habeas_runtime::Worker;
use habeas_vault::{CodeOptions, KeyRing, Vault};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::json;

use crate::common::both;

/// Takes every mail.
#[derive(Default)]
struct Taking(AtomicUsize);

#[async_trait]
impl Transport for Taking {
    async fn send(&self, _mail: &OutgoingMail) -> Result<(), TransportError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

async fn state(folder: &tempfile::TempDir) -> (Ledger, DatabaseConnection) {
    let url = habeas_test_support::state::sqlite(folder.path()).await.unwrap();
    let db = LedgerOptions::new(url).open().await.unwrap();
    let ring = KeyRing::generate(&SystemEntropy, &SystemClock);
    let vault = Vault::new(&ring, Arc::new(SystemEntropy), CodeOptions::default()).unwrap();
    (Ledger::new(db.clone(), vault, Ids::new(Arc::new(SystemClock), Arc::new(SystemEntropy))), db)
}

fn asking(ledger: &Ledger, email: &str) -> NewRequest {
    let (now, regimes) = (ledger.ids().now(), Regimes::builtin().unwrap());
    let defaults = SubmissionDefaults {
        regime: RegimeId::new("eu_gdpr").unwrap(),
        language: Language::En,
        channel: Channel::Api,
        now,
        regimes: &regimes,
    };
    let body = json!({ "subject": { "email": email }, "rights": ["access"] });
    NewRequest {
        submission: Submission::read(&body, &defaults).unwrap(),
        submitted_by: Actor::System,
        idempotency_key: None,
        deadline: Deadline::fixed(now, now + TimeDelta::days(30), both("in a test", "テスト")),
        lapse_at: now + TimeDelta::days(7),
        policies: BTreeMap::new(),
        verification: VerificationPolicy::mail_link(),
        agents: AgentTerms::default(),
        batch: None,
        asked_in: None,
        receipt: true,
        law_not_taken: None,
    }
}

/// The receipts that wait to be sent, one for each request.
async fn claimed(ledger: &Ledger) -> Vec<Claimed> {
    let filter = WorkFilter { kind: Some(WorkKind::Mail), ..WorkFilter::default() };
    let waiting = ledger.work_list(&filter, None, 10).await.unwrap().items;
    let ids: Vec<_> = waiting.iter().map(|work| work.id).collect();
    ledger.claim(&ids, ledger.ids().fresh(), Duration::from_mins(1)).await.unwrap()
}

fn worker(ledger: &Ledger, transport: Arc<Taking>) -> MailWorker {
    let options = MailOptions {
        controller_name: None,
        contact_email: "privacy@example.com".to_owned(),
        support: None,
        notice_version: None,
        base_url: "https://privacy.example.com".to_owned(),
        from: Sender { name: "Example Shop".to_owned(), address: "privacy@example.com".to_owned() },
        parallel: 2,
        plus_addresses: false,
        null_sender: false,
    };
    let regimes = Arc::new(Regimes::builtin().unwrap());
    MailWorker::new(ledger.clone(), regimes, Renderer::new().unwrap(), transport, options)
}

/// Unrecorded they would be sent again and again: to everybody of the group once more, and to the one until it is given up.
#[tokio::test]
async fn one_that_cannot_be_recorded_is_parked_and_takes_no_other_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let (ledger, db) = state(&folder).await;
    let new = ["hanako@example.jp", "taro@example.jp", "jiro@example.jp"].map(|email| asking(&ledger, email));
    let accepted = ledger.accept(new.into()).await.unwrap();
    let requests: Vec<RequestId> = accepted.into_iter().map(|one| one.unwrap().id).collect();
    let damaged = format!("(SELECT id FROM request WHERE reference = '{}')", requests[1].reference());
    for change in [
        format!(
            "UPDATE job SET state = 'awaiting-copy', \"right\" = 'of-later' WHERE request_id = {damaged}"
        ),
        format!(
            "UPDATE mail SET job_id = (SELECT id FROM job WHERE request_id = {damaged}) WHERE request_id = {damaged}"
        ),
    ] {
        assert_eq!(db.execute_unprepared(&change).await.unwrap().rows_affected(), 1);
    }
    let group = claimed(&ledger).await;
    let transport = Arc::new(Taking::default());
    let failures = worker(&ledger, Arc::clone(&transport)).run(group).await;
    assert_eq!(transport.0.load(Ordering::SeqCst), 3, "all of them are out");
    let failed: Vec<_> = failures.iter().map(|one| (one.request, one.fault.retry)).collect();
    assert_eq!(failed, [(requests[1], Retry::Never)], "{failures:?}");
    for request in [requests[0], requests[2]] {
        assert!(ledger.request_view(request).await.unwrap().mails[0].sent_at.is_some());
    }
}
