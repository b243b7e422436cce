//! `habeas mail explain`

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::Args;
use habeas_mailbox::{
    Attachment, Bounced, Forwarded, ReaderOptions, Understanding,
    authentication::{
        Authenticated, AuthenticationOptions, Authenticator, Delivery, Dns, DnsLimits, Evidence,
    },
    understand,
};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

use super::delivery::DeliveryArgs;
use crate::{
    assembly,
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
    /// A folder of further rule files, one for each language, in the place of `requests.mail_rules_folder`.
    #[arg(long, value_name = "FOLDER")]
    rules: Option<PathBuf>,
    /// Believe what a mail server of this name wrote about the sender (`Authentication-Results`); may be repeated.
    #[arg(long = "authserv-id", value_name = "NAME")]
    authserv_ids: Vec<String>,
    /// Check the sender with these name servers: `system`, or an address with its port such as 192.0.2.53:53.
    #[arg(long, value_name = "SERVER")]
    dns: Option<String>,
    #[command(flatten)]
    delivery: DeliveryArgs,
}

impl ExplainArgs {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        let raw = read(&self.file).await?;
        let rules = self.rules(context)?;
        let reader = assembly::reader_of(ReaderOptions { rules, ..ReaderOptions::default() })?;
        let mut read = understand(&raw, &reader);
        let judged = self.judge(&raw).await?;
        if let Some(judged) = &judged {
            read.sender.authentication = judged.verdict_for(read.sender.address.as_ref());
        }
        Ok(Report::new(text(context, &read, judged.as_ref()), &json(&read, judged.as_ref())))
    }

    /// The rule files of the folder that is named, or of the configuration if there is one.
    fn rules(&self, context: &Context) -> Result<Vec<(String, String)>, Failure> {
        match &self.rules {
            Some(folder) => assembly::mail_rules_in(folder, "--rules"),
            None => assembly::mail_rules(&context.load()?.config),
        }
    }

    /// The judgement on the sender, if somebody is named who can tell.
    async fn judge(&self, raw: &[u8]) -> Result<Option<Authenticated>, Failure> {
        if self.authserv_ids.is_empty() && self.dns.is_none() {
            return Ok(None);
        }
        let dns = self.dns.as_deref().map(name_servers).transpose()?;
        let options = AuthenticationOptions {
            authserv_ids: self.authserv_ids.clone(),
            ..AuthenticationOptions::default()
        };
        let delivery = self.delivery.delivery().map(Delivery::from);
        Ok(Some(Authenticator::new(options, dns).authenticate(raw, delivery.as_ref()).await))
    }
}

fn name_servers(named: &str) -> Result<Dns, Failure> {
    let limits = DnsLimits::default();
    if named == "system" {
        return Dns::system(limits).map_err(|error| Failure::of(Exit::Unavailable, "dns", &error));
    }
    let server = named.parse::<SocketAddr>().map_err(|error| {
        Failure::of(Exit::Usage, "dns", &error)
            .fix("write `system`, or an address and a port such as 192.0.2.53:53")
    })?;
    Dns::servers(&[server], limits).map_err(|error| Failure::of(Exit::Unavailable, "dns", &error))
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
        Failure::new(Exit::Usage, "file", format!("cannot read {}: {error}", file.display()))
            .fix("name a file that holds one mail, or - for standard input")
    })?;
    Ok(raw)
}

/// For programs. Holds all that was understood: it is the caller's own mail.
fn json(read: &Understanding, judged: Option<&Authenticated>) -> Value {
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
        "letters": read.letters(),
        "sender": {
            "address": read.sender.address.as_ref().map(habeas_domain::EmailAddress::as_str),
            "name": read.sender.name.as_ref().map(habeas_domain::PersonName::as_str),
            "reply_to": read.sender.reply_to.as_ref().map(habeas_domain::EmailAddress::as_str),
            "authentication": read.sender.authentication,
            "evidence": judged.map(|judged| &judged.evidence),
            "oddities": judged.map(|judged| &judged.remarks),
        },
        "rights": rights,
        "identifiers": read.identifiers,
        "agent": read.agent,
        "subject": read.subject.expose(),
        "text": read.text.expose(),
        "regime": read.regime,
        "urgent": read.urgent,
        "sent_at": read.sent_at,
        "message_id": read.message_id.as_ref().map(habeas_domain::Personal::expose),
        "references": read.references.iter().map(habeas_domain::Personal::expose).collect::<Vec<_>>(),
        "recipients": read.recipients.iter().map(habeas_domain::Personal::expose).collect::<Vec<_>>(),
        "forwarded": read.forwarded,
        "bounce": read.bounce,
        "attachments": read.attachments,
        "remarks": read.remarks,
    })
}

/// For people.
fn text(context: &Context, read: &Understanding, judged: Option<&Authenticated>) -> String {
    let mut pairs: Vec<(&str, String)> = vec![
        ("verdict", read.verdict.to_string()),
        ("reason", read.reason.clone()),
        ("language", language(read)),
        ("sender", sender(read)),
    ];
    if let Some(judged) = judged {
        pairs.extend(judged.evidence.iter().map(|one| ("evidence", evidence(one))));
        pairs.extend(judged.remarks.iter().map(|remark| ("oddity", remark.words().to_owned())));
    }
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

/// The language, and the one of letters where it is another.
fn language(read: &Understanding) -> String {
    let Some(language) = &read.language else { return "unknown".to_owned() };
    match read.letters().filter(|letters| language.of_letters() != Some(*letters)) {
        Some(letters) => format!("{language} (letters go out in {letters})"),
        None => language.to_string(),
    }
}

fn sender(read: &Understanding) -> String {
    let address =
        read.sender.address.as_ref().map_or("none that can be used", habeas_domain::EmailAddress::as_str);
    let reply_to = read
        .sender
        .reply_to
        .as_ref()
        .map(|other| format!(", wants answers at {}", other.as_str()))
        .unwrap_or_default();
    format!("{address} (authentication: {}){reply_to}", read.sender.authentication)
}

fn evidence(one: &Evidence) -> String {
    let domain = one.domain.as_ref().map(|domain| format!(" ({})", domain.expose())).unwrap_or_default();
    format!("{}{domain}", one.words)
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
    let sender = one.sender.as_ref().map_or("somebody unknown", habeas_domain::EmailAddress::as_str);
    let how = if one.attached { "attached" } else { "quoted" };
    format!("{how}, by {sender}{}", one.sent_at.map(|at| format!(", {}", moment(at))).unwrap_or_default())
}

fn bounced(one: &Bounced) -> String {
    let recipient = one.recipient.as_ref().map_or("somebody unknown", habeas_domain::EmailAddress::as_str);
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
