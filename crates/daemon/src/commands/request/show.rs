//! `habeas request show`

use std::fmt::Write as _;

use clap::Args;
use habeas_domain::received_mail::Writer;
use habeas_ledger::{JobView, MailView, RequestView, Scope};
use serde_json::{Value, json};

use super::{paper, review};
use crate::{
    context::Context,
    failure::Failure,
    output::{Report, details, moment, table},
    staff::{Staff, TokenArg, find_request, shown},
};

/// Options of `request show`.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Its id, or its reference such as HB-7K3M-9QTX.
    request: String,
    /// Also what the person handed in and what the plans would change: personal data, for whoever may approve.
    #[arg(long)]
    personal: bool,
    /// Also the audit trail.
    #[arg(long)]
    trail: bool,
}

impl ShowArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let scope = if self.personal { Scope::Approve } else { Scope::Read };
        let staff = Staff::sign_in(context, token, scope).await?;
        let view = find_request(&staff.ledger, &self.request).await?;
        let mut json = serde_json::to_value(shown::Request::from(&view)).unwrap_or_default();
        let mut text = text(context, &view);
        if self.personal {
            let personal = personal(&staff, &view).await?;
            let _ = writeln!(text, "\n{}", serde_json::to_string_pretty(&personal).unwrap_or_default());
            json["personal"] = personal;
        }
        if self.trail {
            let entries = staff.ledger.audit_entries(view.id).await?;
            let rows = entries.iter().map(|entry| {
                [entry.seq.to_string(), moment(entry.at), entry.actor.clone(), entry.event.clone()]
            });
            text.push('\n');
            text.push_str(&table(context, ["#", "AT", "BY", "EVENT"], rows.collect()));
            let trail = entries.iter().map(|entry| {
                json!({
                    "seq": entry.seq, "at": entry.at, "by": entry.actor, "event": entry.event,
                    "detail": entry.detail,
                })
            });
            json["trail"] = trail.collect();
        }
        Ok(Report::new(text, &json))
    }
}

/// What the person handed in, and what each plan would change.
async fn personal(staff: &Staff, view: &RequestView) -> Result<Value, Failure> {
    staff.ledger.record_seen(view.id, staff.actor, "submission and plans").await?;
    let submission = staff.ledger.person(view.id).await?.into_inner();
    let mut plans = Vec::new();
    for job in view.jobs.iter().filter(|job| job.plan_hash.is_some()) {
        let (plan, hash) = staff.ledger.job_plan(job.id).await?;
        plans.push(json!({
            "right": job.right, "plan": hash.to_string(), "stores": plan.stores, "detail": plan.detail.into_inner(),
        }));
    }
    Ok(json!({ "submission": submission, "plans": plans }))
}

fn text(context: &Context, view: &RequestView) -> String {
    let mut out = details(context, &facts(view));
    for job in &view.jobs {
        out.push('\n');
        out.push_str(&job_text(context, view, job));
    }
    if !view.papers.is_empty() {
        out.push('\n');
        out.push_str(&paper::listed(context, view.papers.iter()));
    }
    let mails = view.mails.iter().map(|mail| {
        let sent = mail.sent_at.map(moment).unwrap_or_default();
        [mail.kind.clone(), mail.state.as_str().to_owned(), sent, came_back(mail)]
    });
    out.push('\n');
    out.push_str(&table(context, ["MAIL", "STATE", "SENT", "CAME BACK"], mails.collect()));
    out.push_str(&failed(context, view));
    if !view.received.is_empty() {
        out.push('\n');
        out.push_str(&received(context, view));
    }
    out
}

/// What stands above the jobs: one line for each thing that there is to say.
fn facts(view: &RequestView) -> Vec<(&'static str, String)> {
    let waits: Vec<&str> = view.waits_for.iter().map(|wait| wait.as_str()).collect();
    let mut pairs = vec![
        ("request", format!("{} ({})", view.reference, view.id)),
        ("state", view.state.as_str().to_owned()),
        ("waits for", if waits.is_empty() { "nothing".to_owned() } else { waits.join(", ") }),
        ("identity", identity(view)),
        ("law", view.regime.clone()),
        ("received", format!("{} by {}", moment(view.received_at), view.channel.as_str())),
        ("answer by", answer_by(view)),
    ];
    if let Some(day) = view.acknowledge_by {
        pairs.push((
            "confirm by",
            match view.acknowledged_at {
                Some(at) => format!("{day} that it arrived; confirmed {}", moment(at)),
                None => format!(
                    "{day} that it arrived; the receipt or the mail that asks for proof does, or request acknowledge"
                ),
            },
        ));
    }
    if let Some(sender) = view.sender() {
        pairs.push(("sender", format!("{sender} (of the mail that asked; never a proof)")));
    }
    if let Some(reason) = &view.review_reason {
        pairs.push(("review", reason.clone()));
    }
    for finding in &view.findings {
        pairs.push(("finding", format!("{}: {}", review::place(finding), review::standing(finding))));
    }
    if let Some(agent) = view.agent {
        let mandate = if view.mandate_reused { ", whose mandate was used for somebody else" } else { "" };
        pairs.push(("agent", format!("{agent}{mandate}{}", part_of_agent(view))));
    }
    for sign in &view.signs {
        pairs.push((
            "look out",
            format!("{}, somebody guessed at: {}", moment(sign.at), sign.guessed.as_str()),
        ));
    }
    if let Some(guardian) = view.guardian {
        pairs.push(("child", format!("guardian {}", guardian.as_str())));
    }
    if let Some(at) = view.disputed_at {
        let how = if view.dispute_settled_at.is_some() { "upheld" } else { "to be settled" };
        pairs.push(("disputed", format!("{}, {how}", moment(at))));
    }
    for one in &view.unreadable {
        pairs.push(("not readable", format!("table {}, row {}, column {}", one.table, one.row, one.column)));
    }
    if let Some(earlier) = view.duplicate_of {
        pairs.push(("repeats", earlier.to_string()));
    }
    pairs
}

