//! `habeas request submit`

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use clap::Args;
use habeas_domain::{Channel, Right, submission::MandateKind};
use habeas_intake::Reception;
use habeas_ledger::Scope;
use serde_json::{Map, Value, json};

use super::bulk::{self, BulkDefaults, BulkFile};
use crate::{
    assembly::{reception, regimes, registered_correctable},
    context::Context,
    failure::{Exit, Failure},
    output::Report,
    staff::{Staff, TokenArg},
};

/// A longer submission is no submission.
const LONGEST: u64 = 1024 * 1024;

/// Options of `request submit`. What the person said never appears on the command line of another process for long:
/// prefer `--file`.
#[derive(Args)]
pub(crate) struct SubmitArgs {
    /// The whole submission as JSON, as `POST /v1/requests` takes it; `-` for standard input.
    #[arg(long, conflicts_with_all = ["email", "rights"])]
    file: Option<PathBuf>,
    /// The person's mail address, to which the proof of identity goes.
    #[arg(long, required_unless_present_any = ["file", "bulk"])]
    email: Option<String>,
    /// What is asked. May be given several times.
    #[arg(long = "right", required_unless_present_any = ["file", "bulk"], value_delimiter = ',', value_parser = crate::cli::values::words(&Right::ALL, Right::as_str))]
    rights: Vec<Right>,
    /// Many requests of one agent: a table (.csv) or one submission a line (.ndjson). Each is taken on its own; what is
    /// wrong with one is told by its line. The same file again is harmless.
    #[arg(long, value_name = "FILE", requires = "agent_name", conflicts_with_all = ["file", "email", "rights", "name", "corrections", "idempotency_key"])]
    bulk: Option<PathBuf>,
    /// What to call the batch; the file's name if it is left out. Lines that were taken under the same name are not taken
    /// twice.
    #[arg(long, value_name = "NAME", requires = "bulk")]
    batch: Option<String>,
    /// The person's name.
    #[arg(long)]
    name: Option<String>,
    /// The person's telephone number, with its country: +81 90 0000 0000.
    #[arg(long, conflicts_with_all = ["file", "bulk"])]
    phone: Option<String>,
    /// What the person wrote or said.
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["file", "bulk"])]
    message: Option<String>,
    /// The number of the ticket or case elsewhere.
    #[arg(long, conflicts_with_all = ["file", "bulk"])]
    reference: Option<String>,
    /// The name of an agent who asks for the person. The person is asked to confirm, and every answer goes to them.
    #[arg(long, requires_all = ["agent_email", "mandate"])]
    agent_name: Option<String>,
    /// The agent's mail address.
    #[arg(long, requires = "agent_name")]
    agent_email: Option<String>,
    /// The organisation the agent acts for.
    #[arg(long, requires = "agent_name")]
    agent_organisation: Option<String>,
    /// What empowers the agent.
    #[arg(long, requires = "agent_name", value_name = "KIND", value_parser = crate::cli::values::words(&MandateKind::ALL, MandateKind::as_str))]
    mandate: Option<MandateKind>,
    /// The mandate's number or mark.
    #[arg(long, requires = "agent_name", value_name = "REFERENCE")]
    mandate_reference: Option<String>,
    /// The last day on which the mandate holds.
    #[arg(long, requires = "agent_name", value_name = "DAY", value_parser = crate::cli::values::day)]
    mandate_until: Option<chrono::NaiveDate>,
    /// SHA-256 of the mandate document: no other is taken for it then.
    #[arg(long, requires = "agent_name", value_name = "HEX")]
    mandate_sha256: Option<String>,
    /// A correction, as CATEGORY:TYPE=VALUE, such as user.contact.email:email=new@example.com. What no manifest
    /// says can be corrected is refused, with what can.
    #[arg(long = "correct", value_name = "CORRECTION")]
    corrections: Vec<String>,
    /// The law it is under.
    #[arg(long)]
    regime: Option<String>,
    /// The language to write in: en or ja.
    #[arg(long)]
    language: Option<String>,
    /// It is about a child under its law. A parent or guardian has to prove it.
    #[arg(long, conflicts_with = "agent_name")]
    child: bool,
    /// The child's age in years, compared with the law's and not kept.
    #[arg(long, requires = "child", value_name = "YEARS")]
    child_age: Option<u8>,
    /// Where the child lives, as two capital letters, where the law's age differs by country.
    #[arg(long, requires = "child", value_name = "COUNTRY")]
    child_country: Option<String>,
    /// The parent's or guardian's name.
    #[arg(long, requires = "child", requires = "guardian_email", value_name = "NAME")]
    guardian_name: Option<String>,
    /// Their own address.
    #[arg(long, requires = "guardian_name", value_name = "EMAIL")]
    guardian_email: Option<String>,
    /// How it reached the company: ticket, post, form ...
    #[arg(long)]
    channel: Option<String>,
    /// Makes a repeat of this call harmless.
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
}

impl std::fmt::Debug for SubmitArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SubmitArgs").field("rights", &self.rights).finish_non_exhaustive()
    }
}

