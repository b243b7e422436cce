//! `habeas request review`

use clap::Args;
use habeas_domain::Personal;
use habeas_ledger::{FindingDetail, FindingState, FindingView, Scope};
use serde_json::json;

use crate::{
    context::Context,
    failure::Failure,
    output::{Report, details, moment, table},
    staff::{Staff, TokenArg, find_request, shown},
};

/// Options of `request review`.
#[derive(Debug, Args)]
pub(crate) struct ReviewArgs {
    /// Its id, or its reference.
    request: String,
}

impl ReviewArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let view = find_request(&staff.ledger, &self.request).await?;
        let findings = staff.ledger.findings(view.id).await?;
        staff.ledger.record_seen(view.id, staff.actor, "findings").await?;
        let shown: Vec<_> = findings.iter().map(as_json).collect();
        let text = match findings.as_slice() {
            [] => "nothing was found that staff have to decide\n".to_owned(),
            some => some.iter().map(|one| text(context, one)).collect::<Vec<_>>().join("\n"),
        };
        Ok(Report::new(text, &json!({ "request": view.id, "findings": shown })))
    }
}

/// What scripts read: what `request show` prints of a finding, with the values and the reasons.
fn as_json(finding: &FindingDetail) -> serde_json::Value {
    let mut json = serde_json::to_value(shown::Finding::from(&finding.view)).unwrap_or_default();
    json["proven"] = finding.proven.iter().map(Personal::expose).cloned().collect();
    json["found"] = finding.found.iter().map(Personal::expose).cloned().collect();
    json["reasons"] = finding.reasons.iter().map(Personal::expose).cloned().collect();
    json
}

/// What is found, where: without values.
pub(super) fn place(view: &FindingView) -> String {
    let key = view.key.as_ref().map(|key| format!(" of {key}")).unwrap_or_default();
    let place = view.store.as_ref().zip(view.collection.as_ref());
    let place = place.map(|(store, collection)| format!(" in {store}/{collection}")).unwrap_or_default();
    format!("{}{key}{place}", view.kind)
}

/// Where it stands, and what it waits for.
pub(super) fn standing(view: &FindingView) -> String {
    let decided = view.decisions.iter().map(|one| match one.decision.up_to() {
        Some(up_to) => format!("{} up to {up_to}", one.decision.as_str()),
        None => one.decision.as_str().to_owned(),
    });
    let decided = decided.collect::<Vec<_>>().join(", ");
    match (view.state, view.kind.takes()) {
        (FindingState::Open, []) => {
            "cannot be decided here: put the store right and clear the review, or refuse".to_owned()
        }
        (FindingState::Open, takes) => {
            let so_far = if decided.is_empty() { decided } else { format!("; so far: {decided}") };
            format!("open: decide {}, {} alike{so_far}", takes.join(" or "), view.needed)
        }
        (FindingState::Decided, _) => format!("decided: {decided}"),
        (FindingState::Gone, _) => "the request went on without a decision".to_owned(),
    }
}

fn text(context: &Context, finding: &FindingDetail) -> String {
    let values = |values: &[Personal<String>]| -> String {
        values.iter().map(|value| value.expose().as_str()).collect::<Vec<_>>().join(", ")
    };
    let mut pairs = vec![
        ("finding", finding.view.finding.to_string()),
        ("what", place(&finding.view)),
        ("found at", moment(finding.view.found_at)),
        ("standing", standing(&finding.view)),
    ];
    if finding.view.allowed > 0 {
        pairs.push(("allowed", finding.view.allowed.to_string()));
    }
    if !finding.proven.is_empty() {
        pairs.push(("proven", values(&finding.proven)));
    }
    pairs.push(("found", values(&finding.found)));
    let rows = finding.view.decisions.iter().zip(&finding.reasons).map(|(one, reason)| {
        let decision = one.decision.as_str().to_owned();
        [one.by.to_string(), moment(one.at), decision, reason.expose().clone()]
    });
    let rows: Vec<_> = rows.collect();
    let decisions = if rows.is_empty() {
        String::new()
    } else {
        table(context, ["BY", "AT", "DECISION", "REASON"], rows)
    };
    format!("{}{decisions}", details(context, &pairs))
}
