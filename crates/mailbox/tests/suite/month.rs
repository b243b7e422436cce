//! A mailbox that is left alone for a month: mails of all kinds each day, a server that goes away, comes back, forgets its
//! UIDs and changes its password, and a night in which what is over is destroyed. Each mail ends once, in a named end.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use habeas_domain::{
    Actor, Bilingual, Channel, Clock, EmailAddress, Fault, Ids, ManualClock, Regimes, RequestState,
    Submission, SubmissionDefaults, SystemClock, SystemEntropy,
    received_mail::{ReceivedMailState, Verdict},
    text::FreeText,
    verification::VerificationPolicy,
};
use habeas_ledger::{
    AcceptRefused, Accepted, FormAnswer, Ledger, LedgerOptions, NewRequest, ReceivedMailFilter,
    ReceivedMailView,
};
use habeas_mailbox::{
    Reader, ReaderOptions,
    source::{
        Bell,
        imap::{ImapLogin, ImapOptions, ImapReader, ImapSecret},
    },
    understand,
    worker::{
        ActOptions, Answerer, Intake, MailWorker, MailboxRules, NotTaken, Ports, SendsForms, TakenMail,
    },
};
use habeas_migrations::{Migrator, MigratorTrait};
use habeas_test_support::{DOVECOT_PASSWORD, Dovecot, wait};
use habeas_vault::{CodeOptions, KeyRing, Vault};
use tokio_util::sync::CancellationToken;

use crate::bed::{LIMIT, options};

const DAYS: usize = 30;
const A_DAY: usize = 50;

/// What is kept of mails that are over.
const KEPT: TimeDelta = TimeDelta::days(7);

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
            deadline: habeas_domain::Deadline {
                counted_from: now.date_naive(),
                due_on: (now + TimeDelta::days(14)).date_naive(),
                due_at: now + TimeDelta::days(14),
                alert_on: (now + TimeDelta::days(14)).date_naive(),
                alert_at: now + TimeDelta::days(14),
                acknowledge_by: None,
                acknowledge_at: None,
                extend_by: None,
                extended: false,
                basis: Bilingual { en: "two weeks".to_owned(), ja: "2週間".to_owned() },
            },
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

/// A company that nobody looks after, but for staff who clear their desk each evening.
struct Company {
    ledger: Ledger,
    clock: Arc<ManualClock>,
    worker: MailWorker,
    answerer: Answerer,
    state: PathBuf,
    secret: PathBuf,
    _folder: tempfile::TempDir,
}

