//! `habeas vault rewrap`

use std::num::NonZeroU16;

use clap::Args;
use habeas_ledger::Scope;
use serde_json::json;

use crate::{
    context::Context,
    failure::{Exit, Failure},
    output::{Progress, Report},
    staff::{Staff, TokenArg},
};

/// Options of `vault rewrap`.
#[derive(Debug, Args)]
pub(crate) struct RewrapArgs {
    /// How many keys one transaction takes.
    #[arg(long, value_name = "KEYS", default_value = "200")]
    batch: NonZeroU16,
}

impl RewrapArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Admin).await?;
        let active = staff.ledger.vault().active_wrapping_key();
        let keys = staff.ledger.wrapping_keys().await?;
        let due: u64 = keys.iter().filter(|(id, _)| **id != active).map(|(_, keys)| keys).sum();
        let progress = Progress::new(context, Some(due));
        progress.say("request keys");
        let (mut done, mut failed, mut after) = (0, 0, None);
        loop {
            let step = staff.ledger.rewrap(after, self.batch.get().into()).await?;
            done += step.done;
            failed += step.failed;
            progress.advance(step.done + step.failed);
            after = step.next;
            if after.is_none() {
                break;
            }
        }
        let mut after = None;
        loop {
            let step = staff.ledger.rewrap_mails(after, self.batch.get().into()).await?;
            done += step.done;
            failed += step.failed;
            progress.advance(step.done + step.failed);
            after = step.next;
            if after.is_none() {
                break;
            }
        }
        let mut after = None;
        loop {
            let step = staff.ledger.rewrap_holds(after, self.batch.get().into()).await?;
            done += step.done;
            failed += step.failed;
            progress.advance(step.done + step.failed);
            after = step.next;
            if after.is_none() {
                break;
            }
        }
        drop(progress);
        let exit = if failed == 0 { Exit::Ok } else { Exit::Findings };
        let mut text = format!("{done} keys of requests, mails and holds are under {active} now");
        if failed > 0 {
            text = format!(
                "{text}; {failed} could not be unwrapped: their wrapping key is not in the ring, or they were altered"
            );
        }
        let json = json!({ "active": active, "rewrapped": done, "failed": failed });
        Ok(Report::new(text, &json).ending(exit))
    }
}
