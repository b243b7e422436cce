//! Takes every mail and keeps what it said.

use std::sync::Mutex;

use async_trait::async_trait;
use habeas_domain::{JobId, Letter, RequestId, letter::JobReport};
use habeas_ledger::{Claimed, Ledger};
use habeas_runtime::{Failure, Worker};

pub(crate) struct Post {
    ledger: Ledger,
    sent: Mutex<Vec<(RequestId, Option<JobId>, Letter)>>,
}

impl Post {
    pub(crate) fn new(ledger: Ledger) -> Self {
        Self { ledger, sent: Mutex::default() }
    }

    pub(crate) fn letters(&self, request: RequestId) -> Vec<Letter> {
        let sent = self.sent.lock().unwrap();
        sent.iter().filter(|(of, ..)| *of == request).map(|(.., letter)| letter.clone()).collect()
    }

    /// What was told about the end of each job.
    pub(crate) fn ends(&self, request: RequestId) -> Vec<JobReport> {
        let ended = |letter| match letter {
            Letter::JobEnded(report) => Some(report),
            _ => None,
        };
        self.letters(request).into_iter().filter_map(ended).collect()
    }
}

#[async_trait]
impl Worker for Post {
    fn name(&self) -> &'static str {
        "post"
    }

    async fn run(&self, group: Vec<Claimed>) -> Vec<Failure> {
        let mails = self.ledger.mails_to_send(&group).await.unwrap();
        let sent: Vec<_> = mails.iter().map(|mail| (mail.lease, mail.request, mail.id)).collect();
        for mail in mails {
            let job = group.iter().find(|one| one.lease == mail.lease).and_then(|one| one.job);
            self.sent.lock().unwrap().push((mail.request, job, mail.letter));
        }
        self.ledger.mails_sent(&sent).await.unwrap();
        Vec::new()
    }
}
