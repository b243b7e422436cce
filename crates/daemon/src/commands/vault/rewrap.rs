//! `habeas vault rewrap`

use std::num::NonZeroU16;

use clap::Args;
use habeas_ledger::{LedgerError, Scope};
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
        let (ledger, most) = (&staff.ledger, self.batch.get().into());
        let requests = to_the_end(&progress, async |after| {
            ledger.rewrap(after, most).await.map(|step| (step.done, step.failed, step.next))
        });
        let (mut done, mut failed) = requests.await?;
        let mails = to_the_end(&progress, async |after| {
            ledger.rewrap_mails(after, most).await.map(|step| (step.done, step.failed, step.next))
        });
        let holds = to_the_end(&progress, async |after| {
            ledger.rewrap_holds(after, most).await.map(|step| (step.done, step.failed, step.next))
        });
        for (more, not) in [mails.await?, holds.await?] {
            done += more;
            failed += not;
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

/// Takes step after step until none is left. Returns how many keys were moved, and how many did not open.
async fn to_the_end<T>(
    progress: &Progress,
    mut step: impl AsyncFnMut(Option<T>) -> Result<(u64, u64, Option<T>), LedgerError>,
) -> Result<(u64, u64), Failure> {
    let (mut all_done, mut all_failed, mut after) = (0, 0, None);
    loop {
        let (done, failed, next) = step(after).await?;
        all_done += done;
        all_failed += failed;
        progress.advance(done + failed);
        after = next;
        if after.is_none() {
            return Ok((all_done, all_failed));
        }
    }
}
