//! Which mails a command is for, where it is for many.

use chrono::{DateTime, Utc};
use clap::Args;
use habeas_domain::received_mail::{ReceivedMailState, Verdict};
use habeas_ledger::{ManyMails, ReceivedMailFilter};
use serde_json::{Value, json};

use crate::{
    cli::values::{moment, words},
    failure::Failure,
    staff::Staff,
};

/// What mails have in common.
#[derive(Debug, Clone, Args)]
pub(super) struct WhichArgs {
    /// Only mails in this state; proposal and parked wait for staff.
    #[arg(long, value_parser = words(&ReceivedMailState::ALL, ReceivedMailState::as_str))]
    pub(super) state: Option<ReceivedMailState>,
    /// Only mails that were taken to be this.
    #[arg(long, value_parser = words(&Verdict::ALL, Verdict::as_str))]
    pub(super) verdict: Option<Verdict>,
    /// Only mails of this mailbox.
    #[arg(long)]
    pub(super) mailbox: Option<String>,
    /// Only mails that reached the company before this, such as 2026-04-01T00:00:00Z.
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    pub(super) before: Option<DateTime<Utc>>,
    /// Only mails whose reason holds these words.
    #[arg(long, value_name = "WORDS")]
    pub(super) reason_holds: Option<String>,
}

impl WhichArgs {
    pub(super) fn filter(&self) -> ReceivedMailFilter {
        ReceivedMailFilter {
            state: self.state,
            verdict: self.verdict,
            mailbox: self.mailbox.clone(),
            before: self.before,
            reason_holds: self.reason_holds.clone(),
            ..ReceivedMailFilter::default()
        }
    }

    /// Does it to all of them, in steps, or only counts. A slip must not reach every mail that waits: it takes more than when
    /// and where.
    pub(super) async fn to_all(
        &self,
        staff: &Staff,
        what: ManyMails<'_>,
        dry_run: bool,
    ) -> Result<Done, Failure> {
        if self.verdict.is_none() && self.reason_holds.is_none() {
            return Err(Failure::usage("say what the mails have in common: --verdict or --reason-holds"));
        }
        let filter = self.filter();
        let matched = staff.ledger.count_mails_for(what, &filter).await?;
        let (mut all, mut more) = (0, !dry_run);
        while more {
            let step = staff.ledger.do_to_mails(what, &filter, staff.actor).await?;
            all += step;
            more = step > 0;
        }
        Ok(Done { matched, all, dry_run })
    }
}

/// What came of it.
pub(super) struct Done {
    matched: u64,
    /// To how many it was done.
    all: u64,
    dry_run: bool,
}

impl Done {
    pub(super) fn json(&self) -> Value {
        json!({ "matched": self.matched, "done": self.all, "dry_run": self.dry_run })
    }

    /// For people: what is done to how many.
    pub(super) fn text(&self, what: &str) -> String {
        if self.dry_run {
            return format!("{} mails would be {what}; without --dry-run they are", self.matched);
        }
        format!("{} mails are {what}", self.all)
    }
}
