//! One agent who asks for many people: each line is a request of its own, with its own idempotency key and its own
//! answer. A line that is wrong takes none of the others with it.

use habeas_domain::{Actor, BatchId, Channel, EmailAddress, FieldProblem, Personal};
use habeas_ledger::{AcceptRefused, Accepted, LedgerError, NewRequest};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use super::{Reception, door, receive::LIMIT};
use crate::{ReceiveError, measure};

/// How many lines one transaction takes: few, so that other people's requests come in between.
const TOGETHER: usize = 50;

/// What a line may say about the agent; the rest is the batch's.
const OF_LINE: [&str; 4] = ["mandate", "reference", "valid_until", "sha256"];

/// One line of a batch.
#[derive(Debug, Clone)]
pub struct BatchLine {
    /// Its number, for the answer.
    pub number: u64,
    /// The submission as a door takes it, with `key` and what `agent` of the line adds to that of the batch.
    pub value: Personal<Value>,
}

/// What became of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineTaken {
    /// Its number.
    pub number: u64,
    /// The request, or what is wrong with the line.
    pub outcome: Result<Accepted, Vec<FieldProblem>>,
}

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchTaken {
    /// The batch.
    pub id: BatchId,
    /// Its lines, in their order: every one of them.
    pub lines: Vec<LineTaken>,
}

/// The lines that passed the screening, with their places.
type Screened = Vec<(usize, NewRequest)>;

impl Reception {
    /// Takes the lines of the batch that `actor` calls `name`. More lines may be sent under the same name later, and the
    /// same lines again: what was taken before is not taken twice.
    ///
    /// # Errors
    /// What is wrong with the batch as a whole; then no line was taken.
    pub async fn receive_batch(
        &self,
        (name, agent): (&str, &Value),
        lines: Vec<BatchLine>,
        channel: Channel,
        actor: Actor,
    ) -> Result<BatchTaken, ReceiveError> {
        let (agent, email) = whole(name, agent).map_err(ReceiveError::Problems)?;
        let opening = timeout(LIMIT, self.0.ledger.open_batch(name, &email, actor)).await;
        let id = opening.map_err(|_| ReceiveError::TimedOut)??;
        let mut taken: Vec<LineTaken> =
            lines.iter().map(|line| LineTaken { number: line.number, outcome: Err(Vec::new()) }).collect();
        let mut screened: Screened = Vec::new();
        for (place, line) in lines.iter().enumerate() {
            match self.line(id, agent, line, channel, actor) {
                Ok(new) => screened.push((place, new)),
                Err(problems) => set(&mut taken, place, Err(problems)),
            }
        }
        while !screened.is_empty() {
            let group: Screened = screened.drain(..screened.len().min(TOGETHER)).collect();
            self.take(group, &mut taken).await;
        }
        let refused = taken.iter().filter(|line| line.outcome.is_err()).count() as u64;
        if refused > 0 {
            timeout(LIMIT, self.0.ledger.refused_in_batch(id, refused))
                .await
                .map_err(|_| ReceiveError::TimedOut)??;
        }
        for line in &taken {
            measure::outcome(channel, outcome(line));
        }
        Ok(BatchTaken { id, lines: taken })
    }

    fn line(
        &self,
        batch: BatchId,
        agent: &Map<String, Value>,
        line: &BatchLine,
        channel: Channel,
        actor: Actor,
    ) -> Result<NewRequest, Vec<FieldProblem>> {
        let (value, key) = joined(agent, line.value.expose())?;
        if let Some(problem) = key.as_deref().and_then(door::key_problem) {
            return Err(vec![FieldProblem { field: "key".to_owned(), ..problem }]);
        }
        // Without a key of its own the same line is the same request.
        let key = key.unwrap_or_else(|| hex::encode(Sha256::digest(value.to_string())));
        let mut new = self.screen(&value, channel, actor, None)?;
        new.idempotency_key = Some(format!("batch/{batch}/{key}"));
        new.batch = Some(batch);
        Ok(new)
    }

