//! What the mailbox asks about our own mails and about senders.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use habeas_config::{Config, Mailbox, MailboxKind};
use habeas_domain::{EmailAddress, Fault, Personal, RequestId, received_mail::SenderAuthentication};
use habeas_ledger::Ledger;
use habeas_mailbox::{
    Understanding,
    authentication::{AuthenticationOptions, Authenticator, Dns, DnsLimits},
    thread::{bounced_mail, is_ours, thread_of},
    worker::{Authenticated, Authenticates, Bounces, Threads},
};
use habeas_vault::Vault;

use crate::failure::{Exit, Failure};

/// Knows our own Message-IDs and addresses by their tokens.
pub(super) struct OwnTokens(pub(super) Vault);

impl habeas_mailbox::Threads for OwnTokens {
    fn is_ours(&self, id_or_address: &str) -> bool {
        is_ours(&self.0, &Personal::new(id_or_address.to_owned()))
    }
}

/// Which request a mail belongs to, and which mail of ours came back.
pub(super) struct LedgerThreads(pub(super) Ledger);

#[async_trait]
impl Threads for LedgerThreads {
    async fn request_of(&self, mail: &Understanding) -> Result<Option<RequestId>, Fault> {
        Ok(thread_of(&self.0, mail).await?.map(|thread| thread.request))
    }
}

#[async_trait]
impl Bounces for LedgerThreads {
    async fn came_back(&self, report: &Understanding, _raw: &[u8]) -> Result<Option<RequestId>, Fault> {
        let Some(mail) = bounced_mail(self.0.vault(), report) else { return Ok(None) };
        let bounce = report.bounce.as_ref();
        let status = bounce.and_then(|bounce| bounce.status.as_deref());
        let for_good = bounce.is_some_and(|bounce| bounce.permanent);
        if let Some(marked) = self.0.mail_bounced(mail, status, for_good).await? {
            return Ok(Some(marked.request));
        }
        // It was marked before: it belongs to the same request still.
        let of = habeas_vault::ThreadOf::Mail(mail);
        Ok(self.0.threaded(of, None).await?.map(|found| found.request))
    }
}

/// Checks senders, with the name servers of this machine for IMAP mailboxes. Mails in a folder came from this machine:
/// only what our own mail server reported counts.
pub(super) struct Senders(BTreeMap<String, Authenticator>);

impl Senders {
    pub(super) fn new(config: &Config) -> Result<Arc<Self>, Failure> {
        let mailboxes = config.mailboxes();
        let asks = mailboxes.iter().any(|mailbox| mailbox.kind == MailboxKind::Imap);
        let dns = asks.then(|| Dns::system(DnsLimits::default())).transpose();
        let dns = dns.map_err(|error| Failure::of(Exit::Config, "mailbox", &error))?;
        let own_domains: Vec<String> = mailboxes
            .iter()
            .flat_map(|mailbox| &mailbox.own_addresses)
            .chain([&config.mail.from_address])
            .filter_map(|address| address.rsplit_once('@').map(|(_, domain)| domain.to_owned()))
            .collect();
        let authenticator = |mailbox: Mailbox| {
            let options = AuthenticationOptions {
                authserv_ids: mailbox.trusted_authserv_ids,
                received_above: mailbox.received_above.into(),
                delivering_received: mailbox.delivering_received.map(usize::from),
                arc_sealers: mailbox.trusted_forwarders,
                imitated_domains: own_domains.clone(),
            };
            let dns = dns.clone().filter(|_| mailbox.kind == MailboxKind::Imap);
            (mailbox.name, Authenticator::new(options, dns))
        };
        Ok(Arc::new(Self(mailboxes.into_iter().map(authenticator).collect())))
    }
}

#[async_trait]
impl Authenticates for Senders {
    async fn authenticate(&self, mailbox: &str, raw: &[u8], shown: Option<&EmailAddress>) -> Authenticated {
        let Some(authenticator) = self.0.get(mailbox) else {
            let evidence = "handed over by hand: not looked up".to_owned();
            return Authenticated { verdict: SenderAuthentication::None, evidence };
        };
        let found = authenticator.authenticate(raw, None).await;
        let evidence = serde_json::to_string(&found).unwrap_or_default();
        Authenticated { verdict: found.verdict_for(shown), evidence }
    }
}
