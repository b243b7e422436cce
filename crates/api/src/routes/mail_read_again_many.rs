use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use habeas_ledger::{ManyMails, ReceivedMailFilter};
use utoipa::ToSchema;

use super::mail_which::{BY, ManyMailsDone, a_kind, to_many};
use crate::{
    caller::{Approving, Caller},
    fields::{Fields, FromFields},
    problem::Problem,
    problem_docs::{OfBody, OfChange, Usual},
    read_json::Body,
    schemas,
    state::Api,
};

/// Which mails are read again.
pub(crate) struct ReadManyAgain {
    filter: ReceivedMailFilter,
    dry_run: bool,
}

/// Which parked mails are read again: by `verdict` or `reason_holds`, or both.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read into `ReadManyAgain`")]
pub(crate) struct ReadManyAgainBody {
    /// Only mails in this state: `parked`, which is the only one that fits.
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
    #[schema(max_length = 200, required = false, example = "it was given up after")]
    reason_holds: Option<String>,
    /// Only count.
    #[schema(required = false)]
    dry_run: bool,
}

impl FromFields for ReadManyAgain {
    const KNOWN: &'static [&'static str] = &[BY[0], BY[1], BY[2], BY[3], BY[4], "dry_run"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let filter = a_kind(fields);
        let dry_run = fields.flag("dry_run");
        Some(Self { filter: filter?, dry_run: dry_run? })
    }
}

/// Have parked mails read again, all of one reason at once
///
/// By the rules as they are now, as if they had just come. Mails that were left where they are have no copy here, and are
/// left out. Up to 500 at a time, the oldest first.
#[utoipa::path(
    post, path = "/v1/mails/read-again", tag = "mails", operation_id = "read_mails_again",
    request_body(content = ReadManyAgainBody, example = json!({ "reason_holds": "it was given up after" })),
    responses((status = 200, description = "How far it came.", body = ManyMailsDone), Usual, OfBody, OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn read_mails_again(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Body(body): Body<ReadManyAgain>,
) -> Result<Json<ManyMailsDone>, Problem> {
    let ledger = &api.ports.ledger;
    Ok(Json(to_many(ledger, ManyMails::ReadAgain, &body.filter, caller.actor(), body.dry_run).await?))
}
