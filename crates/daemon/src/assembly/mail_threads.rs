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
    worker::{Arrived, Authenticated, Authenticates, Bounces, Threads},
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

/// Checks senders, with the mailbox's own name servers or those of this machine for IMAP mailboxes. Mails in a folder came from this machine:
/// only what our own mail server reported counts, unless the pipe that handed one over told how it was delivered.
pub(super) struct Senders {
    mailboxes: BTreeMap<String, Authenticator>,
    /// For what a pipe handed over and said the delivery of.
    piped: BTreeMap<String, Authenticator>,
    /// The same where the mailbox is not in the configuration.
    stranger: Authenticator,
}

impl Senders {
    pub(super) fn new(config: &Config) -> Result<Arc<Self>, Failure> {
        let mailboxes = config.mailboxes();
        let asks = mailboxes
            .iter()
            .any(|mailbox| mailbox.kind == MailboxKind::Imap && mailbox.name_servers.is_empty());
        let dns = match Dns::system(DnsLimits::default()) {
            Ok(dns) => Some(dns),
            Err(error) if asks => return Err(Failure::of(Exit::Config, "mailbox", &error)),
            Err(_) => None,
        };
        let own_domains: Vec<String> = mailboxes
            .iter()
            .flat_map(|mailbox| &mailbox.own_addresses)
            .chain([&config.mail.from_address])
            .filter_map(|address| address.rsplit_once('@').map(|(_, domain)| domain.to_owned()))
            .collect();
        let options = |mailbox: &Mailbox| AuthenticationOptions {
            authserv_ids: mailbox.trusted_authserv_ids.clone(),
            received_above: mailbox.received_above.into(),
            delivering_received: mailbox.delivering_received.map(usize::from),
            arc_sealers: mailbox.trusted_forwarders.clone(),
            imitated_domains: own_domains.clone(),
        };
        let each = |mailbox: &Mailbox, dns| (mailbox.name.clone(), Authenticator::new(options(mailbox), dns));
        let (mut read, mut piped) = (BTreeMap::new(), BTreeMap::new());
        for mailbox in &mailboxes {
            let own = own_name_servers(mailbox)?.or_else(|| dns.clone());
            read.extend([each(mailbox, own.clone().filter(|_| mailbox.kind == MailboxKind::Imap))]);
            piped.extend([each(mailbox, own)]);
        }
        let strange = AuthenticationOptions { imitated_domains: own_domains.clone(), ..Default::default() };
        let stranger = Authenticator::new(strange, dns.clone());
        Ok(Arc::new(Self { mailboxes: read, piped, stranger }))
    }
}

/// The name servers of a mailbox, if it has any of its own.
fn own_name_servers(mailbox: &Mailbox) -> Result<Option<Dns>, Failure> {
    if mailbox.name_servers.is_empty() {
        return Ok(None);
    }
    let dns = Dns::servers(&mailbox.name_servers, DnsLimits::default());
    dns.map(Some).map_err(|error| Failure::of(Exit::Config, "mailbox", &error))
}

#[async_trait]
impl Authenticates for Senders {
    async fn authenticate(
        &self,
        arrived: Arrived<'_>,
        raw: &[u8],
        shown: Option<&EmailAddress>,
    ) -> Authenticated {
        let authenticator = match arrived.delivery {
            Some(_) => Some(self.piped.get(arrived.mailbox).unwrap_or(&self.stranger)),
            None => self.mailboxes.get(arrived.mailbox),
        };
        let Some(authenticator) = authenticator else {
            let evidence = "handed over by hand: not looked up".to_owned();
            return Authenticated { verdict: SenderAuthentication::None, evidence, try_again: false };
        };
        let found = authenticator.authenticate(raw, arrived.delivery).await;
        let evidence = serde_json::to_string(&found).unwrap_or_default();
        Authenticated { verdict: found.verdict_for(shown), evidence, try_again: found.try_again }
    }
}
