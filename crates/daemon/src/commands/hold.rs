//! `habeas hold`

use std::sync::Arc;

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use habeas_domain::{HeldKey, HoldId, Personal, RequestId, clean_text, text::TextRule};
use habeas_fulfilment::FileRoom;
use habeas_ledger::{HoldView, NewHold, Scope};
use serde_json::{Value, json};

use crate::{
    assembly::{connect_stores, open_registry},
    context::Context,
    failure::Failure,
    output::{Report, details, moment, table},
    staff::{Staff, TokenArg, find_request, shown::unreadable, trail_json, trail_text},
};

/// The longest reason and note, in characters.
const PROSE: TextRule = TextRule::lines(4_000);

/// Place legal holds, look at them, lift them.
#[derive(Debug, Args)]
pub(crate) struct HoldArgs {
    #[command(subcommand)]
    command: HoldCommand,
    #[command(flatten)]
    token: TokenArg,
}

#[derive(Debug, Subcommand)]
enum HoldCommand {
    /// Let nothing of a person be deleted from now on. Copies and corrections go on; the person is not told.
    Place(PlaceArgs),
    /// List the holds that are placed, latest first.
    List(ListArgs),
    /// Show whom a hold is about, why, what it stops, and what was done about it.
    Show(ShowArgs),
    /// Lift a hold: what it stopped goes on. It stays on record.
    Lift(LiftArgs),
}

#[derive(Debug, Args)]
struct PlaceArgs {
    /// A mail address of the person.
    #[arg(long, value_name = "ADDRESS")]
    email: Vec<String>,
    /// A telephone number of the person, where a store finds people by it.
    #[arg(long, value_name = "NUMBER")]
    phone: Vec<String>,
    /// Another key of the person, as manifests call it, such as customer_id=C-4242.
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_and_value)]
    key: Vec<(String, String)>,
    /// A request to stop, by its id or reference, whatever keys are found for it.
    #[arg(long, value_name = "REQUEST")]
    request: Vec<String>,
    /// The matter, or another reason. Kept sealed, and never shown to the person.
    #[arg(long)]
    reason: String,
    /// The day on which somebody is to look whether it is still needed. It does not end by itself.
    #[arg(long, value_name = "DATE", value_parser = crate::cli::values::day)]
    review_on: Option<NaiveDate>,
}

#[derive(Debug, Args)]
struct ListArgs {
    /// Those that were lifted, too.
    #[arg(long)]
    lifted: bool,
}

#[derive(Debug, Args)]
struct ShowArgs {
    /// The hold's id.
    hold: HoldId,
}

#[derive(Debug, Args)]
struct LiftArgs {
    /// The hold's id.
    hold: HoldId,
    /// Why. Kept sealed.
    #[arg(long)]
    note: String,
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write the key, = and its value")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

impl HoldArgs {
    pub(crate) async fn run(self, context: &Context) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, &self.token, Scope::Hold).await?;
        match self.command {
            HoldCommand::Place(args) => place(context, &staff, args).await,
            HoldCommand::List(args) => list(context, &staff, args.lifted).await,
            HoldCommand::Show(args) => show(context, &staff, args.hold).await,
            HoldCommand::Lift(args) => lift(&staff, &args).await,
        }
    }
}

async fn place(context: &Context, staff: &Staff, args: PlaceArgs) -> Result<Report, Failure> {
    let mut requests: Vec<RequestId> = Vec::with_capacity(args.request.len());
    for text in &args.request {
        requests.push(find_request(&staff.ledger, text).await?.id);
    }
    let keys = keys(staff, &args)?;
    if keys.is_empty() && requests.is_empty() {
        return Err(Failure::usage("a hold is about a person or a request")
            .fix("give --email, --phone, --key or --request"));
    }
    let new = NewHold { keys, requests, reason: prose("--reason", &args.reason)?, review_on: args.review_on };
    let mut placed = staff.ledger.place_hold(&new, staff.actor).await?;
    // It stands from here on; what the stores add comes after.
    let further = further_keys(context, staff, &new.keys).await;
    if let Ok(keys) = &further {
        let more = staff.ledger.complete_hold(placed.id, keys, staff.actor).await?;
        placed = placed.and(more);
    }
    let mut text = format!(
        "hold {} is placed; {} deletions are stopped, and every later one is",
        placed.id,
        placed.stopped.len()
    );
    if !placed.too_late.is_empty() {
        text = format!(
            "{text}\n{} deletions had begun: what is gone cannot be brought back, the rest is stopped",
            placed.too_late.len()
        );
    }
    if further.is_err() {
        text = format!(
            "{text}\na store did not answer, or the keys lead to more than one person can have: the hold is about the keys that were given alone; `habeas serve` asks again \
             every minute"
        );
    }
    let json = json!({
        "id": placed.id, "stopped": placed.stopped, "too_late": placed.too_late, "whole": further.is_ok(),
    });
    Ok(Report::new(text, &json))
}

/// The further keys that the stores hold of the person.
async fn further_keys(context: &Context, staff: &Staff, keys: &[HeldKey]) -> Result<Vec<HeldKey>, Failure> {
    let registry = open_registry(&staff.config)?;
    let stores = connect_stores(context, &registry)?;
    Ok(FileRoom::new(Arc::new(registry), stores).further_keys(keys).await?)
}

