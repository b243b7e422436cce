//! `habeas task requeue`

use clap::Args;
use habeas_domain::WorkId;
use habeas_ledger::{Ledger, MOST_REQUEUED, Scope};
use serde_json::json;

use crate::{
    context::Context,
    failure::{Exit, Failure},
    output::Report,
    staff::{Staff, TokenArg},
};

/// Options of `task requeue`.
#[derive(Debug, Args)]
pub(crate) struct RequeueArgs {
    /// The parked work, by id.
    #[arg(required_unless_present = "fault", conflicts_with = "fault")]
    ids: Vec<WorkId>,
    /// All parked work that failed with this code.
    #[arg(long, value_name = "CODE")]
    fault: Option<String>,
}

impl RequeueArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Operate).await?;
        let back = match &self.fault {
            Some(code) => all_with(&staff.ledger, code, &staff).await?,
            None => staff.ledger.requeue(&self.ids, staff.actor).await?,
        };
        let exit = if back == 0 { Exit::Findings } else { Exit::Ok };
        let text =
            if back == 0 { "nothing of that is parked".to_owned() } else { format!("{back} put back") };
        Ok(Report::new(text, &json!({ "requeued": back })).ending(exit))
    }
}

/// Puts back what is parked now. What fails again and is parked anew meanwhile is left: it would never end.
async fn all_with(ledger: &Ledger, code: &str, staff: &Staff) -> Result<u64, Failure> {
    let mut back = 0;
    for ids in ledger.parked_with(code).await?.chunks(MOST_REQUEUED) {
        back += ledger.requeue(ids, staff.actor).await?;
    }
    Ok(back)
}
