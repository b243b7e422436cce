//! The mail worker: opens claimed mails, words them, hands them over, and records what the server took.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use futures::{FutureExt, StreamExt};
use habeas_domain::{
    Bilingual, Fault, Links, MailId, Personal, Retry, TypedId,
    regime::{RegimeId, Regimes},
};
use habeas_ledger::{Claimed, Lease, Ledger, MailToSend};
use habeas_runtime::{Failure, Worker};
use habeas_vault::ThreadOf;

use crate::{
    Letterhead, Marks, MsgId, OutgoingMail, Posting, Renderer, Reports, Sender, Transport, compose,
    record::{Sent, record},
};

/// Who writes, the same on every mail.
#[derive(Debug, Clone)]
pub struct MailOptions {
    /// The company that decides why and how the data is used.
    pub controller_name: Option<Bilingual>,
    /// Where a person answers.
    pub contact_email: String,
    /// More ways to reach a person.
    pub support: Option<Bilingual>,
    /// The version of the privacy notice in force, if it has one.
    pub notice_version: Option<String>,
    /// Where the pages of the data subject begin.
    pub base_url: String,
    /// Who the mail comes from.
    pub from: Sender,
    /// How many mails are handed over at once.
    pub parallel: usize,
    /// Whether the mail system delivers `name+token@domain` to `name@domain`.
    pub plus_addresses: bool,
    /// Whether the receipt that answers a mail leaves with the null address as its envelope sender. A challenge never
    /// does: its report is wanted.
    pub null_sender: bool,
}

/// Hands mails to a transport. A mail that was taken is recorded before its announcement is acknowledged; one whose
/// answer was lost is sent once more with the same Message-ID, and not a third time.
pub struct MailWorker {
    ledger: Ledger,
    regimes: Arc<Regimes>,
    renderer: Renderer,
    transport: Arc<dyn Transport>,
    options: MailOptions,
}

/// After how many attempts a mail that may have arrived is left to a person.
const DOUBTFUL_ATTEMPTS: u32 = 2;

impl MailWorker {
    /// A mail worker.
    pub fn new(
        ledger: Ledger,
        regimes: Arc<Regimes>,
        renderer: Renderer,
        transport: Arc<dyn Transport>,
        options: MailOptions,
    ) -> Self {
        Self { ledger, regimes, renderer, transport, options }
    }

    fn letterhead(&self, mail: &MailToSend) -> Result<Letterhead, Fault> {
        let regime = RegimeId::new(mail.regime.clone()).ok().and_then(|id| self.regimes.get(&id));
        let regime = regime.ok_or_else(|| {
            Fault::permanent("regime-unknown", "the request's regime has no data file; add it and requeue")
        })?;
        let options = &self.options;
        Ok(Letterhead {
            controller_name: options.controller_name.clone(),
            contact_email: options.contact_email.clone(),
            support: options.support.clone(),
            base_url: options.base_url.clone(),
            from: options.from.clone(),
            complaint: regime.complaint.text.clone(),
            dispute_body: regime.complaint.dispute_body.clone(),
            non_discrimination: regime.non_discrimination.value.clone(),
            notice_version: options.notice_version.clone(),
            reference: mail.request.reference(),
            person_name: mail.name.clone(),
            for_child: mail.for_child,
            agent_end: self.agent_end(mail),
            another: self.another(mail),
            language: mail.language,
            regime_title: regime.title.clone(),
            time_zone: regime.time_zone,
        })
    }

    fn agent_end(&self, mail: &MailToSend) -> Option<Personal<String>> {
        let token = mail.agent_end.as_ref()?;
        let links = Links::new(&self.options.base_url).ok()?;
        Some(links.end_agent(mail.language, token.expose()))
    }

    fn another(&self, mail: &MailToSend) -> Option<Personal<String>> {
        let token = mail.another.as_ref()?;
        let links = Links::new(&self.options.base_url).ok()?;
        Some(links.another(mail.language, token.expose()))
    }

