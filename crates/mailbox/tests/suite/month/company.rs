//! A company that nobody looks after, but for staff who clear their desk each evening, and its janitor at night.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use habeas_domain::{
    Actor, Bilingual, Channel, Clock, EmailAddress, Fault, Ids, ManualClock, Personal, Regimes, RequestId,
    RequestState, Submission, SubmissionDefaults, SystemClock, SystemEntropy,
    received_mail::ReceivedMailState, text::FreeText, verification::VerificationPolicy,
};
use habeas_ledger::{
    AcceptRefused, Accepted, FormAnswer, Ledger, LedgerOptions, NewRequest, ReceivedMailFilter,
    ReceivedMailView, WaitingState,
};
use habeas_mailbox::{
    Reader, ReaderOptions, Understanding,
    source::{
        Bell,
        imap::{ImapLogin, ImapOptions, ImapSecret},
    },
    thread::{bounced_mail, is_ours, thread_of},
    understand,
    worker::{
        ActOptions, Answerer, Bounces, Intake, MailWorker, MailboxRules, NotTaken, Ports, SendsForms,
        TakenMail, Threads,
    },
};
use habeas_test_support::{DOVECOT_PASSWORD, Dovecot, wait};
use habeas_vault::{CodeOptions, KeyRing, ThreadOf, Vault};
use tokio_util::sync::CancellationToken;

use crate::bed::{LIMIT, options};

/// What is kept of mails that are over.
pub(super) const KEPT: TimeDelta = TimeDelta::days(7);

/// For how long a request stays open that nobody confirms.
const OPEN: TimeDelta = TimeDelta::days(2);

/// Knows our own mails, as the daemon does.
struct Own(Ledger);

impl habeas_mailbox::Threads for Own {
    fn is_ours(&self, id_or_address: &str) -> bool {
        is_ours(self.0.vault(), &Personal::new(id_or_address.to_owned()))
    }
}

#[async_trait]
impl Threads for Own {
    async fn request_of(&self, mail: &Understanding) -> Result<Option<RequestId>, Fault> {
        Ok(thread_of(&self.0, mail).await?.map(|thread| thread.request))
    }
}

#[async_trait]
impl Bounces for Own {
    async fn came_back(&self, report: &Understanding, _: &[u8]) -> Result<Option<RequestId>, Fault> {
        let Some(mail) = bounced_mail(self.0.vault(), report) else { return Ok(None) };
        let bounce = report.bounce.as_ref().unwrap();
        let marked = self.0.mail_bounced(mail, bounce.status.as_deref(), bounce.permanent).await?;
        let again = self.0.threaded(ThreadOf::Mail(mail), None).await?;
        Ok(marked.map(|marked| marked.request).or(again.map(|found| found.request)))
    }
}

/// Makes a request of each mail that asks.
struct Desk(Ledger, Regimes);

#[async_trait]
impl Intake for Desk {
    async fn take(&self, mail: TakenMail) -> Result<Accepted, NotTaken> {
        let now = self.0.ids().now();
        let defaults = SubmissionDefaults {
            regime: "jp_appi".parse().unwrap(),
            language: habeas_domain::Language::Ja,
            channel: Channel::Mailbox,
            now,
            regimes: &self.1,
        };
        let submission = Submission::read(mail.submission.expose(), &defaults).map_err(NotTaken::Problems)?;
        let new = NewRequest {
            submission,
            submitted_by: Actor::System,
            idempotency_key: Some(format!("mail/{}", mail.key)),
            deadline: habeas_domain::Deadline::fixed(
                now,
                now + TimeDelta::days(14),
                Bilingual { en: "two weeks".to_owned(), ja: "2週間".to_owned() },
            ),
            lapse_at: now + TimeDelta::days(14),
            policies: BTreeMap::new(),
            verification: VerificationPolicy::mail_link(),
            asked_in: mail.message_id,
            receipt: mail.receipt,
            law_not_taken: None,
            agents: habeas_domain::AgentTerms::default(),
            batch: None,
        };
        let accepted = self.0.accept(vec![new]).await.map_err(|error| NotTaken::Failed(error.into()))?;
        accepted.into_iter().next().unwrap().map_err(|refused| match refused {
            AcceptRefused::KeyReused => NotTaken::Reused,
            _ => NotTaken::Failed(Fault::permanent("agent", "no agent writes here")),
        })
    }
}

struct Post;

#[async_trait]
impl SendsForms for Post {
    async fn send_form(&self, _: &FormAnswer) -> Result<(), Fault> {
        Ok(())
    }
}

/// The company.
pub(super) struct Company {
    pub(super) ledger: Ledger,
    pub(super) clock: Arc<ManualClock>,
    worker: MailWorker,
    answerer: Answerer,
    state: PathBuf,
    pub(super) secret: PathBuf,
    _folder: tempfile::TempDir,
}