impl Company {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state.db");
        let db = LedgerOptions::new(format!("sqlite://{}?mode=rwc", state.display())).open().await.unwrap();
        Migrator::up(&db, None).await.unwrap();
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let ring = KeyRing::generate(&SystemEntropy, &*clock);
        let vault = Vault::new(&ring, Arc::new(SystemEntropy), CodeOptions::default()).unwrap();
        let ids = Ids::new(Arc::<ManualClock>::clone(&clock), Arc::new(SystemEntropy));
        let ledger = Ledger::new(db, vault, ids);
        let own = vec![EmailAddress::parse("privacy@example.com").unwrap()];
        let reader =
            Reader::new(ReaderOptions { own_addresses: own.clone(), ..ReaderOptions::default() }).unwrap();
        let ports = Ports {
            reads: Arc::new(move |raw: &[u8]| understand(raw, &reader)),
            intake: Arc::new(Desk(ledger.clone(), Regimes::builtin().unwrap())),
            authenticates: None,
            threads: None,
            bounces: None,
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

    fn options(&self, dovecot: &Dovecot) -> ImapOptions {
        let login = ImapLogin::Password(ImapSecret::File(self.secret.clone()));
        let poll = Duration::from_millis(200);
        ImapOptions { login, poll, ..options(dovecot, "privacy") }
    }

    async fn act(&self) {
        let running = CancellationToken::new();
        while self.worker.round(&running).await.unwrap() > 0 {}
        while self.answerer.round(&running).await.unwrap() > 0 {}
    }

    async fn mails(&self) -> Vec<ReceivedMailView> {
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

    /// Staff set aside what waits for them; requests that nobody confirms are taken back, and what is over is destroyed.
    async fn evening(&self) {
        let reason = FreeText::parse("cleared").unwrap();
        for mail in self.mails().await {
            if mail.state == ReceivedMailState::Proposal {
                self.ledger.dismiss_mail(mail.id, &reason, Actor::System).await.unwrap();
            }
            if let (ReceivedMailState::Request, Some(request), false) =
                (mail.state, mail.request, mail.erased)
            {
                let view = self.ledger.request_view(request).await.unwrap();
                if view.state != RequestState::Closed {
                    self.ledger.withdraw(request, Actor::System).await.unwrap();
                }
            }
        }
        let before: DateTime<Utc> = self.ledger.ids().now() - KEPT;
        while self.ledger.purge_mails(before, 500).await.unwrap() > 0 {}
        let over: Vec<_> = self.ledger.purgeable(before, 500).await.unwrap();
        let over: Vec<_> = over.into_iter().map(|(request, _)| request).collect();
        self.ledger.purge(&over).await.unwrap();
        self.ledger.prune(before, 500).await.unwrap();
    }

    /// How large the state is, in bytes, the journal included.
    fn size(&self) -> u64 {
        let of = |path: &Path| std::fs::metadata(path).map_or(0, |found| found.len());
        of(&self.state) + of(&self.state.with_extension("db-wal"))
    }
}

/// A reader that runs until it is stopped.
struct Reading(tokio::task::JoinHandle<()>, CancellationToken);

impl Reading {
    fn start(company: &Company, dovecot: &Dovecot) -> Self {
        let stop = CancellationToken::new();
        let reader = ImapReader::new(company.options(dovecot), company.ledger.clone(), Bell::default());
        Self(tokio::spawn(reader.run(stop.clone())), stop)
    }

    async fn stop(self) {
        self.1.cancel();
        tokio::time::timeout(LIMIT, self.0).await.unwrap().unwrap();
    }
}

/// Mails of every kind: those by which the rules are measured.
fn corpus() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<PathBuf> = Vec::new();
    for language in std::fs::read_dir(root).unwrap() {
        let folder = std::fs::read_dir(language.unwrap().path()).unwrap();
        files.extend(
            folder
                .map(|file| file.unwrap().path())
                .filter(|path| path.extension().is_some_and(|e| e == "eml")),
        );
    }
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// The same mail from somebody else: its number stands in its Message-ID and in its sender.
fn numbered(mail: &[u8], number: usize) -> Vec<u8> {
    let mut out = format!("X-Number: {number}\n").into_bytes();
    let (mut head, person) = (true, format!("<p{number}."));
    for line in mail.split_inclusive(|byte| *byte == b'\n') {
        head &= !line.trim_ascii().is_empty();
        let text = String::from_utf8_lossy(line);
        if head
            && (text.starts_with("Message-ID: <")
                || text.starts_with("From: ") && !text.contains("<privacy@"))
        {
            out.extend_from_slice(text.replacen('<', &person, 1).as_bytes());
        } else {
            out.extend_from_slice(line);
        }
    }
    out
}

/// What goes wrong on a day.
async fn trouble(day: usize, company: &Company, dovecot: &Dovecot) {
    match day % 10 {
        3 => {
            dovecot.kill().unwrap();
            dovecot.start_again().await.unwrap();
        }
        6 => {
            dovecot.stop().await.unwrap();
            dovecot.forget_uids("privacy").unwrap();
            dovecot.start_again().await.unwrap();
        }
        // The password is changed on the server's side first, as a token that has run out.
        8 => {
            std::fs::write(&company.secret, "no longer the password").unwrap();
            dovecot.kill().unwrap();
            dovecot.start_again().await.unwrap();
            std::fs::write(&company.secret, DOVECOT_PASSWORD).unwrap();
        }
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_mailbox_can_be_left_alone_for_a_month() {
    let (company, dovecot, kinds) = (Company::new().await, Dovecot::start().await.unwrap(), corpus());
    let mut reading = Reading::start(&company, &dovecot);
    let mut sizes = Vec::new();
    for day in 0..DAYS {
        for number in day * A_DAY..(day + 1) * A_DAY {
            dovecot.deliver("privacy", &numbered(&kinds[number % kinds.len()], number)).unwrap();
            if number % A_DAY == A_DAY / 2 {
                trouble(day, &company, &dovecot).await;
            }
        }
        let sum = (day + 1) * A_DAY;
        let what = format!("all {sum} mails of {} days to be stored", day + 1);
        wait::until(what, LIMIT * 3, || async { company.mails().await.len() >= sum }).await.unwrap();
        company.act().await;
        let mails = company.mails().await;
        assert_eq!(mails.len(), sum, "none is taken twice");
        assert!(mails.iter().all(|mail| mail.state != ReceivedMailState::Stored), "each is decided");
        if day % 7 == 5 {
            // A new version of the program.
            reading.stop().await;
            reading = Reading::start(&company, &dovecot);
        }
        company.clock.advance(TimeDelta::days(1));
        company.evening().await;
        sizes.push(company.size());
    }
    reading.stop().await;
    ends(&company).await;
    grows_slowly(&company, &sizes).await;
}

/// Each mail has an end and a reason, and each of the ends is there.
async fn ends(company: &Company) {
    let mails = company.mails().await;
    assert_eq!(mails.len(), DAYS * A_DAY);
    assert!(mails.iter().all(|mail| mail.reason.as_ref().is_some_and(|reason| !reason.is_empty())));
    assert!(mails.iter().all(|mail| mail.verdict.is_some() && mail.decided_at.is_some()));
    let verdicts: BTreeSet<&str> =
        mails.iter().filter_map(|mail| mail.verdict).map(Verdict::as_str).collect();
    for verdict in Verdict::ALL {
        assert!(verdicts.contains(verdict.as_str()), "{verdict} came in all of the month");
    }
    let requests: Vec<_> = mails.iter().filter_map(|mail| mail.request).collect();
    let different: BTreeSet<_> = requests.iter().collect();
    assert!(!requests.is_empty() && requests.len() == different.len(), "one request per mail");
    let answered = mails.iter().filter(|mail| mail.answered_at.is_some());
    let machines = answered.filter(|mail| mail.verdict.is_some_and(|verdict| !verdict.may_be_answered()));
    assert_eq!(machines.count(), 0, "no machine was written to");
    assert!(company.ledger.verify_audit(|_| ()).await.unwrap().breaks.is_empty());
}

/// What is kept of a mail that is over is its record alone.
async fn grows_slowly(company: &Company, sizes: &[u64]) {
    let mails = company.mails().await;
    let kept = mails.iter().filter(|mail| !mail.erased).count();
    let days = usize::try_from(KEPT.num_days()).unwrap() + 2;
    assert!(kept <= days * A_DAY, "{kept} mails are still whole");
    let week = sizes[9] - sizes[2];
    let last = sizes[DAYS - 1].saturating_sub(sizes[DAYS - 8]);
    assert!(last < week, "the last week took {last} bytes, the first {week}: {sizes:?}");
}
