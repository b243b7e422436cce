use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    caller::{Caller, Operating},
    fields::{Fields, FromFields},
    ports::DeadLetter,
    problem::{FieldError, Problem},
    problem_docs::{OfQuery, Usual},
    query::Asked,
    state::Api,
};

/// Which dead letters.
pub(crate) struct Wanted {
    queue: Option<QueueText>,
    limit: u64,
}

impl FromFields for Wanted {
    const KNOWN: &'static [&'static str] = &["queue", "limit"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let queue = fields.optional("queue");
        Some(Self { queue, limit: fields.number("limit", 1..=500, 100)? })
    }
}

/// The name of one of our queues.
pub(crate) struct QueueText(pub(crate) String);

impl std::str::FromStr for QueueText {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fit = text.starts_with("habeas.")
            && text.len() <= 100
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c));
        if fit { Ok(Self(text.to_owned())) } else { Err("name a queue, such as habeas.intake") }
    }
}

impl QueueText {
    /// A name that is well formed and wrong would look like a queue without dead letters.
    pub(crate) fn is_one_of(&self, api: &Api) -> Result<(), Problem> {
        let known = api.ports.dead_letters.queues();
        if known.contains(&self.0) {
            return Ok(());
        }
        Err(Problem::invalid(vec![FieldError {
            field: "queue".to_owned(),
            code: "unknown-value",
            message: format!("there is no such queue; known: {}", known.join(", ")),
        }]))
    }
}

/// A message that no worker could read, without its content.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeadLetter)]
pub(crate) struct DeadLetterJson {
    /// Its id, as its publisher chose it; may be empty.
    id: String,
    /// On which queue it arrived.
    #[schema(example = "habeas.intake")]
    queue: String,
    /// Why it was given up.
    #[schema(example = "not readable: v: a value of the wrong type or form")]
    reason: String,
    /// Size of its content in bytes.
    bytes: u64,
}

impl From<DeadLetter> for DeadLetterJson {
    fn from(letter: DeadLetter) -> Self {
        Self { id: letter.id, queue: letter.queue, reason: letter.reason, bytes: letter.bytes }
    }
}

/// List dead letters
///
/// Messages that no worker could read, oldest first, with the reason and without the content.
#[utoipa::path(
    get, path = "/v1/dead-letters", tag = "work", operation_id = "list_dead_letters",
    params(
        ("queue" = Option<String>, Query, description = "Only of this queue.", example = "habeas.intake"),
        ("limit" = Option<u64>, Query, minimum = 1, maximum = 500, description = "How many; 100 if not said.")),
    responses((status = 200, description = "The oldest of them.", body = Vec<DeadLetterJson>), Usual, OfQuery),
    security(("token" = ["operate"]))
)]
pub(crate) async fn list_dead_letters(
    _caller: Caller<Operating>,
    State(api): State<Api>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Vec<DeadLetterJson>>, Problem> {
    let limit = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
    wanted.queue.as_ref().map_or(Ok(()), |queue| queue.is_one_of(&api))?;
    let queue = wanted.queue.as_ref().map(|queue| queue.0.as_str());
    let letters = api.ports.dead_letters.list(queue, limit).await?;
    Ok(Json(letters.into_iter().map(Into::into).collect()))
}
