use std::collections::{BTreeMap, HashMap, HashSet};

use habeas_messages::IntakeAnswer;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::{
    AcceptRefused, Accepted, Ledger, LedgerError, NewRequest,
    among::among,
    any_of::any_of,
    entity::inbox,
    race::again_after_race,
    unit::{Unit, chunks},
};

/// A submission that came over the public intake queue.
#[derive(Debug, Clone)]
pub struct QueueSubmission {
    /// Which consumer took it: the name of the queue.
    pub consumer: String,
    /// The publisher's id of the message.
    pub message_id: String,
    /// SHA-256 of the message's body. Kept keyed.
    pub body_fingerprint: [u8; 32],
    /// The screened submission, or what is wrong with it, field by field.
    pub new: Result<NewRequest, Vec<Value>>,
    /// Where the publisher wants the answer.
    pub reply_to: Option<String>,
    /// What the publisher wants the answer to carry.
    pub correlation: Option<String>,
}

type Name = (String, String);

impl Ledger {
    /// Takes submissions from the public intake queue, and answers them: inbox, requests and answers are one
    /// transaction for the group, so the messages can be acknowledged afterwards and not before. A repeated message is
    /// answered as it was the first time. The answers are in the order of `group`.
    pub async fn accept_from_queue(
        &self,
        group: Vec<QueueSubmission>,
    ) -> Result<Vec<IntakeAnswer>, LedgerError> {
        again_after_race(|| self.accept_from_queue_once(group.clone())).await
    }

    async fn accept_from_queue_once(
        &self,
        group: Vec<QueueSubmission>,
    ) -> Result<Vec<IntakeAnswer>, LedgerError> {
        let mut unit = self.begin().await?;
        let answers = unit.take(group).await?;
        unit.commit().await?;
        Ok(answers)
    }

    /// A message by its consumer and its id; keyed, since a publisher may have put an address into the id.
    fn message_name(&self, one: &QueueSubmission) -> Name {
        (one.consumer.clone(), self.vault().lookup("message-id", &one.message_id).to_hex())
    }

    /// Keyed, since the hash of a body that can be guessed can be guessed too.
    fn body_lookup(&self, fingerprint: &[u8; 32]) -> Vec<u8> {
        self.vault().lookup("message", &hex::encode(fingerprint)).as_bytes().to_vec()
    }
}

impl Unit<'_> {
    async fn take(&mut self, group: Vec<QueueSubmission>) -> Result<Vec<IntakeAnswer>, LedgerError> {
        let names: Vec<Name> = group.iter().map(|one| self.ledger.message_name(one)).collect();
        let mut known = self.known_messages(&names).await?;
        let mut seen = HashSet::new();
        let fresh =
            group.iter().zip(&names).filter(|(_, name)| !known.contains_key(*name) && seen.insert(*name));
        let (fresh, new): (Vec<Name>, Vec<NewRequest>) =
            fresh.filter_map(|(one, name)| Some((name.clone(), one.new.as_ref().ok()?.clone()))).unzip();
        let mut results: HashMap<Name, _> = fresh.into_iter().zip(self.accept(new).await?).collect();
        let mut answers = Vec::with_capacity(group.len());
        let mut rows = Vec::new();
        for (one, name) in group.into_iter().zip(names) {
            let print = self.ledger.body_lookup(&one.body_fingerprint);
            let answer = match known.get(&name) {
                Some((first, answer)) if *first == print => answer.clone(),
                Some(_) => reused("id"),
                None => {
                    let answer = judged(results.remove(&name), one.new);
                    rows.push(self.inbox_row(&name, &print, &answer));
                    known.insert(name, (print, answer.clone()));
                    answer
                }
            };
            if let Some(queue) = one.reply_to {
                self.answer(queue, answer.encode(), one.correlation);
            }
            answers.push(answer);
        }
        for rows in chunks(rows) {
            inbox::Entity::insert_many(rows).exec_without_returning(&self.tx).await?;
        }
        Ok(answers)
    }

    async fn known_messages(
        &self,
        names: &[Name],
    ) -> Result<HashMap<Name, (Vec<u8>, IntakeAnswer)>, LedgerError> {
        if names.is_empty() {
            return Ok(HashMap::new());
        }
        let mut by_consumer: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (consumer, id) in names {
            by_consumer.entry(consumer).or_default().push(id);
        }
        let any_of_them = any_of(by_consumer.into_iter().map(|(consumer, ids)| {
            Condition::all()
                .add(inbox::Column::Consumer.eq(consumer))
                .add(among(inbox::Column::MessageId, ids))
        }));
        let rows = inbox::Entity::find().filter(any_of_them).all(&self.tx).await?;
        rows.into_iter()
            .map(|row| {
                let answer = serde_json::from_str(&row.answer).map_err(|_| LedgerError::Corrupt {
                    table: "inbox",
                    column: "answer",
                    row: row.consumer.clone(),
                })?;
                Ok(((row.consumer, row.message_id), (row.fingerprint, answer)))
            })
            .collect()
    }

    fn inbox_row(&self, name: &Name, print: &[u8], answer: &IntakeAnswer) -> inbox::ActiveModel {
        inbox::ActiveModel {
            consumer: Set(name.0.clone()),
            message_id: Set(name.1.clone()),
            fingerprint: Set(print.to_vec()),
            answer: Set(answer.encode()),
            received_at: Set(self.stored_now()),
        }
    }
}

fn reused(field: &str) -> IntakeAnswer {
    let message = "this was used for another submission; choose a new one";
    IntakeAnswer::Rejected { problems: vec![json!({ "field": field, "code": "reused", "message": message })] }
}

fn judged(
    result: Option<Result<Accepted, AcceptRefused>>,
    screened: Result<NewRequest, Vec<Value>>,
) -> IntakeAnswer {
    match result {
        Some(Ok(accepted)) => IntakeAnswer::Accepted {
            request: accepted.id,
            reference: accepted.reference,
            due_on: accepted.due_on,
            duplicate_of: accepted.duplicate_of,
        },
        Some(Err(AcceptRefused::KeyReused)) => reused("idempotency_key"),
        Some(Err(refused)) => IntakeAnswer::Rejected {
            problems: vec![
                json!({ "field": refused.field(), "code": refused.code(), "message": refused.to_string() }),
            ],
        },
        None => IntakeAnswer::Rejected { problems: screened.err().unwrap_or_default() },
    }
}
