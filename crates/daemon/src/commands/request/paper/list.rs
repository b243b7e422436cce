//! `habeas request paper list`

use std::fmt::Write as _;

use clap::Args;
use habeas_domain::Personal;
use habeas_ledger::{PaperDetail, Scope};
use serde_json::{Value, json};

use super::listed;
use crate::{
    context::Context,
    failure::Failure,
    output::Report,
    staff::{Staff, TokenArg, find_request, shown},
};

/// Options of `request paper list`.
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// The request's id, or its reference.
    request: String,
}

impl ListArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let view = find_request(&staff.ledger, &self.request).await?;
        let papers = staff.ledger.papers_in_detail(view.id).await?;
        staff.ledger.record_seen(view.id, staff.actor, "papers").await?;
        let mut text = listed(context, papers.items.iter().map(|paper| &paper.view));
        for paper in &papers.items {
            text.push_str(&words(paper));
        }
        let (lines, unreadable) = shown::unreadable(&papers.unreadable);
        let shown: Vec<_> = papers.items.iter().map(as_json).collect();
        Ok(Report::new(text + &lines, &json!({ "papers": shown, "unreadable": unreadable })))
    }
}

/// What staff wrote about a paper.
fn words(paper: &PaperDetail) -> String {
    let mut text = String::new();
    if let Some(reason) = &paper.reason {
        let _ = writeln!(text, "{}: asked for: {}", paper.view.id, reason.expose());
    }
    for (one, note) in paper.view.judgements.iter().zip(&paper.notes) {
        let note = note.as_ref().map_or("", |note| note.expose().as_str());
        let _ = writeln!(text, "{}: {} by {}: {note}", paper.view.id, one.decision, one.by);
    }
    text
}

fn as_json(paper: &PaperDetail) -> Value {
    let mut json = json!(shown::Paper::from(&paper.view));
    json["reason"] = json!(paper.reason.as_ref().map(Personal::expose));
    for (place, note) in paper.notes.iter().enumerate() {
        json["judgements"][place]["note"] = json!(note.as_ref().map(Personal::expose));
    }
    json
}
