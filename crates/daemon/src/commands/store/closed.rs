//! `habeas store closed`

use clap::Args;
use habeas_ledger::{ClosingView, RunView, Scope};
use serde_json::{Value, json};

use crate::{
    context::Context,
    failure::Failure,
    output::{Report, moment, table},
    staff::{Staff, TokenArg},
};

/// Options of `store closed`.
#[derive(Debug, Args)]
pub(crate) struct ClosedArgs {
    #[command(flatten)]
    token: TokenArg,
}

impl ClosedArgs {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, &self.token, Scope::Operate).await?;
        let closed = staff.ledger.closed_stores().await?;
        let mut text = table(
            context,
            ["STORE", "CLOSED", "BY", "STILL IN IT", "LAST RUN", "RE-ERASED", "MAY REOPEN", "REASON"],
            closed.iter().map(row).collect(),
        );
        let back: Vec<[String; 5]> = closed.iter().flat_map(people).collect();
        if !back.is_empty() {
            text = format!("{text}\n{}", table(context, ["STORE", "BACK", "WHY", "MORE", "FOUND"], back));
        }
        Ok(Report::new(text, &json!({ "stores": closed.iter().map(json_of).collect::<Vec<_>>() })))
    }
}

fn row(closing: &ClosingView) -> [String; 8] {
    [
        closing.store.to_string(),
        moment(closing.closed_at),
        closing.closed_by.to_string(),
        closing.working.to_string(),
        closing.run.as_ref().map(shown).unwrap_or_default(),
        closing.re_erased_at.map(moment).unwrap_or_default(),
        if closing.whole { "yes" } else { "no" }.to_owned(),
        closing.reason.clone(),
    ]
}

fn shown(run: &RunView) -> String {
    let state = run.state.as_str();
    match &run.fault {
        Some(fault) => format!("{state}: {fault}"),
        None => format!("{state}, begun {}", moment(run.began)),
    }
}

fn people(closing: &ClosingView) -> Vec<[String; 5]> {
    let person = |person: &habeas_ledger::PersonBack| {
        [
            closing.store.to_string(),
            person.request.to_string(),
            person.back.to_string(),
            person.detail.clone(),
            moment(person.at),
        ]
    };
    closing.back.iter().map(person).collect()
}

fn json_of(closing: &ClosingView) -> Value {
    let back = closing.back.iter().map(|person| {
        json!({ "request": person.request, "why": person.back, "more": person.detail, "at": person.at })
    });
    let run = closing.run.as_ref().map(|run| {
        json!({
            "began_at": run.began, "by": run.by.to_string(), "restored_to": run.restored_to,
            "confirmed": run.confirmed, "state": run.state.as_str(), "ended_at": run.ended, "fault": run.fault,
        })
    });
    json!({
        "run": run, "id": closing.id, "store": closing.store, "closed_at": closing.closed_at,
        "closed_by": closing.closed_by.to_string(), "reason": closing.reason, "working": closing.working,
        "re_erased_at": closing.re_erased_at, "restored_to": closing.restored_to, "did": closing.did,
        "complete_since": closing.complete_since, "may_reopen": closing.whole,
        "back": back.collect::<Vec<_>>(),
    })
}
