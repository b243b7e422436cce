//! Stores that are closed, and erased people who are back.

use habeas_config::Config;
use habeas_ledger::{ClosingView, Ledger, RunState};
use sea_orm::DatabaseConnection;

use super::Finding;
use crate::{assembly, context::Context, failure::Failure};

const PART: &str = "restored stores";

pub(super) async fn look(
    context: &Context,
    config: &Config,
    db: DatabaseConnection,
) -> Result<Vec<Finding>, Failure> {
    let ledger = Ledger::new(db, assembly::vault(context, config)?, context.ids());
    let closed = ledger.closed_stores().await?;
    let mut findings: Vec<Finding> = closed.iter().map(closing).collect();
    let listed: usize = closed.iter().map(|closing| closing.back.len()).sum();
    let left = ledger.count_people_back().await?.saturating_sub(listed as u64);
    if left > 0 {
        findings.push(Finding::warning(
            PART,
            format!("{left} people who were erased are back in stores that are open"),
            "once their legal hold is lifted, close the store, run `habeas store re-erase` and reopen it",
        ));
    }
    Ok(findings)
}

fn closing(closing: &ClosingView) -> Finding {
    let store = &closing.store;
    let state = closing.run.as_ref().map(|run| run.state);
    let fix = match (closing.working, closing.whole) {
        _ if state == Some(RunState::UnderWay) => {
            "a re-erasing is under way: `habeas store closed`".to_owned()
        }
        (_, true) => format!("`habeas store reopen {store}`"),
        _ if matches!(state, Some(RunState::Failed | RunState::CutOff)) => {
            "the last re-erasing did not come to its end: see `habeas store closed`, and begin it again"
                .to_owned()
        }
        (0, false) => format!("once it is restored, `habeas store re-erase {store} --restored-to ...`"),
        (_, false) => "restore it once its work has ended: `habeas store closed`".to_owned(),
    };
    Finding::warning(PART, format!("{store} is closed: requests wait for it"), fix)
}
