use std::str::FromStr;

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use habeas_ledger::{Cursor, RequestFilter};

use crate::{
    caller::{Caller, Reading},
    fields::{Fields, FromFields},
    json::{page::PageJson, request::RequestJson},
    problem::Problem,
    problem_docs::{OfQuery, Usual},
    query::Asked,
    schemas,
    state::Api,
    words::Reference,
};

/// Which requests, and which page of them.
pub(crate) struct Wanted {
    filter: RequestFilter,
    cursor: Option<Cursor>,
    limit: u64,
}

impl FromFields for Wanted {
    const KNOWN: &'static [&'static str] = &[
        "state",
        "open",
        "disputed",
        "child",
        "paper_to_judge",
        "by_agent",
        "agent",
        "agent_stopped",
        "right",
        "due_before",
        "unacknowledged",
        "reference",
        "cursor",
        "limit",
    ];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let yes = |fields: &mut Fields<'_>, name| fields.optional::<YesNo>(name).is_some_and(|yes| yes.0);
        let filter = RequestFilter {
            state: fields.optional::<StateWord>("state").map(|state| state.0),
            open: yes(fields, "open"),
            disputed: yes(fields, "disputed"),
            child: yes(fields, "child"),
            paper_to_judge: yes(fields, "paper_to_judge"),
            by_agent: yes(fields, "by_agent"),
            agent: fields.optional("agent"),
            agent_stopped: yes(fields, "agent_stopped"),
            right: fields.optional("right"),
            due_before: fields.optional::<Moment>("due_before").map(|moment| moment.0),
            unacknowledged: yes(fields, "unacknowledged"),
            reference: fields.optional::<Reference>("reference").map(|reference| reference.0),
            email: None,
        };
        let cursor = fields.optional("cursor");
        Some(Self { filter, cursor, limit: fields.number("limit", 1..=200, 50)? })
    }
}

/// A state of a request, with the words in its problem.
struct StateWord(habeas_domain::RequestState);

impl FromStr for StateWord {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| {
            let all = habeas_domain::RequestState::ALL.map(habeas_domain::RequestState::as_str);
            format!("use one of: {}", all.join(", "))
        })
    }
}

/// `true` or `false`.
struct YesNo(bool);

impl FromStr for YesNo {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| "use true or false")
    }
}

/// A moment of RFC 3339.
struct Moment(DateTime<Utc>);

impl FromStr for Moment {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        DateTime::parse_from_rfc3339(text)
            .map(|moment| Self(moment.with_timezone(&Utc)))
            .map_err(|_| "write a moment of RFC 3339, such as 2026-11-20T00:00:00Z")
    }
}

/// List requests
///
/// Newest first. To find a person's requests by their address, see `find_requests`: addresses do not belong in URLs.
#[utoipa::path(
    get, path = "/v1/requests", tag = "requests", operation_id = "list_requests",
    params(
        ("state" = inline(Option<schemas::RequestStateWord>), Query, description = "Only those in this state."),
        ("open" = Option<bool>, Query, description = "Only those that are not closed."),
        ("disputed" = Option<bool>, Query,
            description = "Only those with an objection that staff have yet to settle, closed ones too."),
        ("child" = Option<bool>, Query, description = "Only those about children."),
        ("paper_to_judge" = Option<bool>, Query,
            description = "Only those with a paper that waits for staff to judge it."),
        ("by_agent" = Option<bool>, Query, description = "Only those that an agent handed in for somebody."),
        ("agent" = inline(Option<schemas::IdWord>), Query, description = "Only those of this agent."),
        ("agent_stopped" = Option<bool>, Query,
            description = "Only open ones that were stopped because their agent was barred."),
        ("right" = inline(Option<schemas::RightWord>), Query, description = "Only those that claim this right."),
        ("due_before" = Option<String>, Query, 
            description = "Only open ones whose last day ends before this moment, as the law can be read at its strictest.",
            example = "2026-12-01T00:00:00Z"),
        ("unacknowledged" = Option<bool>, Query,
            description = "Only open ones of which the receipt is not confirmed yet, where the law sets a day for that."),
        ("reference" = Option<String>, Query, description = "Only those that people call by this.",
            example = "HB-7K3M-9QTX"),
        ("cursor" = Option<String>, Query, description = "`next` of the page before."),
        ("limit" = Option<u64>, Query, minimum = 1, maximum = 200, description = "How many; 50 if not said.")),
    responses((status = 200, description = "Some of them.", body = PageJson<RequestJson>), Usual, OfQuery),
    security(("token" = ["read"]))
)]
pub(crate) async fn list_requests(
    _caller: Caller<Reading>,
    State(api): State<Api>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<PageJson<RequestJson>>, Problem> {
    let page = api.ports.ledger.list_requests(&wanted.filter, wanted.cursor, wanted.limit).await?;
    Ok(Json(page.into()))
}