impl SubmitArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        if let Some(file) = &self.bulk {
            return self.bulk(file, context, token).await;
        }
        let submission = self.submission()?;
        let staff = Staff::sign_in(context, token, Scope::Submit).await?;
        let corrects = submission.get("corrections").is_some();
        let reception = desk(context, &staff, corrects)?;
        let key = self.idempotency_key.as_deref();
        let accepted = reception.receive(&submission, Channel::Cli, staff.submitter(), key).await?;
        let text = format!(
            "{} (reference {}), to be answered by {}{}",
            accepted.id,
            accepted.reference,
            accepted.due_on,
            if accepted.repeated { ", taken before" } else { "" }
        );
        let json = json!({
            "id": accepted.id, "reference": accepted.reference, "due": accepted.due_on,
            "duplicate_of": accepted.duplicate_of, "repeated": accepted.repeated,
        });
        Ok(Report::new(text, &json))
    }

    /// Hands in a file of requests, line by line.
    async fn bulk(&self, file: &Path, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let usual = BulkDefaults {
            regime: self.regime.as_deref(),
            language: self.language.as_deref(),
            channel: self.channel.as_deref(),
        };
        let lines = BulkFile::open(file, usual)?;
        let staff = Staff::sign_in(context, token, Scope::Submit).await?;
        let reception = desk(context, &staff, true)?;
        let name =
            self.batch.clone().or_else(|| file.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        let name = name.unwrap_or_default();
        bulk::hand_in(lines, &reception, (&name, &self.agent()), &staff).await
    }

    fn agent(&self) -> Value {
        json!({
            "name": self.agent_name, "email": self.agent_email, "organisation": self.agent_organisation,
            "mandate": self.mandate, "reference": self.mandate_reference,
            "valid_until": self.mandate_until, "sha256": self.mandate_sha256,
        })
    }

    fn submission(&self) -> Result<Value, Failure> {
        let Some(file) = &self.file else { return self.of_options() };
        let mut text = String::new();
        let unreadable = |error: std::io::Error| {
            Failure::usage(format!("cannot read the submission from {}: {error}", file.display()))
        };
        if file.as_os_str() == "-" {
            std::io::stdin().take(LONGEST + 1).read_to_string(&mut text).map_err(unreadable)?;
        } else {
            let file = std::fs::File::open(file).map_err(unreadable)?;
            file.take(LONGEST + 1).read_to_string(&mut text).map_err(unreadable)?;
        }
        if text.len() as u64 > LONGEST {
            let message = format!("the submission is longer than {LONGEST} bytes");
            return Err(Failure::usage(message).fix("several requests go in with --bulk, line by line"));
        }
        serde_json::from_str(&text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let message = format!("the submission is not JSON at line {line}, column {column}");
            Failure::new(Exit::Findings, "submission", message)
        })
    }

    fn of_options(&self) -> Result<Value, Failure> {
        let mut subject = Map::from_iter([("email".to_owned(), json!(self.email))]);
        for (field, text) in [("name", &self.name), ("phone", &self.phone)] {
            subject.extend(text.as_ref().map(|text| (field.to_owned(), json!(text))));
        }
        let mut whole = Map::from_iter([
            ("subject".to_owned(), Value::Object(subject)),
            ("rights".to_owned(), json!(self.rights)),
        ]);
        if self.agent_name.is_some() {
            whole.insert("agent".to_owned(), self.agent());
        }
        if self.child {
            let guardian = self.guardian_name.as_ref();
            let guardian = guardian.map(|name| json!({ "name": name, "email": self.guardian_email }));
            let child = json!({ "age": self.child_age, "country": self.child_country, "guardian": guardian });
            whole.insert("child".to_owned(), child);
        }
        let texts = [
            ("regime", &self.regime),
            ("language", &self.language),
            ("channel", &self.channel),
            ("message", &self.message),
            ("external_reference", &self.reference),
        ];
        for (field, text) in texts {
            whole.extend(text.as_ref().map(|text| (field.to_owned(), json!(text))));
        }
        let corrections =
            self.corrections.iter().map(|text| correction(text)).collect::<Result<Vec<_>, _>>()?;
        if !corrections.is_empty() {
            whole.insert("corrections".to_owned(), Value::Array(corrections));
        }
        Ok(Value::Object(whole))
    }
}

/// The desk that takes it. Manifests are read where something may be corrected alone, so that one with a slip keeps nobody else out.
fn desk(context: &Context, staff: &Staff, corrects: bool) -> Result<Reception, Failure> {
    let correctable = if corrects { registered_correctable(&staff.config)? } else { None };
    reception(context, &staff.config, &staff.ledger, &regimes(&staff.config)?, correctable)
}

fn correction(text: &str) -> Result<Value, Failure> {
    let malformed = || Failure::usage("write a correction as CATEGORY:TYPE=VALUE");
    let (what, value) = text.split_once('=').ok_or_else(malformed)?;
    let (category, kind) = what.split_once(':').ok_or_else(malformed)?;
    Ok(json!({ "category": category, "type": kind, "value": value }))
}