    fn word(&self, mail: &MailToSend) -> Result<OutgoingMail, Fault> {
        let head = self.letterhead(mail)?;
        let rendered = self
            .renderer
            .render(&mail.letter, &head)
            .map_err(|error| Fault::permanent("mail-wording", error.to_string()))?;
        compose(&rendered, &head, &self.posting(mail, &head))
            .map_err(|error| Fault::permanent("mail-compose", error.to_string()))
    }

    fn posting(&self, mail: &MailToSend, head: &Letterhead) -> Posting {
        let asked_in = mail.asked_in.as_ref().and_then(|id| MsgId::bare(id.expose()).ok());
        let auto_replied = asked_in.is_some() && mail.letter.answers_the_submission();
        let silent = auto_replied && self.options.null_sender && !mail.letter.needs_its_reader();
        // Every mail of a request answers to one root, so that clients show one thread: the mail that asked, or else
        // an id that is made from the request's.
        let root = asked_in.unwrap_or_else(|| head.msg_id(MailId::from_uuid(mail.request.uuid())));
        let vault = self.ledger.vault();
        Posting {
            mail: mail.id,
            to: mail.to.clone(),
            thread: Some(root),
            date: mail.ordered_at,
            marks: Some(Marks {
                mail: vault.thread_token(ThreadOf::Mail(mail.id)),
                request: vault.thread_token(ThreadOf::Request(mail.request)),
                plus_addresses: self.options.plus_addresses,
            }),
            auto_replied,
            reports: if silent { Reports::Nowhere } else { Reports::Wanted },
        }
    }

    async fn send(&self, mail: &MailToSend, attempts: u32) -> Result<(), Fault> {
        let outgoing = self.word(mail)?;
        fail::fail_point!("mail::before_send");
        let sent = self.transport.send(&outgoing).await;
        fail::fail_point!("mail::after_send");
        let outcome = if sent.is_ok() { "sent" } else { "failed" };
        metrics::counter!("habeas_mails_total", "kind" => outgoing.kind, "outcome" => outcome).increment(1);
        sent.map_err(|error| {
            let fault = error.to_fault();
            if error.may_have_arrived() && attempts >= DOUBTFUL_ATTEMPTS {
                Fault { retry: Retry::Never, ..fault }
            } else {
                fault
            }
        })
    }
}

#[async_trait]
impl Worker for MailWorker {
    fn name(&self) -> &'static str {
        "mail"
    }

    async fn run(&self, group: Vec<Claimed>) -> Vec<Failure> {
        let mails = match self.ledger.mails_to_send(&group).await {
            Ok(mails) => mails,
            Err(error) => return Failure::all(&group, &Fault::from(error)),
        };
        let attempts: HashMap<Lease, u32> = group.iter().map(|one| (one.lease, one.attempts)).collect();
        // What needs no sending any more (sent before, or its request erased) is finished with the rest.
        let mut finished: Vec<Sent> = group
            .iter()
            .filter(|one| !mails.iter().any(|mail| mail.lease == one.lease))
            .map(|one| (one.lease, one.request, MailId::from_uuid(one.target)))
            .collect();
        let mut failures = Vec::new();
        let mut sending = Vec::with_capacity(mails.len());
        for mail in &mails {
            let attempts = attempts.get(&mail.lease).copied().unwrap_or(1);
            sending.push(async move { (mail, self.send(mail, attempts).await) }.boxed());
        }
        let mut sending = futures::stream::iter(sending).buffer_unordered(self.options.parallel.max(1));
        while let Some((mail, result)) = sending.next().await {
            match result {
                Ok(()) => finished.push((mail.lease, mail.request, mail.id)),
                Err(fault) => failures.push(Failure { lease: mail.lease, request: mail.request, fault }),
            }
        }
        drop(sending);
        fail::fail_point!("mail::before_commit");
        failures.extend(record(&self.ledger, &finished).await);
        fail::fail_point!("mail::after_commit");
        failures
    }
}

impl std::fmt::Debug for MailWorker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MailWorker")
    }
}
