//! The demo as a story for people.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use habeas_domain::{Channel, Right, WorkKind, audit::AuditEntry};

use super::{
    Folder,
    checks::Check,
    gather::{Gathered, Told},
};
use crate::{context::Context, output::table};

/// Tells what happened.
pub(super) fn tell(
    context: &Context,
    folder: &Folder,
    base: &str,
    gathered: &Gathered,
    checks: &[Check],
) -> String {
    let mut out = format!(
        "Example Mart is a plainly fictional company with {} stores. Five people wrote to it; all was done in {:.1} s.\n",
        gathered.stores.len(),
        gathered.seconds
    );
    for (number, told) in (1..).zip(&gathered.requests) {
        let _ = writeln!(out, "\n{number}. {}", headline(told));
        out.push_str(&of_request(context, gathered, told));
    }
    out.push_str("\nLooked at afterwards, without Habeas:\n");
    for check in checks {
        let _ = writeln!(out, "  {} {}", if check.holds { "ok   " } else { "WRONG" }, check.what);
    }
    out.push_str(&places(context, folder, base, gathered));
    out
}

fn headline(told: &Told) -> String {
    let name = &told.person.name;
    let by_mail = told.view.channel == Channel::Mailbox;
    let wish = match told.job().map(|job| job.right) {
        _ if by_mail => "asks by mail, in Japanese, for a copy and for a file to take elsewhere",
        Some(Right::Access) => "asks for a copy of everything",
        Some(Right::Deletion) => "asks to be deleted",
        Some(Right::Correction) => "has a new mail address and a new name",
        Some(Right::Portability) => "takes their data elsewhere",
        _ => "asks",
    };
    format!(
        "{name} <{}> {wish}: {} under {}, to be answered by {}",
        told.person.email, told.view.reference, told.view.regime, told.view.due_on
    )
}

fn of_request(context: &Context, gathered: &Gathered, told: &Told) -> String {
    let mut out = String::new();
    let mut last = String::new();
    for entry in &told.trail {
        let Some(line) = sentence(entry, told) else { continue };
        // Stores that finish together are one line of the story.
        if line != last {
            let _ = writeln!(out, "   {:>5.2} s  {line}", since(gathered.began, entry.at));
        }
        last = line;
    }
    out.push_str(&indented(&stores(context, told)));
    for kept in &told.kept {
        let until = kept.until.map(|day| format!(" until {day}")).unwrap_or_default();
        let _ = writeln!(
            out,
            "   stays: {} ({}), {} rows{until}: {}",
            kept.collection, kept.store, kept.rows, kept.reason
        );
    }
    for (store, due) in told.deferred() {
        let _ = writeln!(out, "   deleted by itself: the next of them in {store} on {}", due.date_naive());
    }
    for download in &told.downloads {
        let _ = writeln!(
            out,
            "   downloaded: {} ({} files, each with its hash, signed by key {})",
            download.file.display(),
            download.files,
            download.key
        );
    }
    out
}

/// What an entry of the audit trail says, for those that carry the story.
fn sentence(entry: &AuditEntry, told: &Told) -> Option<String> {
    let approved = || told.approved_by.clone().unwrap_or_else(|| "staff".to_owned());
    Some(match entry.event.as_str() {
        "mail-taken" => "the mail is read, and both rights are found in it".to_owned(),
        "received" => {
            "the request arrives; mails go out: that it did, and a link to prove who asks".to_owned()
        }
        "identity-proven" => "the link is followed and its button pressed: identity is proven".to_owned(),
        "keys-resolved" => "all keys are found across the stores, and the plan is made".to_owned(),
        "approved" => format!("the plan is approved by {}", approved()),
        "address-confirmed" => "the new address is confirmed from its own mailbox".to_owned(),
        "task-done" => "the stores work, all at the same time, and report".to_owned(),
        "receipt-signed" => "each change was re-read and proven; the receipt is signed".to_owned(),
        "package-stored" => "the package is made, signed and sealed".to_owned(),
        "download-allowed" => "the fresh code from the mail opens the package".to_owned(),
        "package-fetched" => "the package is downloaded".to_owned(),
        "closed" => "the request is closed".to_owned(),
        _ => return None,
    })
}

#[expect(clippy::cast_precision_loss, reason = "a demo takes seconds")]
fn since(began: DateTime<Utc>, at: DateTime<Utc>) -> f64 {
    (at - began).num_milliseconds().max(0) as f64 / 1000.0
}

/// What each store did.
fn stores(context: &Context, told: &Told) -> String {
    let Some(job) = told.job() else { return String::new() };
    let tasks = job.tasks.iter().filter(|task| task.kind == WorkKind::Task);
    let rows = tasks.map(|task| {
        let store = task.store.to_string();
        let done = if job.right.gives_a_copy() { "copied".to_owned() } else { changes(told, &store) };
        [store, task.state.as_str().to_owned(), task.rows.unwrap_or(0).to_string(), done]
    });
    table(context, ["STORE", "STATE", "ROWS", "WHAT"], rows.collect())
}

/// What was changed in a store: rows by what became of them, and of a correction the values.
fn changes(told: &Told, store: &str) -> String {
    let mut sums: Vec<((&str, &str), u64)> = Vec::new();
    for (_, one) in told.changed.iter().filter(|(of, one)| of == store && one.matched > 0) {
        let what = (one.action.as_str(), one.collection.as_str());
        match sums.iter_mut().find(|(known, _)| *known == what) {
            Some((_, sum)) => *sum += one.changed,
            None => sums.push((what, one.changed)),
        }
    }
    let texts = sums.into_iter().map(|((action, collection), sum)| match (action, sum) {
        ("corrected", 1) => format!("1 value corrected in {collection}"),
        ("corrected", sum) => format!("{sum} values corrected in {collection}"),
        (action, sum) => format!("{sum} {action} {collection}"),
    });
    texts.collect::<Vec<_>>().join(", ")
}

fn indented(text: &str) -> String {
    text.lines().flat_map(|line| ["   ", line, "\n"]).collect()
}

fn places(context: &Context, folder: &Folder, base: &str, gathered: &Gathered) -> String {
    let config = folder.config();
    let rows = gathered
        .stores
        .iter()
        .map(|(name, about, file)| [(*name).to_owned(), (*about).to_owned(), file.display().to_string()]);
    format!(
        "\nThe stores:\n{}\n{} mails:   {}\npackages:   {}\nlog:        {}\nlook around: habeas --config {} request list\n            (served at {base} while the demo runs; --serve keeps it up)\n",
        indented(&table(context, ["STORE", "HOLDS", "FILE"], rows.collect())),
        gathered.mails.len(),
        folder.mails().display(),
        folder.downloads().display(),
        folder.log().display(),
        config.display(),
    )
}
