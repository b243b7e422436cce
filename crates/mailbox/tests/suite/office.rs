//! A mailbox with everything that the reading of mails asks of the outside.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use habeas_domain::{
    EmailAddress, Fault, FieldProblem, Language, Personal, ReceivedMailId, RequestId, Right,
    received_mail::{ReceivedMailState, SenderAuthentication, Verdict},
};
use habeas_ledger::{Accepted, FormAnswer, MailContent, NewReceivedMail, StoredMail};
use habeas_mailbox::{
    FoundAgent, FoundRight, FoundWord, Sender, Understanding,
    source::Bell,
    worker::{
        ActOptions, Answerer, Arrived, Authenticated, Authenticates, Intake, MailWorker, MailboxRules,
        NotTaken, Ports, SendsForms, TakenMail, Threads,
    },
};
use tokio_util::sync::CancellationToken;

use crate::bed::Bed;

/// A reading made of the mail's own words, `name=value` line by line.
fn understand(raw: &[u8]) -> Understanding {
    let text = String::from_utf8_lossy(raw).into_owned();
    assert!(!text.contains("poison"), "the reader is broken by this mail");
    let value = |name: &str| {
        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
    };
    let address = value("from").and_then(|from| EmailAddress::parse(&from).ok());
    let right = |sure| FoundRight { right: Right::Access, sure, words: vec!["my data".to_owned()] };
    Understanding {
        verdict: value("verdict").unwrap_or_default().parse().unwrap_or(Verdict::Request),
        reason: "by the test's own rules".to_owned(),
        language: Some(Language::Ja.into()),
        letters: Some(Language::Ja),
        sender: Sender { address, name: None, reply_to: None, authentication: SenderAuthentication::None },
        rights: value("right").map(|sure| right(sure == "sure")).into_iter().collect(),
        others: Vec::new(),
        other_address: value("send-to").into_iter().collect(),
        says: value("says")
            .and_then(|word| word.parse().ok())
            .map(|word| FoundWord { word, words: "changed my mind".to_owned() }),
        is_ours: value("ours").is_some(),
        bounce: None,
        identifiers: Vec::new(),
        agent: value("agent")
            .map(|who| FoundAgent { words: vec!["代理人".to_owned()], guardian: who == "guardian" }),
        forwarded: None,
        regime: None,
        urgent: Vec::new(),
        sent_at: None,
        message_id: value("id").map(Personal::new),
        references: Vec::new(),
        recipients: Vec::new(),
        subject: Personal::new(String::new()),
        text: Personal::new(value("text").unwrap_or_default()),
        attachments: Vec::new(),
        remarks: Vec::new(),
    }
}

/// Everything that was asked of the outside.
#[derive(Default)]
pub(crate) struct Outside {
    pub(crate) taken: Mutex<Vec<TakenMail>>,
    forms: Mutex<Vec<String>>,
    pub(crate) fail: Mutex<bool>,
}

#[async_trait]
impl Intake for Outside {
    async fn take(&self, mail: TakenMail) -> Result<Accepted, NotTaken> {
        if std::mem::take(&mut *self.fail.lock().unwrap()) {
            return Err(NotTaken::Failed(Fault::temporary("away", "the database is away")));
        }
        let submission = mail.submission.expose();
        if submission["subject"]["email"] == "refused@example.jp" {
            let problem =
                FieldProblem { field: "rights".to_owned(), code: "not-offered", message: String::new() };
            return Err(NotTaken::Problems(vec![problem]));
        }
        let mut taken = self.taken.lock().unwrap();
        let repeated = taken.iter().any(|earlier| earlier.key == mail.key);
        if !repeated {
            taken.push(mail);
        }
        let id: RequestId = "0193b5c0-0000-7000-8000-000000000001".parse().unwrap();
        let due_on = NaiveDate::from_ymd_opt(2030, 1, 1).unwrap();
        Ok(Accepted { id, reference: id.reference(), due_on, duplicate_of: None, repeated })
    }
}

