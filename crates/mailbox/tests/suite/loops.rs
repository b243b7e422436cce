//! Two machines that answer each other stop: those that say that they are machines at once, the others at the limit.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use habeas_domain::{EmailAddress, Fault, Personal, received_mail::ReceivedMailState};
use habeas_ledger::{Accepted, FormAnswer, MailContent, NewReceivedMail};
use habeas_mailbox::{
    Reader, ReaderOptions,
    source::Bell,
    understand,
    worker::{
        ActOptions, Answerer, Intake, MailWorker, MailboxRules, NotTaken, Ports, SendsForms, TakenMail,
    },
};
use tokio_util::sync::CancellationToken;

use crate::bed::Bed;

const LIMIT: u64 = 3;

/// What leaves an office: the mails that it sends, as they arrive elsewhere.
struct Post {
    from: &'static str,
    marked: bool,
    sent: Mutex<Vec<Vec<u8>>>,
}

#[async_trait]
impl SendsForms for Post {
    async fn send_form(&self, answer: &FormAnswer) -> Result<(), Fault> {
        // A machine that does not know what it is does not know what it answers, either.
        let answers = answer.answers.as_ref().filter(|_| self.marked).map(|id| id.expose().as_str());
        let marks = answers
            .map(|id| format!("In-Reply-To: <{id}>\r\nAuto-Submitted: auto-replied\r\nReturn-Path: <>\r\n"));
        let marks = marks.unwrap_or_default();
        let mail = format!(
            "From: {}\r\nTo: {}\r\nMessage-ID: <{}@{}>\r\n{marks}Subject: Hello\r\n\r\nThank you for your letter, it was a pleasure.\r\n",
            self.from,
            answer.to.expose(),
            answer.lease.answer,
            self.from.rsplit('@').next().unwrap()
        );
        self.sent.lock().unwrap().push(mail.into_bytes());
        Ok(())
    }
}

struct NoRequests;

#[async_trait]
impl Intake for NoRequests {
    async fn take(&self, _: TakenMail) -> Result<Accepted, NotTaken> {
        Err(NotTaken::Failed(Fault::permanent("asked", "nothing here asks for anything")))
    }
}

/// A company that answers every mail that asks for nothing.
struct Office {
    bed: Bed,
    worker: MailWorker,
    answerer: Answerer,
    post: Arc<Post>,
}

impl Office {
    async fn new(address: &'static str, marked: bool) -> Self {
        let bed = Bed::new().await;
        let own = EmailAddress::parse(address).unwrap();
        let options = ReaderOptions { own_addresses: vec![own.clone()], ..ReaderOptions::default() };
        let reader = Reader::new(options).unwrap();
        let ports = Ports {
            reads: Arc::new(move |raw: &[u8]| understand(raw, &reader)),
            intake: Arc::new(NoRequests),
            authenticates: None,
            threads: None,
            bounces: None,
        };
        let rules = MailboxRules {
            answer_non_requests: true,
            answers_per_day: LIMIT,
            own_addresses: vec![own],
            ..MailboxRules::default()
        };
        let options =
            ActOptions { mailboxes: [("privacy".to_owned(), rules)].into(), ..ActOptions::default() };
        let worker = MailWorker::new(bed.ledger.clone(), ports, options, Bell::default(), Bell::default());
        let post = Arc::new(Post { from: address, marked, sent: Mutex::default() });
        let sends: Arc<dyn SendsForms> = Arc::<Post>::clone(&post);
        let answerer = Answerer::new(bed.ledger.clone(), sends, Bell::default());
        Self { bed, worker, answerer, post }
    }

    /// Takes these mails in and gives what it sends because of them.
    async fn get(&self, mails: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let received_at = self.bed.ledger.ids().now();
        let mails: Vec<NewReceivedMail> = mails
            .into_iter()
            .map(|raw| NewReceivedMail {
                mailbox: "privacy".to_owned(),
                place: None,
                received_at,
                content: MailContent::Whole(Personal::new(raw)),
                delivery: None,
            })
            .collect();
        self.bed.ledger.store_mails(&mails, None).await.unwrap();
        let running = CancellationToken::new();
        while self.worker.round(&running).await.unwrap() > 0 {}
        while self.answerer.round(&running).await.unwrap() > 0 {}
        std::mem::take(&mut *self.post.sent.lock().unwrap())
    }
}

/// A hello from `from`, and what becomes of it between the two: how many mails each sent.
async fn talk(one: &Office, other: &Office) -> (usize, usize) {
    let hello = format!(
        "From: {}\r\nMessage-ID: <hello@b.example>\r\n\r\nGood morning to all of you!\r\n",
        other.post.from
    );
    let mut under_way = one.get(vec![hello.into_bytes()]).await;
    let (mut ones, mut others) = (under_way.len(), 0);
    while !under_way.is_empty() {
        let back = other.get(under_way).await;
        others += back.len();
        under_way = one.get(back).await;
        ones += under_way.len();
        assert!(ones + others < 100, "they write to each other for ever");
    }
    (ones, others)
}

#[tokio::test]
async fn two_of_our_kind_say_one_word_to_each_other() {
    let (one, other) =
        (Office::new("privacy@a.example", true).await, Office::new("privacy@b.example", true).await);
    assert_eq!(talk(&one, &other).await, (1, 0));
    let mails = other.bed.mails().await;
    assert_eq!(mails[0].state, ReceivedMailState::Ignored);
}

#[tokio::test]
async fn a_machine_that_does_not_say_so_is_answered_up_to_the_limit() {
    let (one, machine) =
        (Office::new("privacy@a.example", false).await, Office::new("robot@b.example", false).await);
    let (ones, robots) = talk(&one, &machine).await;
    assert!(ones as u64 == LIMIT && robots as u64 <= LIMIT, "{ones} and {robots}");
    let kept = one.bed.mails().await;
    assert!(kept.iter().all(|mail| mail.state == ReceivedMailState::Ignored), "each is kept");
}