impl Company {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state.db");
        let url = habeas_test_support::state::sqlite(folder.path()).await.unwrap();
        let db = LedgerOptions::new(url).open().await.unwrap();
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let ring = KeyRing::generate(&SystemEntropy, &*clock);
        let vault = Vault::new(&ring, Arc::new(SystemEntropy), CodeOptions::default()).unwrap();
        let ids = Ids::new(Arc::<ManualClock>::clone(&clock), Arc::new(SystemEntropy));
        let ledger = Ledger::new(db, vault, ids);
        let own = vec![EmailAddress::parse("privacy@example.com").unwrap()];
        let threads = Arc::new(Own(ledger.clone()));
        let known: Arc<dyn habeas_mailbox::Threads> = Arc::<Own>::clone(&threads);
        let reader = Reader::new(ReaderOptions {
            own_addresses: own.clone(),
            threads: Some(known),
            ..ReaderOptions::default()
        });
        let reader = reader.unwrap();
        let ports = Ports {
            reads: Arc::new(move |raw: &[u8]| understand(raw, &reader)),
            intake: Arc::new(Desk(ledger.clone(), Regimes::builtin().unwrap())),
            authenticates: None,
            threads: Some(Arc::<Own>::clone(&threads)),
            bounces: Some(threads),
        };
        let rules = MailboxRules { answer_non_requests: true, own_addresses: own, ..MailboxRules::default() };
        let acting =
            ActOptions { mailboxes: [("privacy".to_owned(), rules)].into(), ..ActOptions::default() };
        let worker = MailWorker::new(ledger.clone(), ports, acting, Bell::default(), Bell::default());
        let answerer = Answerer::new(ledger.clone(), Arc::new(Post), Bell::default());
        let secret = folder.path().join("password");
        std::fs::write(&secret, DOVECOT_PASSWORD).unwrap();
        Self { ledger, clock, worker, answerer, state, secret, _folder: folder }
    }

    pub(super) fn options(&self, dovecot: &Dovecot) -> ImapOptions {
        let login = ImapLogin::Password(ImapSecret::File(self.secret.clone()));
        let poll = Duration::from_millis(200);
        ImapOptions { login, poll, ..options(dovecot, "privacy") }
    }

    /// Acts until every mail is decided: one that the state database kept waiting is tried again.
    pub(super) async fn act(&self) {
        let running = CancellationToken::new();
        let decided = || async {
            while self.worker.round(&running).await.unwrap() > 0 {}
            self.unread().await == 0
        };
        wait::until("every mail to be decided", LIMIT * 3, decided).await.unwrap();
        while self.answerer.round(&running).await.unwrap() > 0 {}
    }

    pub(super) async fn mails(&self) -> Vec<ReceivedMailView> {
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let page = self.ledger.list_mails(&ReceivedMailFilter::default(), cursor, 500).await.unwrap();
            all.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                return all;
            }
        }
    }

    /// How many mails wait to be read.
    pub(super) async fn unread(&self) -> u64 {
        let waiting = self.ledger.waiting_mails().await.unwrap();
        waiting.iter().find(|one| one.state == WaitingState::Stored).unwrap().count
    }

    /// Staff set aside what waits for them and read the replies; requests that nobody confirms are taken back.
    pub(super) async fn evening(&self, mails: &[ReceivedMailView]) {
        let reason = FreeText::parse("cleared").unwrap();
        let given_up: DateTime<Utc> = self.ledger.ids().now() - OPEN;
        for mail in mails.iter().filter(|mail| !mail.erased) {
            if mail.unread {
                self.ledger.mail_read(mail.id, Actor::System).await.unwrap();
            }
            if mail.state == ReceivedMailState::Proposal {
                self.ledger.dismiss_mail(mail.id, &reason, Actor::System).await.unwrap();
            }
            if let (ReceivedMailState::Request, Some(request)) = (mail.state, mail.request)
                && mail.stored_at < given_up
                && mail.stored_at > given_up - OPEN
                && self.ledger.request_view(request).await.unwrap().state != RequestState::Closed
            {
                self.ledger.withdraw(request, Actor::System).await.unwrap();
            }
        }
    }

    /// The janitor's round, as the daemon makes it, of all that a mailbox leaves.
    pub(super) async fn night(&self) {
        let before: DateTime<Utc> = self.ledger.ids().now() - KEPT;
        while self.ledger.purge_mails(before, 500).await.unwrap() > 0 {}
        while self.ledger.purge_late_mails(before, 500).await.unwrap() > 0 {}
        let over: Vec<_> = self.ledger.purgeable(before, 500).await.unwrap();
        let over: Vec<_> = over.into_iter().map(|(request, _)| request).collect();
        self.ledger.purge(&over).await.unwrap();
        self.ledger.prune(before, 500).await.unwrap();
    }

    /// How large the state is, in bytes, the journal included.
    pub(super) fn size(&self) -> u64 {
        let of = |path: &Path| std::fs::metadata(path).map_or(0, |found| found.len());
        of(&self.state) + of(&self.state.with_extension("db-wal"))
    }
}
