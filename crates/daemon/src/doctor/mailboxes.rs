//! Whether the mailboxes can be read, and how far they were.

use habeas_config::{Config, Mailbox, MailboxKind};
use habeas_ledger::{MailboxStanding, mailbox_standings};
use habeas_mailbox::{
    ReaderOptions,
    source::{
        folder,
        imap::{self, ImapError},
    },
};

use super::Finding;
use crate::{assembly, context::Context, failure::Failure, output::moment};

const PART: &str = "mailbox";

pub(super) async fn look(context: &Context, config: &Config) -> Result<Vec<Finding>, Failure> {
    let mailboxes = config.mailboxes();
    if mailboxes.is_empty() {
        return Ok(vec![Finding::ok(PART, "none is set")]);
    }
    let rules = assembly::mail_rules(config)?;
    assembly::reader_of(ReaderOptions { rules, ..ReaderOptions::default() })?;
    let standings = standings(config).await;
    let now = context.clock.now();
    let mut findings = Vec::new();
    for mailbox in mailboxes {
        let place = assembly::mailbox_place(&mailbox);
        let standing = standings.iter().find(|one| one.position.place == place);
        findings.push(reached(&mailbox, standing).await?);
        findings.extend(standing.and_then(|standing| untold(&mailbox, standing)));
        findings.extend(standing.and_then(|standing| late(&mailbox, standing, now)));
    }
    Ok(findings)
}

/// What the state database knows; nothing where it cannot be asked, which is a finding of its own.
async fn standings(config: &Config) -> Vec<MailboxStanding> {
    if config.is_embedded() && !config.data_dir.exists() {
        return Vec::new();
    }
    match assembly::ledger_options(config).open().await {
        Ok(db) => mailbox_standings(&db).await.unwrap_or_default(),
        Err(_) => Vec::new(),
    }
}

async fn reached(mailbox: &Mailbox, standing: Option<&MailboxStanding>) -> Result<Finding, Failure> {
    let name = &mailbox.name;
    let read = standing.and_then(|one| one.read_at);
    let read = read.map_or_else(|| "not read yet".to_owned(), |at| format!("last read {}", moment(at)));
    Ok(match mailbox.kind {
        MailboxKind::Folder => {
            let path = mailbox.path.clone().unwrap_or_default();
            let waiting = folder::backlog(&path).unwrap_or(0);
            Finding::ok(PART, format!("{name}: files in {}, {read}, {waiting} wait", path.display()))
        }
        MailboxKind::Imap => match waiting(mailbox, standing).await? {
            Ok(waiting) => {
                let waiting = waiting.map(|mails| format!(", {mails} wait")).unwrap_or_default();
                let message = format!("{name}: the IMAP server answers and lets us in, {read}{waiting}");
                Finding::ok(PART, message)
            }
            Err(error) => Finding::wrong(
                PART,
                format!("{name}: {error}; {read}"),
                "mend its [[mailboxes]] section; mails wait on the server until then",
            ),
        },
    })
}

/// How many mails wait on the server, as far as that can be told.
async fn waiting(
    mailbox: &Mailbox,
    standing: Option<&MailboxStanding>,
) -> Result<Result<Option<u64>, ImapError>, Failure> {
    let options = assembly::imap_options(mailbox)?;
    Ok(match standing {
        Some(standing) => imap::backlog(&options, &standing.position).await,
        None => imap::check(&options).await.map(|()| None),
    })
}

fn untold(mailbox: &Mailbox, standing: &MailboxStanding) -> Option<Finding> {
    let (name, untold) = (&mailbox.name, standing.untold);
    let message =
        || format!("{name}: {untold} mails that are stored are neither marked nor moved on the server");
    let fix = "if that stays so, check `after`, the folder to move to, its quota and what the user may do";
    (untold > 0).then(|| Finding::warning(PART, message(), fix))
}

/// A mailbox that can be read and is not: no process reads it.
fn late(
    mailbox: &Mailbox,
    standing: &MailboxStanding,
    now: chrono::DateTime<chrono::Utc>,
) -> Option<Finding> {
    let wanted = chrono::TimeDelta::seconds(i64::from(mailbox.poll_seconds.get()) * 3)
        .max(chrono::TimeDelta::minutes(15));
    let read_at = standing.read_at.filter(|at| now - *at > wanted)?;
    let message = format!("{}: nobody has read it since {}", mailbox.name, moment(read_at));
    Some(Finding::warning(PART, message, "start `habeas serve` with the role mailbox, or see its log"))
}
