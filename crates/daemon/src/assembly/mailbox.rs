//! The mailboxes, and what acting on their mails needs.

use std::{sync::Arc, time::Duration};

use habeas_config::{Config, MailSecurity, Mailbox, MailboxKind, StoredFiles};
use habeas_domain::{EmailAddress, Regime};
use habeas_ledger::{Ledger, MailboxPlace};
use habeas_mailbox::{
    Reader, ReaderOptions,
    source::{
        Bell,
        folder::{FolderOptions, FolderReader},
        imap::{
            After, ImapLogin, ImapOptions, ImapReader, ImapSecret, ImapSecurity, TokenOptions, TokenSource,
        },
    },
    understand,
    worker::{ActOptions, Answerer, Intake, Laws, MailWorker, MailboxRules, Ports},
};
use habeas_registry::Registry;
use habeas_runtime::supervised;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{
    form_answers::FormAnswers,
    mail_rules::{mail_rules, reader_of},
    mail_threads::{LedgerThreads, OwnTokens, Senders},
};
use crate::failure::{Exit, Failure};

/// What reads mails, by the rules and by what is known to be our own.
fn mail_reader(config: &Config, ledger: &Ledger, registry: &Registry) -> Result<Reader, Failure> {
    let mut own_addresses: Vec<EmailAddress> = config
        .mailboxes()
        .iter()
        .flat_map(|mailbox| &mailbox.own_addresses)
        .chain([&config.mail.from_address])
        .filter_map(|address| EmailAddress::parse(address).ok())
        .collect();
    own_addresses.dedup();
    let own_domains = own_addresses
        .iter()
        .filter_map(|address| address.as_str().rsplit_once('@').map(|(_, domain)| domain.to_owned()))
        .collect();
    let threads: Arc<dyn habeas_mailbox::Threads> = Arc::new(OwnTokens(ledger.vault().clone()));
    let patterns = registry.keys().filter_map(|key| Some((key.name.to_string(), key.pattern.clone()?)));
    let options = ReaderOptions {
        own_addresses,
        own_domains,
        patterns: patterns.collect(),
        rules: mail_rules(config)?,
        threads: Some(threads),
        ..ReaderOptions::default()
    };
    reader_of(options)
}

/// The mailboxes of this process, and the worker that acts on what they store.
pub(crate) struct Mailboxes {
    imap: Vec<ImapReader>,
    folders: Vec<FolderReader>,
    worker: MailWorker,
    answerer: Option<Answerer>,
}

impl Mailboxes {
    /// Everything that the configuration names. Connects to nothing yet.
    pub(crate) fn new(
        config: &Config,
        ledger: &Ledger,
        registry: &Registry,
        intake: Arc<dyn Intake>,
    ) -> Result<Self, Failure> {
        let (bell, answers) = (Bell::default(), Bell::default());
        let (mut imap, mut folders) = (Vec::new(), Vec::new());
        for mailbox in config.mailboxes() {
            match mailbox.kind {
                MailboxKind::Imap => {
                    imap.push(ImapReader::new(imap_options(&mailbox)?, ledger.clone(), bell.clone()));
                }
                MailboxKind::Folder => folders.push(folder(&mailbox, ledger, &bell)?),
            }
        }
        let reader = mail_reader(config, ledger, registry)?;
        let threads = Arc::new(LedgerThreads(ledger.clone()));
        let ports = Ports {
            reads: Arc::new(move |raw: &[u8]| understand(raw, &reader)),
            intake,
            authenticates: Some(Senders::new(config)?),
            threads: Some(Arc::<LedgerThreads>::clone(&threads)),
            bounces: Some(threads),
        };
        let answerer = answerer(config, ledger, &answers)?;
        let worker = MailWorker::new(ledger.clone(), ports, act_options(config)?, bell, answers);
        Ok(Self { imap, folders, worker, answerer })
    }

    /// Starts reading and acting until `stop`.
    pub(crate) fn start(self, tasks: &mut JoinSet<()>, stop: &CancellationToken) {
        for reader in self.imap {
            let stop = stop.clone();
            tasks.spawn(supervised("mailbox", move || reader.clone().run(stop.clone())));
        }
        for reader in self.folders {
            let stop = stop.clone();
            tasks.spawn(supervised("mailbox", move || reader.clone().run(stop.clone())));
        }
        if let Some(answerer) = self.answerer {
            let stop = stop.clone();
            tasks.spawn(supervised("answerer", move || answerer.clone().run(stop.clone())));
        }
        let (worker, stop) = (self.worker, stop.clone());
        tasks.spawn(supervised("mail worker", move || worker.clone().run(stop.clone())));
    }
}

/// What answers mails that ask for nothing, if a mailbox does so.
fn answerer(config: &Config, ledger: &Ledger, bell: &Bell) -> Result<Option<Answerer>, Failure> {
    if config.mailboxes().iter().all(|mailbox| mailbox.answer_with_form.is_none()) {
        return Ok(None);
    }
    let sends = Arc::new(FormAnswers::new(config)?);
    Ok(Some(Answerer::new(ledger.clone(), sends, bell.clone())))
}

