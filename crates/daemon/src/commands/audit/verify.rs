//! `habeas audit verify`

use std::{fs::File, io::BufReader, path::PathBuf};

use clap::Args;
use habeas_ledger::{AuditProgress, AuditReport, Scope};
use serde_json::json;

use crate::{
    context::Context,
    failure::{Exit, Failure},
    output::{Progress, Report},
    staff::{Staff, TokenArg},
};

/// Options of `audit verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// A checkpoint written before: finds also what was cut off or written anew since.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
}

impl VerifyArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Read).await?;
        let bar = Progress::new(context, None);
        let show = |now: AuditProgress| bar.say(format!("{} chains, {} entries", now.requests, now.entries));
        let mut reports = vec![staff.ledger.verify_audit(show).await?];
        if let Some(file) = &self.against {
            let unreadable =
                |error| Failure::usage(format!("cannot read the checkpoint {}: {error}", file.display()));
            let mut exported = BufReader::new(File::open(file).map_err(unreadable)?);
            let keys = staff.ledger.vault().public_keys();
            reports.push(staff.ledger.verify_against_checkpoint(&mut exported, &keys, show).await?);
        }
        Ok(report(&reports))
    }
}

fn report(reports: &[AuditReport]) -> Report {
    let whole = reports.iter().all(AuditReport::is_whole);
    let mut lines: Vec<String> =
        reports.iter().flat_map(|report| &report.breaks).map(ToString::to_string).collect();
    let more: u64 = reports.iter().map(|report| report.more_breaks).sum();
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    let (requests, entries) = reports.first().map_or((0, 0), |report| (report.requests, report.entries));
    let verdict = if whole { "whole" } else { "BROKEN" };
    let text = format!("{verdict}: {requests} chains, {entries} entries\n{}", lines.join("\n"));
    let json = json!({
        "whole": whole, "requests": requests, "entries": entries, "breaks": lines, "more_breaks": more,
    });
    Report::new(text, &json).ending(if whole { Exit::Ok } else { Exit::Findings })
}
