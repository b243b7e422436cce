//! `habeas mail explain`

use std::path::{Path, PathBuf};

use clap::Args;
use habeas_mailbox::{
    Attachment, Bounced, Forwarded, Reader, ReaderError, ReaderOptions, Understanding, understand,
};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

use crate::{
    context::Context,
    failure::{Exit, Failure},
    output::{Report, details, moment},
};

/// The longest mail that is read, in bytes: more than any that is understood.
const LONGEST: u64 = 64 << 20;

/// Options of `mail explain`.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The mail, as it came over the wire; `-` for standard input.
    file: PathBuf,
}

impl ExplainArgs {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        let raw = read(&self.file).await?;
        let reader = Reader::new(ReaderOptions::default()).map_err(|error| broken(&error))?;
        let read = understand(&raw, &reader);
        Ok(Report::new(text(context, &read), &json(&read)))
    }
}

fn broken(error: &ReaderError) -> Failure {
    Failure::of(Exit::Config, "rules", error)
}

async fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut raw = Vec::new();
    let done = if file == Path::new("-") {
        tokio::io::stdin().take(LONGEST).read_to_end(&mut raw).await
    } else {
        match tokio::fs::File::open(file).await {
            Ok(open) => open.take(LONGEST).read_to_end(&mut raw).await,
            Err(error) => Err(error),
        }
    };
    done.map_err(|error| {
        Failure::of(Exit::Usage, "file", &error)
            .fix("name a file that holds one mail, or - for standard input")
    })?;
    Ok(raw)
}

/// For programs. Holds all that was understood: it is the caller's own mail.
fn json(read: &Understanding) -> Value {
    let rights = read.rights.iter().map(|one| (one.right.as_str(), one.sure, &one.words, false));
    let others = read.others.iter().map(|one| (one.right.as_str(), one.sure, &one.words, true));
    let rights: Vec<Value> = rights
        .chain(others)
        .map(|(right, sure, words, by_staff)| {
            json!({ "right": right, "sure": sure, "words": words, "by_staff": by_staff })
        })
        .collect();
    json!({
        "verdict": read.verdict,
        "reason": read.reason,
        "language": read.language,
        "sender": {
            "address": read.sender.address.as_ref().map(|address| address.as_str()),
            "name": read.sender.name.as_ref().map(|name| name.as_str()),
            "reply_to": read.sender.reply_to.as_ref().map(|address| address.as_str()),
            "authentication": read.sender.authentication,
        },
        "rights": rights,
        "identifiers": read.identifiers,
        "agent": read.agent,
        "subject": read.subject.expose(),
        "text": read.text.expose(),
        "regime": read.regime,
        "urgent": read.urgent,
        "sent_at": read.sent_at,
        "message_id": read.message_id.as_ref().map(|id| id.expose()),
        "references": read.references.iter().map(|id| id.expose()).collect::<Vec<_>>(),
        "recipients": read.recipients.iter().map(|one| one.expose()).collect::<Vec<_>>(),
        "forwarded": read.forwarded,
        "bounce": read.bounce,
        "attachments": read.attachments,
        "remarks": read.remarks,
    })
}

/// For people.
fn text(context: &Context, read: &Understanding) -> String {
    let mut pairs: Vec<(&str, String)> = vec![
        ("verdict", read.verdict.to_string()),
        ("reason", read.reason.clone()),
        ("language", read.language.map_or_else(|| "unknown".to_owned(), |language| language.to_string())),
        ("sender", sender(read)),
    ];
    pairs.extend(rights(read).into_iter().map(|right| ("right", right)));
    pairs.extend(
        read.identifiers
            .iter()
            .map(|one| ("identifier", format!("{} {}", String::from(one.kind.clone()), one.value.expose()))),
    );
    pairs.extend(
        read.agent
            .iter()
            .map(|agent| (if agent.guardian { "guardian" } else { "agent" }, agent.words.join(", "))),
    );
    pairs.extend(read.regime.iter().map(|regime| ("regime", regime.to_string())));
    pairs.extend((!read.urgent.is_empty()).then(|| ("urgent", read.urgent.join(", "))));
    pairs.extend(read.sent_at.map(|sent_at| ("sent", moment(sent_at))));
    pairs.extend(read.forwarded.iter().map(|one| ("original", forwarded(one))));
    pairs.extend(read.bounce.iter().map(|one| ("bounce", bounced(one))));
    pairs.extend(read.attachments.iter().map(|one| ("attachment", attached(one))));
    pairs.extend(read.remarks.iter().map(|remark| ("remark", remark.clone())));
    pairs.push(("subject", read.subject.expose().clone()));
    format!("{}\n{}\n", details(context, &pairs), read.text.expose())
}

fn sender(read: &Understanding) -> String {
    let address = read.sender.address.as_ref().map_or("none that can be used", |address| address.as_str());
    let reply_to = read
        .sender
        .reply_to
        .as_ref()
        .map(|other| format!(", wants answers at {}", other.as_str()))
        .unwrap_or_default();
    format!("{address} (authentication: {}){reply_to}", read.sender.authentication)
}

fn rights(read: &Understanding) -> Vec<String> {
    let told = |name: &str, sure: bool, words: &[String], by_staff: bool| {
        let certainty = if sure { "sure" } else { "unsure" };
        let by_hand = if by_staff { ", by hand" } else { "" };
        format!("{name} ({certainty}{by_hand}): {}", words.join(", "))
    };
    let jobs = read.rights.iter().map(|one| told(one.right.as_str(), one.sure, &one.words, false));
    jobs.chain(read.others.iter().map(|one| told(one.right.as_str(), one.sure, &one.words, true))).collect()
}

fn forwarded(one: &Forwarded) -> String {
    let sender = one.sender.as_ref().map_or("somebody unknown", |address| address.as_str());
    let how = if one.attached { "attached" } else { "quoted" };
    format!("{how}, by {sender}{}", one.sent_at.map(|at| format!(", {}", moment(at))).unwrap_or_default())
}

fn bounced(one: &Bounced) -> String {
    let recipient = one.recipient.as_ref().map_or("somebody unknown", |address| address.as_str());
    let lasting = if one.permanent { "for good" } else { "for now" };
    format!(
        "{recipient} could not be reached {lasting}, status {}",
        one.status.as_deref().unwrap_or("unknown")
    )
}

fn attached(one: &Attachment) -> String {
    let name = one.name.as_ref().map_or("without a name", |name| name.expose().as_str());
    format!("{name}, {}, {} bytes", one.media_type, one.bytes)
}