    async fn take(&self, group: Screened, taken: &mut [LineTaken]) {
        let (places, new): (Vec<usize>, Vec<NewRequest>) = group.into_iter().unzip();
        match self.store(new.clone()).await {
            Ok(results) => {
                for (place, result) in places.into_iter().zip(results) {
                    set(taken, place, result.map_err(|refused| vec![of_line(refused)]));
                }
            }
            Err(error) if new.len() == 1 => {
                tracing::warn!(%error, "a line of a batch could not be stored");
                for place in places {
                    set(taken, place, Err(vec![not_stored()]));
                }
            }
            // Nobody knows which of them is at fault: each is tried alone.
            Err(_) => {
                for one in places.into_iter().zip(new) {
                    Box::pin(self.take(vec![one], taken)).await;
                }
            }
        }
    }

    async fn store(
        &self,
        new: Vec<NewRequest>,
    ) -> Result<Vec<Result<Accepted, AcceptRefused>>, ReceiveError> {
        let accepting = timeout(LIMIT, self.0.ledger.accept(new)).await;
        Ok(accepting.map_err(|_| ReceiveError::TimedOut)?.map_err(|error: LedgerError| error)?)
    }
}

fn set(taken: &mut [LineTaken], place: usize, outcome: Result<Accepted, Vec<FieldProblem>>) {
    if let Some(line) = taken.get_mut(place) {
        line.outcome = outcome;
    }
}

fn outcome(line: &LineTaken) -> &'static str {
    match &line.outcome {
        Ok(accepted) if accepted.repeated => "repeated",
        Ok(_) => "accepted",
        Err(_) => "rejected",
    }
}

/// What every line shares.
fn whole<'v>(
    name: &str,
    agent: &'v Value,
) -> Result<(&'v Map<String, Value>, EmailAddress), Vec<FieldProblem>> {
    let mut problems = Vec::new();
    problems
        .extend(door::key_problem(name).map(|problem| FieldProblem { field: "name".to_owned(), ..problem }));
    let object = agent.as_object();
    if object.is_none() {
        problems.push(problem("agent", "required", "say who asks: an object with name, email and mandate"));
    }
    let email = object.map(|agent| agent.get("email").and_then(Value::as_str).unwrap_or_default());
    let email = email.and_then(|text| {
        EmailAddress::parse(text)
            .map_err(|wrong| problems.push(problem("agent.email", wrong.code(), &wrong.to_string())))
            .ok()
    });
    match (object, email) {
        (Some(agent), Some(email)) if problems.is_empty() => Ok((agent, email)),
        _ => Err(problems),
    }
}

/// A line with the agent of its batch, and its key.
fn joined(agent: &Map<String, Value>, line: &Value) -> Result<(Value, Option<String>), Vec<FieldProblem>> {
    let Some(line) = line.as_object() else {
        return Err(vec![problem(
            "submission",
            "wrong-type",
            "write a line as an object, as POST /v1/requests takes it",
        )]);
    };
    let mut agent = agent.clone();
    match line.get("agent") {
        None | Some(Value::Null) => {}
        Some(Value::Object(own)) => {
            if let Some(other) = own.keys().find(|name| !OF_LINE.contains(&name.as_str())) {
                let known = ["name", "email", "organisation"].into_iter().find(|name| name == other);
                let field = known.map_or_else(|| "agent".to_owned(), |name| format!("agent.{name}"));
                let message = "the batch names the agent; a line adds only what is said of the mandate";
                return Err(vec![problem(&field, "not-allowed", message)]);
            }
            agent.extend(own.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        Some(_) => {
            return Err(vec![problem(
                "agent",
                "wrong-type",
                "write an object with what is said of the mandate",
            )]);
        }
    }
    let key = match line.get("key") {
        None | Some(Value::Null) => None,
        Some(Value::String(key)) => Some(key.clone()),
        Some(_) => return Err(vec![problem("key", "wrong-type", "write the key as text")]),
    };
    let mut whole = line.clone();
    whole.remove("key");
    whole.insert("agent".to_owned(), Value::Object(agent));
    Ok((Value::Object(whole), key))
}

fn of_line(refused: AcceptRefused) -> FieldProblem {
    let field = if refused == AcceptRefused::KeyReused { "key" } else { refused.field() };
    problem(field, refused.code(), &refused.to_string())
}

fn not_stored() -> FieldProblem {
    problem("submission", "not-stored", "the line could not be stored now; send it again, which is harmless")
}

fn problem(field: &str, code: &'static str, message: &str) -> FieldProblem {
    FieldProblem { field: field.to_owned(), code, message: message.to_owned() }
}