/// What a report said about a mail, such as `5.1.1` or `late (4.4.1)`.
fn came_back(mail: &MailView) -> String {
    mail.undelivered.as_ref().map_or_else(String::new, |report| {
        let status = report.status.as_deref();
        match (report.for_good, status) {
            (true, status) => status.unwrap_or("yes").to_owned(),
            (false, Some(status)) => format!("late ({status})"),
            (false, None) => "late".to_owned(),
        }
    })
}

/// What failed of its work other than tasks, such as finding its keys: why it waits, and what ops put back.
fn failed(context: &Context, view: &RequestView) -> String {
    let failed = view.work.iter().filter_map(|work| {
        let fault = work.fault.as_ref()?;
        let what = format!("{}: {}", fault.code, fault.detail);
        Some([work.id.to_string(), work.kind.to_string(), work.state.as_str().to_owned(), what])
    });
    let rows: Vec<_> = failed.collect();
    if rows.is_empty() {
        return String::new();
    }
    format!("\n{}", table(context, ["FAILED", "KIND", "STATE", "FAULT"], rows))
}

/// The mails that came in about it. Who wrote one is said by its `From`, which can say anything.
fn received(context: &Context, view: &RequestView) -> String {
    let rows = view.received.iter().map(|mail| {
        let verdict = mail.verdict.map_or_else(String::new, |verdict| verdict.to_string());
        let by = match mail.written_by {
            Some(Writer::Subject) => "its address",
            Some(Writer::Other) => "ANOTHER ADDRESS",
            None => "",
        };
        [
            mail.id.to_string(),
            moment(mail.received_at),
            super::super::mail::shown::state(mail),
            verdict,
            by.to_owned(),
            mail.authentication.map_or_else(String::new, |found| found.to_string()),
        ]
    });
    table(context, ["CAME IN", "AT", "STATE", "TAKEN TO BE", "FROM", "SENDER"], rows.collect())
}

fn answer_by(view: &RequestView) -> String {
    let earlier = view.alert_on.map(|day| format!(" (be done by {day}: the law can be read so)"));
    format!("{}{}", view.due_on, earlier.unwrap_or_default())
}

fn identity(view: &RequestView) -> String {
    let standing = match (view.verified_at, view.more_proof) {
        (Some(at), _) => format!("proven at {}", moment(at)),
        (None, true) => "needs more: see habeas request evidence".to_owned(),
        (None, false) => "not proven".to_owned(),
    };
    format!("{standing} (level {})", view.level.as_str())
}

fn job_text(context: &Context, view: &RequestView, job: &JobView) -> String {
    let status = job.outcome.map_or_else(|| job.state.as_str(), |outcome| outcome.as_str());
    let mut out = format!("{}: {status}\n", job.right);
    if let (Some(until), None) = (job.grace_until, job.started_at) {
        let _ = writeln!(out, "  can be stopped until {}", moment(until));
    }
    for hold in &job.holds {
        let _ = writeln!(out, "  held: a legal hold stands in its way: habeas hold show {hold}");
    }
    let awaits_staff = job.waits_for.iter().any(|wait| wait.as_str() == "staff-approval");
    if let (true, Some(hash)) = (awaits_staff, job.plan_hash) {
        let hash = hash.to_string();
        let short = hash.get(..12).unwrap_or(&hash);
        let _ = writeln!(
            out,
            "  approve with: habeas request approve {} --right {} --plan {short}",
            view.reference, job.right
        );
    }
    if !job.tasks.is_empty() {
        let rows = job.tasks.iter().map(|task| {
            let fault = task.fault.as_ref().map(|fault| fault.code.clone()).unwrap_or_default();
            [
                task.store.to_string(),
                task.kind.to_string(),
                task.state.as_str().to_owned(),
                task.rows.map(|rows| rows.to_string()).unwrap_or_default(),
                task.due_at.map(moment).unwrap_or_default(),
                fault,
            ]
        });
        out.push_str(&table(context, ["STORE", "KIND", "STATE", "ROWS", "DUE", "FAULT"], rows.collect()));
    }
    out
}

/// What the agent's part in it is now.
const fn part_of_agent(view: &RequestView) -> &'static str {
    if view.agent_ended_at.is_some() {
        ", without a part in it any more"
    } else if view.agent_stopped_at.is_some() {
        ", who was barred: stopped"
    } else if view.agent_waits {
        ", who has yet to show that their address is theirs"
    } else if view.agent_receives_at.is_some() {
        ", who may have the results"
    } else {
        ""
    }
}