/// The keys of the person, if the stores find people by them.
fn keys(staff: &Staff, args: &PlaceArgs) -> Result<Vec<HeldKey>, Failure> {
    let registry = open_registry(&staff.config)?;
    let emails = args.email.iter().map(|value| ("--email", "email", value));
    let phones = args.phone.iter().map(|value| ("--phone", "phone", value));
    let others = args.key.iter().map(|(key, value)| ("--key", key.as_str(), value));
    let all = emails.chain(phones).chain(others);
    all.map(|(option, key, value)| {
        HeldKey::read(key, value, registry.keys().map(|rules| &rules.name))
            .map_err(|problem| Failure::usage(format!("{option}: {problem}")))
    })
    .collect()
}

fn prose(option: &str, text: &str) -> Result<Personal<String>, Failure> {
    let clean = clean_text(text, PROSE);
    clean.map(Personal::new).map_err(|problem| Failure::usage(format!("{option}: {problem}")))
}

async fn list(context: &Context, staff: &Staff, lifted: bool) -> Result<Report, Failure> {
    let holds = staff.ledger.list_holds(lifted).await?;
    let heads = ["HOLD", "PLACED", "BY", "REVIEW", "WHOLE", "STOPS", "LIFTED"];
    let rows = holds.items.iter().map(|hold| {
        [
            hold.id.to_string(),
            moment(hold.placed_at),
            hold.placed_by.to_string(),
            hold.review_on.map(|day| day.to_string()).unwrap_or_default(),
            whole(hold).to_owned(),
            hold.jobs.len().to_string(),
            hold.lifted.as_ref().map(|end| moment(end.at)).unwrap_or_default(),
        ]
    });
    let (lines, unreadable) = unreadable(&holds.unreadable);
    let text = table(context, heads, rows.collect()) + &lines;
    let shown: Vec<_> = holds.items.iter().map(listed).collect();
    Ok(Report::new(text, &json!({ "holds": shown, "unreadable": unreadable })))
}

/// Who looked is on record before anything is shown.
async fn show(context: &Context, staff: &Staff, id: HoldId) -> Result<Report, Failure> {
    staff.ledger.record_hold_seen(id, staff.actor).await?;
    let hold = staff.ledger.hold(id).await?;
    let trail = staff.ledger.hold_trail(id).await?;
    let mut rows = vec![
        ("hold", hold.id.to_string()),
        ("placed", format!("{} by {}", moment(hold.placed_at), hold.placed_by)),
        ("reason", hold.reason.expose().clone()),
        ("review on", hold.review_on.map(|day| day.to_string()).unwrap_or_default()),
        ("whole", whole(&hold).to_owned()),
    ];
    rows.extend(hold.keys.iter().map(|one| ("about", format!("{} {}", one.key, one.value.expose()))));
    rows.extend(hold.requests.iter().map(|request| ("request", request.to_string())));
    if let Some(end) = &hold.lifted {
        rows.push(("lifted", format!("{} by {}: {}", moment(end.at), end.by, end.note.expose())));
    }
    let jobs = hold
        .jobs
        .iter()
        .map(|job| [job.request.to_string(), job.right.to_string(), job.state.as_str().to_owned()]);
    let jobs = table(context, ["STOPS", "RIGHT", "STATE"], jobs.collect());
    let history = trail_text(context, &trail);
    let text = format!("{}\n\n{jobs}\n{history}", details(context, &rows));
    let mut json = listed(&hold);
    json["keys"] = hold
        .keys
        .iter()
        .map(|one| json!({ "key": one.key, "value": one.value.expose() }))
        .collect::<Vec<_>>()
        .into();
    json["reason"] = hold.reason.expose().as_str().into();
    json["lift_note"] = hold.lifted.as_ref().map(|end| end.note.expose().as_str()).into();
    json["trail"] = trail_json(&trail);
    Ok(Report::new(text, &json))
}

async fn lift(staff: &Staff, args: &LiftArgs) -> Result<Report, Failure> {
    let note = prose("--note", &args.note)?;
    let lifted = staff.ledger.lift_hold(args.hold, &note, staff.actor).await?;
    let mut text = format!("hold {} is lifted; {} deletions go on", args.hold, lifted.resumed.len());
    if !lifted.still_held.is_empty() {
        text = format!("{text}; another hold stands in the way of {} more", lifted.still_held.len());
    }
    Ok(Report::new(text, &json!({ "resumed": lifted.resumed, "still_held": lifted.still_held })))
}

/// Whether it is about all keys of the person that the stores hold.
const fn whole(hold: &HoldView) -> &'static str {
    if hold.whole { "yes" } else { "no: a store has yet to answer" }
}

fn listed(hold: &HoldView) -> Value {
    let jobs = hold
        .jobs
        .iter()
        .map(|job| json!({ "job": job.job, "request": job.request, "right": job.right, "state": job.state }));
    json!({
        "id": hold.id, "placed_by": hold.placed_by.to_string(), "placed_at": hold.placed_at,
        "review_on": hold.review_on, "whole": hold.whole, "requests": hold.requests, "jobs": jobs.collect::<Vec<_>>(),
        "lifted_by": hold.lifted.as_ref().map(|end| end.by.to_string()),
        "lifted_at": hold.lifted.as_ref().map(|end| end.at),
    })
}
