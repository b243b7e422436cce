//! `habeas request paper`

mod add;
mod ask;
mod judge;
mod list;
mod save;

use std::fmt::Write as _;

use clap::{Args, Subcommand};
use habeas_ledger::PaperView;
use habeas_verification::{Challenges, PaperDesk};
use serde_json::json;

use crate::{
    assembly::{links_of, paper_options, verification_options},
    context::Context,
    failure::Failure,
    output::{Report, moment, table},
    staff::{Staff, TokenArg, shown},
};

/// Documents given as evidence.
#[derive(Debug, Args)]
pub(crate) struct PaperArgs {
    #[command(subcommand)]
    command: PaperCommand,
}

#[derive(Debug, Subcommand)]
enum PaperCommand {
    /// Ask for a paper, with the reason. Whoever can give it is mailed a link.
    Ask(ask::AskArgs),
    /// Hand in a paper that reached you, such as by post.
    Add(add::AddArgs),
    /// List the papers of a request, with what staff wrote. Recorded.
    List(list::ListArgs),
    /// Write the file of a paper that waits for its judgement. Recorded.
    Save(save::SaveArgs),
    /// Judge a paper. With the decision its content is destroyed.
    Judge(judge::JudgeArgs),
}

impl PaperArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        match self.command {
            PaperCommand::Ask(args) => args.run(context, token).await,
            PaperCommand::Add(args) => args.run(context, token).await,
            PaperCommand::List(args) => args.run(context, token).await,
            PaperCommand::Save(args) => args.run(context, token).await,
            PaperCommand::Judge(args) => args.run(context, token).await,
        }
    }
}

/// Asks for papers and takes them, as the configuration allows.
fn desk_of(context: &Context, staff: &Staff) -> Result<PaperDesk, Failure> {
    let challenges = challenges(context, staff)?;
    Ok(PaperDesk::new(staff.ledger.clone(), challenges, paper_options(&staff.config)))
}

/// Makes links like the daemon's.
pub(super) fn challenges(context: &Context, staff: &Staff) -> Result<Challenges, Failure> {
    let config = &staff.config;
    let links = links_of(config)?;
    let vault = staff.ledger.vault().clone();
    Ok(Challenges::new(vault, context.clock.clone(), links, verification_options(config)))
}

/// One paper, for people and programs.
fn report(context: &Context, paper: &PaperView) -> Report {
    let text = listed(context, std::iter::once(paper));
    Report::new(text, &json!(shown::Paper::from(paper)))
}

/// Papers as a table.
pub(super) fn listed<'a>(context: &Context, papers: impl Iterator<Item = &'a PaperView>) -> String {
    let rows = papers.map(|paper| {
        [
            paper.id.to_string(),
            paper.kind.to_string(),
            state(paper),
            paper.media_type.clone().unwrap_or_default(),
            paper.bytes.map(|bytes| bytes.to_string()).unwrap_or_default(),
            moment(paper.ends_at),
            judged(paper),
        ]
    });
    table(context, ["PAPER", "KIND", "STATE", "TYPE", "BYTES", "ENDS", "JUDGED"], rows.collect())
}

fn state(paper: &PaperView) -> String {
    let reused = if paper.reused { ", given elsewhere too" } else { "" };
    format!("{}{reused}", paper.state)
}

fn judged(paper: &PaperView) -> String {
    let mut text = String::new();
    for one in &paper.judgements {
        let comma = if text.is_empty() { "" } else { ", " };
        let _ = write!(text, "{comma}{} by {}", one.decision, one.by);
    }
    text
}