#[async_trait]
impl SendsForms for Outside {
    async fn send_form(&self, answer: &FormAnswer) -> Result<(), Fault> {
        self.forms.lock().unwrap().push(answer.to.expose().clone());
        Ok(())
    }
}

#[async_trait]
impl Authenticates for Outside {
    async fn authenticate(&self, _: Arrived<'_>, raw: &[u8], _: Option<&EmailAddress>) -> Authenticated {
        let spoofed = String::from_utf8_lossy(raw).contains("spoofed");
        let verdict = if spoofed { SenderAuthentication::Unaligned } else { SenderAuthentication::Aligned };
        let text = String::from_utf8_lossy(raw);
        let verdict = if text.contains("unknown") { SenderAuthentication::None } else { verdict };
        let try_again = text.contains("names-away");
        Authenticated { verdict, evidence: "as the test says".to_owned(), try_again }
    }
}

#[async_trait]
impl Threads for Outside {
    async fn request_of(&self, mail: &Understanding) -> Result<Option<RequestId>, Fault> {
        let known = mail.text.expose().contains("HB-KNOWN");
        Ok(known.then(|| "0193b5c0-0000-7000-8000-000000000002".parse().unwrap()))
    }
}

pub(crate) struct Office {
    pub(crate) bed: Bed,
    pub(crate) outside: Arc<Outside>,
    pub(crate) worker: MailWorker,
    pub(crate) answerer: Answerer,
}

impl Office {
    pub(crate) async fn new() -> Self {
        let (bed, outside) = (Bed::new().await, Arc::new(Outside::default()));
        let ports = Ports {
            reads: Arc::new(understand),
            intake: Arc::<Outside>::clone(&outside),
            authenticates: Some(Arc::<Outside>::clone(&outside) as Arc<dyn Authenticates>),
            threads: Some(Arc::<Outside>::clone(&outside) as Arc<dyn Threads>),
            bounces: None,
        };
        let own = EmailAddress::parse("privacy@example.com").unwrap();
        let rules = MailboxRules {
            answer_non_requests: true,
            answers_per_day: 2,
            strangers_per_hour: 3,
            own_addresses: vec![own],
        };
        let options = ActOptions {
            mailboxes: [("privacy".to_owned(), rules)].into(),
            retry: std::time::Duration::ZERO,
            ..ActOptions::default()
        };
        let worker = MailWorker::new(bed.ledger.clone(), ports, options, Bell::default(), Bell::default());
        let sends: Arc<dyn SendsForms> = Arc::<Outside>::clone(&outside);
        let answerer = Answerer::new(bed.ledger.clone(), sends, Bell::default());
        Self { bed, outside, worker, answerer }
    }

    pub(crate) async fn store(&self, mails: &[&str]) -> Vec<StoredMail> {
        let received_at: DateTime<Utc> = self.bed.ledger.ids().now();
        let mails: Vec<NewReceivedMail> = mails
            .iter()
            .map(|text| NewReceivedMail {
                mailbox: "privacy".to_owned(),
                place: None,
                received_at,
                content: MailContent::Whole(Personal::new(text.as_bytes().to_vec())),
                delivery: None,
            })
            .collect();
        self.bed.ledger.store_mails(&mails, None).await.unwrap()
    }

    /// Stores these mails and has them acted on.
    pub(crate) async fn get(&self, mails: &[&str]) -> Vec<(ReceivedMailState, String)> {
        let stored = self.store(mails).await;
        let running = CancellationToken::new();
        while self.worker.round(&running).await.unwrap() > 0 {}
        while self.answerer.round(&running).await.unwrap() > 0 {}
        let mut found = Vec::new();
        for mail in stored {
            found.push(self.state(mail.id).await);
        }
        found
    }

    pub(crate) async fn state(&self, mail: ReceivedMailId) -> (ReceivedMailState, String) {
        let view = self.bed.ledger.mail_view(mail).await.unwrap();
        (view.state, view.reason.unwrap_or_default())
    }

    pub(crate) fn taken(&self) -> usize {
        self.outside.taken.lock().unwrap().len()
    }

    pub(crate) fn forms(&self) -> Vec<String> {
        self.outside.forms.lock().unwrap().clone()
    }
}
