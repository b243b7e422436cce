use axum::{Json, extract::State};
use habeas_ledger::{Cursor, ReceivedMailFilter};

use super::mail_which::{BY, which};
use crate::{
    caller::{Caller, Reading},
    fields::{Fields, FromFields},
    json::{page::PageJson, received_mail::ReceivedMailJson},
    problem::Problem,
    problem_docs::{OfQuery, Usual},
    query::Asked,
    schemas,
    state::Api,
};

/// Which mails, and which page of them.
pub(crate) struct Wanted {
    filter: ReceivedMailFilter,
    cursor: Option<Cursor>,
    limit: u64,
}

impl FromFields for Wanted {
    const KNOWN: &'static [&'static str] =
        &[BY[0], BY[1], BY[2], BY[3], "request", "unread", "cursor", "limit"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let filter = ReceivedMailFilter {
            request: fields.optional("request"),
            unread: fields.optional::<bool>("unread").unwrap_or_default(),
            ..which(fields)
        };
        let cursor = fields.optional("cursor");
        Some(Self { filter, cursor, limit: fields.number("limit", 1..=200, 50)? })
    }
}

/// List mails that came in
///
/// Newest first, without personal data. Those in the state `proposal` or `parked` wait for staff to decide, by `due_at`;
/// `unread` ones for staff to read.
#[utoipa::path(
    get, path = "/v1/mails", tag = "mails", operation_id = "list_mails",
    params(
        ("state" = inline(Option<schemas::ReceivedMailStateWord>), Query, description = "Only mails in this state."),
        ("verdict" = inline(Option<schemas::VerdictWord>), Query, description = "Only mails taken to be this."),
        ("mailbox" = Option<String>, Query, description = "Only of this mailbox.", example = "privacy"),
        ("before" = Option<DateTime<Utc>>, Query, description = "Only those that reached the company before this."),
        ("request" = inline(Option<schemas::IdWord>), Query, description = "Only of this request."),
        ("unread" = Option<bool>, Query, description = "Only replies that staff have yet to read."),
        ("cursor" = Option<String>, Query, description = "`next` of the page before."),
        ("limit" = Option<u64>, Query, minimum = 1, maximum = 200, description = "How many; 50 if not said.")),
    responses((status = 200, description = "Some of them.", body = PageJson<ReceivedMailJson>), Usual, OfQuery),
    security(("token" = ["read"]))
)]
pub(crate) async fn list_mails(
    _caller: Caller<Reading>,
    State(api): State<Api>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<PageJson<ReceivedMailJson>>, Problem> {
    let page = api.ports.ledger.list_mails(&wanted.filter, wanted.cursor, wanted.limit).await?;
    Ok(Json(page.into()))
}
