use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use habeas_domain::text::{FreeText, TextRule};
use habeas_ledger::{ManyMails, ReceivedMailFilter};
use utoipa::ToSchema;

use super::mail_which::{BY, ManyMailsDone, a_kind, to_many};
use crate::{
    caller::{Approving, Caller},
    fields::{Fields, FromFields},
    problem::{Problem, ProblemKind},
    problem_docs::{OfBody, OfChange, Usual},
    read_json::Body,
    schemas,
    state::Api,
};

/// Which mails are set aside, and why.
pub(crate) struct DismissMany {
    filter: ReceivedMailFilter,
    reason: String,
    dry_run: bool,
}

/// Which mails are set aside, and why: by `verdict` or `reason_holds`, or both.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read into `DismissMany`")]
pub(crate) struct DismissManyBody {
    /// Only mails in this state, `proposal` or `parked`; both if not said.
    #[schema(inline, required = false)]
    state: Option<schemas::ReceivedMailStateWord>,
    /// Only mails that were taken to be this.
    #[schema(inline, required = false)]
    verdict: Option<schemas::VerdictWord>,
    /// Only mails of this mailbox.
    #[schema(max_length = 63, required = false, example = "privacy")]
    mailbox: Option<String>,
    /// Only mails that reached the company before this.
    #[schema(required = false)]
    before: Option<DateTime<Utc>>,
    /// Only mails whose `reason` holds these words.
    #[schema(max_length = 200, required = false, example = "larger than max_bytes")]
    reason_holds: Option<String>,
    /// For colleagues; kept sealed with each mail, never sent.
    #[schema(max_length = 1000, example = "A mailing list.")]
    reason: String,
    /// Only count.
    #[schema(required = false)]
    dry_run: bool,
}

impl FromFields for DismissMany {
    const KNOWN: &'static [&'static str] = &[BY[0], BY[1], BY[2], BY[3], BY[4], "reason", "dry_run"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let filter = a_kind(fields);
        let reason = fields.required_prose("reason", TextRule::lines(1_000));
        let dry_run = fields.flag("dry_run");
        Some(Self { filter: filter?, reason: reason?, dry_run: dry_run? })
    }
}

/// Set mails aside by what they have in common
///
/// Of those that wait for staff to decide, and that belong to no request: nobody is written to, each is kept until its
/// retention is over and can be taken all the same until then. Up to 500 at a time, the oldest first.
#[utoipa::path(
    post, path = "/v1/mails/dismiss", tag = "mails", operation_id = "dismiss_mails",
    request_body(content = DismissManyBody, example = json!({ "verdict": "list", "before": "2026-04-01T00:00:00Z", "reason": "A mailing list.", "dry_run": true })),
    responses((status = 200, description = "How far it came.", body = ManyMailsDone), Usual, OfBody, OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn dismiss_mails(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Body(body): Body<DismissMany>,
) -> Result<Json<ManyMailsDone>, Problem> {
    let reason = FreeText::parse(&body.reason).map_err(|_| Problem::new(ProblemKind::Invalid))?;
    let what = ManyMails::Dismiss(&reason);
    let ledger = &api.ports.ledger;
    Ok(Json(to_many(ledger, what, &body.filter, caller.actor(), body.dry_run).await?))
}