fn folder(mailbox: &Mailbox, ledger: &Ledger, bell: &Bell) -> Result<FolderReader, Failure> {
    let folder = mailbox.path.clone().unwrap_or_default();
    let options = FolderOptions {
        name: mailbox.name.clone(),
        folder: folder.clone(),
        poll: Duration::from_secs(mailbox.poll_seconds.get().into()),
        max_bytes: mailbox.max_bytes.get(),
        keep: mailbox.stored_files == StoredFiles::Keep,
    };
    FolderReader::open(options, ledger.clone(), bell.clone()).map_err(|error| {
        let message = format!("cannot make the mailbox folder {}: {error}", folder.display());
        Failure::new(Exit::Config, "mailbox", message)
            .fix("set its path to a folder that this user may write")
    })
}

/// Under which folder the reading of a mailbox is noted: a folder of files has none.
pub(crate) fn mailbox_place(mailbox: &Mailbox) -> MailboxPlace {
    let folder = match mailbox.kind {
        MailboxKind::Imap => mailbox.folder.clone(),
        MailboxKind::Folder => String::new(),
    };
    MailboxPlace { mailbox: mailbox.name.clone(), folder }
}

/// How an IMAP mailbox is read.
pub(crate) fn imap_options(mailbox: &Mailbox) -> Result<ImapOptions, Failure> {
    let extra_root = mailbox.ca_file.as_ref().map(std::fs::read).transpose().map_err(|error| {
        let message = format!("cannot read ca_file of the mailbox {}: {error}", mailbox.name);
        Failure::new(Exit::Config, "mailbox", message)
    })?;
    let login = login(mailbox)?;
    let (host, user) = (mailbox.host.clone().unwrap_or_default(), mailbox.user.clone().unwrap_or_default());
    Ok(ImapOptions {
        port: mailbox.port(),
        security: match mailbox.security {
            MailSecurity::Tls => ImapSecurity::Tls,
            MailSecurity::StartTls => ImapSecurity::StartTls,
            MailSecurity::Plain => ImapSecurity::Plain,
        },
        extra_root,
        folder: mailbox.folder.clone(),
        after: mailbox.move_to().map_or(After::Seen, |folder| After::Move(folder.to_owned())),
        poll: Duration::from_secs(mailbox.poll_seconds.get().into()),
        cut_off: mailbox.cut_off,
        max_bytes: mailbox.max_bytes.get(),
        ..ImapOptions::new(mailbox.name.clone(), host, user, login)
    })
}

fn login(mailbox: &Mailbox) -> Result<ImapLogin, Failure> {
    if let Some(url) = &mailbox.token_url {
        let options = TokenOptions {
            url: url.clone(),
            client_id: mailbox.client_id.clone().unwrap_or_default(),
            client_secret_file: mailbox.client_secret_file.clone(),
            refresh_token_file: mailbox.refresh_token_file.clone(),
            scope: mailbox.token_scope.clone(),
            limit: Duration::from_secs(30),
        };
        let source = TokenSource::new(options);
        return Ok(ImapLogin::Fetched(source.map_err(|error| Failure::of(Exit::Config, "mailbox", &error))?));
    }
    Ok(match (&mailbox.password_file, &mailbox.token_file) {
        (_, Some(token)) => ImapLogin::XOAuth2(ImapSecret::File(token.clone())),
        (password, None) => ImapLogin::Password(ImapSecret::File(password.clone().unwrap_or_default())),
    })
}

fn act_options(config: &Config) -> Result<ActOptions, Failure> {
    let rules = |mailbox: Mailbox| {
        let own = mailbox.own_addresses.iter().filter_map(|address| EmailAddress::parse(address).ok());
        let rules = MailboxRules {
            answer_non_requests: mailbox.answer_with_form.is_some(),
            answers_per_day: mailbox.answers_per_sender_per_day.get().into(),
            strangers_per_hour: mailbox.answers_to_strangers_per_hour.get().into(),
            own_addresses: own.collect(),
        };
        (mailbox.name, rules)
    };
    Ok(ActOptions {
        mailboxes: config.mailboxes().into_iter().map(rules).collect(),
        laws: laws(config)?,
        language: config.requests.default_language,
        ..ActOptions::default()
    })
}

/// Every law that a request may be made under, with its holidays.
fn laws(config: &Config) -> Result<Laws, Failure> {
    let (regimes, calendars) = (super::regimes::regimes(config)?, super::regimes::calendars()?);
    let law = |law: &Regime| {
        let calendar = calendars.of(law).map_err(|error| Failure::of(Exit::Config, "regimes", &error))?;
        Ok((law.clone(), calendar))
    };
    Ok(Laws::new(regimes.iter().map(law).collect::<Result<Vec<_>, Failure>>()?))
}
