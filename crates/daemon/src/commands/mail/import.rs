//! `habeas mail import`

use std::path::{Path, PathBuf};

use clap::Args;
use habeas_ledger::{Ledger, MailContent, NewReceivedMail, Scope};
use habeas_mailbox::source::import::{Import, ImportedMail};
use serde_json::json;

use super::delivery::DeliveryArgs;
use crate::{
    context::Context,
    failure::{Exit, Failure},
    output::{Progress, Report},
    staff::{Staff, TokenArg},
};

/// How many mails are stored in one transaction, and how many bytes of them.
const MAILS_AT_ONCE: usize = 64;
const BYTES_AT_ONCE: usize = 8_000_000;

/// Options of `mail import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// A mail (.eml), an mbox, a Maildir, a folder of .eml files, or `-` for standard input.
    ///
    /// With `-` the exit code is as mail servers expect of the program at the end of a pipe: 0 once the mail is stored, 65
    /// (never: tell the sender) if it is larger than --max-bytes, and 75 (try again later) otherwise.
    #[arg(value_name = "FILE|DIR|-")]
    from: PathBuf,
    /// What lists call the mailbox that these mails came through.
    #[arg(long, default_value = "import")]
    mailbox: String,
    /// The largest mail that is taken, in bytes. A larger one is left where it is, or refused with `-`, and listed for staff.
    #[arg(long, default_value_t = 40_000_000)]
    max_bytes: u64,
    #[command(flatten)]
    delivery: DeliveryArgs,
}

/// What became of the mails.
#[derive(Default)]
struct Counts {
    stored: u64,
    known: u64,
    too_large: u64,
}

impl ImportArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let piped = self.from == Path::new("-");
        let imported = self.import(context, token, piped).await;
        let counts =
            imported.map_err(|failure| if piped { failure.ending(Exit::TryLater) } else { failure })?;
        let text = counts.text().unwrap_or_else(|| "there is no mail in it: nothing was stored".to_owned());
        let Counts { stored, known, too_large } = counts;
        if piped && too_large > 0 {
            let message = format!("the mail is larger than --max-bytes ({} bytes)", self.max_bytes);
            return Err(Failure::new(Exit::NeverTaken, "mail", message)
                .fix("its header is listed for staff, and its mail server tells the sender"));
        }
        Ok(Report::new(text, &json!({ "stored": stored, "known": known, "too_large": too_large })))
    }

    async fn import(&self, context: &Context, token: &TokenArg, piped: bool) -> Result<Counts, Failure> {
        if self.delivery.is_given() && !piped {
            let message = "--client-ip, --helo and --mail-from tell about the one mail of a pipe".to_owned();
            return Err(
                Failure::new(Exit::Usage, "options", message).fix("use them with `-`, or leave them out")
            );
        }
        let staff = Staff::sign_in(context, token, Scope::Submit).await?;
        let delivery = self.delivery.delivery().filter(|_| piped);
        let import = if piped {
            Import::from_reader(std::io::stdin(), self.max_bytes)
        } else {
            Import::from_path(&self.from, self.max_bytes)
                .map_err(|error| self.unreadable(&error, &Counts::default()))?
        };
        let progress = Progress::new(context, import.total());
        let mut counts = Counts::default();
        let (mut group, mut bytes) = (Vec::new(), 0);
        for mail in import {
            let mail = match mail {
                Ok(mail) => mail,
                Err(error) => {
                    counts.store(&staff.ledger, &group).await?;
                    return Err(self.unreadable(&error, &counts));
                }
            };
            progress.advance(mail.bytes);
            bytes += usize::try_from(mail.bytes).unwrap_or(usize::MAX);
            group.push(NewReceivedMail { delivery: delivery.clone(), ..self.new_mail(&staff.ledger, mail) });
            if group.len() >= MAILS_AT_ONCE || bytes >= BYTES_AT_ONCE {
                counts.store(&staff.ledger, &group).await?;
                (group, bytes) = (Vec::new(), 0);
                progress.say(format!("{} stored", counts.stored));
            }
        }
        counts.store(&staff.ledger, &group).await?;
        Ok(counts)
    }

    fn new_mail(&self, ledger: &Ledger, mail: ImportedMail) -> NewReceivedMail {
        let now = ledger.ids().now();
        NewReceivedMail {
            mailbox: self.mailbox.clone(),
            place: None,
            received_at: mail.delivered_at.map_or(now, |delivered| delivered.min(now)),
            content: mail.content,
            delivery: None,
        }
    }

    /// With what lies beneath it, and what became of the mails before it.
    fn unreadable(&self, error: &dyn std::error::Error, counts: &Counts) -> Failure {
        let beneath = std::iter::successors(Some(error), |error| error.source()).last().unwrap_or(error);
        let message = format!("cannot read {}: {beneath}", self.from.display());
        let fix = match counts.text() {
            Some(counts) => format!("{counts}; mend it, and a second run stores the rest"),
            None => "nothing was stored; look at the path and at who may read it".to_owned(),
        };
        Failure::new(Exit::Usage, "file", message).fix(fix)
    }
}

impl Counts {
    /// In words, if there was any mail.
    fn text(&self) -> Option<String> {
        let Self { stored, known, too_large } = self;
        let text =
            format!("{stored} stored, {known} known already, {too_large} too large and listed for staff");
        (stored + known + too_large > 0).then_some(text)
    }

    async fn store(&mut self, ledger: &Ledger, group: &[NewReceivedMail]) -> Result<(), Failure> {
        if group.is_empty() {
            return Ok(());
        }
        for (mail, stored) in group.iter().zip(ledger.store_mails(group, None).await?) {
            match (&mail.content, stored.known) {
                (MailContent::LeftThere { .. }, _) => self.too_large += 1,
                (_, true) => self.known += 1,
                (_, false) => self.stored += 1,
            }
        }
        Ok(())
    }
}
