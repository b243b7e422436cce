//! One queue: what waits, what is held by consumers, and what was given up.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use crate::{DeadLetter, Message, PublishError, QueueName};

/// A queue in memory.
pub(super) struct Line {
    pub(super) name: QueueName,
    /// Woken whenever a waiting consumer may find something: a message, room in its prefetch, or the end.
    pub(super) changed: Notify,
    capacity: Option<usize>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// By place in the queue, so that what is given back returns to its old place.
    waiting: BTreeMap<u64, Entry>,
    /// By ticket. A ticket names one delivery, so that a late decision on an earlier delivery finds nothing.
    held: BTreeMap<u64, Held>,
    dead: VecDeque<Dead>,
    last_place: u64,
    last_ticket: u64,
    last_consumer: u64,
    closed: bool,
}

struct Entry {
    message: Message,
    deliveries: u32,
}

struct Held {
    consumer: u64,
    place: u64,
    entry: Entry,
}

struct Dead {
    message: Message,
    reason: String,
}

/// A message on its way to a consumer.
pub(super) struct Taken {
    pub(super) ticket: u64,
    pub(super) message: Message,
    pub(super) attempts: u32,
}

/// What a consumer finds.
pub(super) enum Found {
    /// As many as there are, as allowed; none when it has to wait.
    Some(Vec<Taken>),
    /// The queue was closed.
    Closed,
}

impl Line {
    pub(super) fn new(name: QueueName, capacity: Option<usize>) -> Self {
        Self { name, changed: Notify::new(), capacity, state: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, message: Message) -> Result<(), PublishError> {
        let mut state = self.lock();
        if self.capacity.is_some_and(|capacity| state.waiting.len() + state.held.len() >= capacity) {
            return Err(PublishError::Refused);
        }
        state.append(message);
        drop(state);
        self.changed.notify_waiters();
        Ok(())
    }

    /// A new consumer's number.
    pub(super) fn enter(&self) -> u64 {
        let mut state = self.lock();
        state.last_consumer += 1;
        state.last_consumer
    }

    /// A consumer is gone: what it held goes back.
    pub(super) fn leave(&self, consumer: u64) {
        let mut state = self.lock();
        for held in state.held.extract_if(.., |_, held| held.consumer == consumer).collect::<Vec<_>>() {
            state.give_back(held.1);
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// Hand out up to `max`, while the consumer holds fewer than `prefetch`.
    pub(super) fn take(&self, consumer: u64, prefetch: usize, max: usize) -> Found {
        let mut state = self.lock();
        if state.closed {
            return Found::Closed;
        }
        let held = state.held.values().filter(|held| held.consumer == consumer).count();
        let room = prefetch.saturating_sub(held).min(max);
        let mut taken = Vec::new();
        while taken.len() < room
            && let Some(next) = state.hand_out(consumer)
        {
            taken.push(next);
        }
        Found::Some(taken)
    }

    /// Forget a delivery. False when the ticket is no longer valid.
    pub(super) fn ack(&self, ticket: u64) -> bool {
        let known = self.lock().held.remove(&ticket).is_some();
        self.changed.notify_waiters();
        known
    }

    /// Put a delivery back in its old place. False when the ticket is no longer valid.
    pub(super) fn requeue(&self, ticket: u64) -> bool {
        let mut state = self.lock();
        let held = state.held.remove(&ticket);
        let known = held.is_some();
        if let Some(held) = held {
            state.give_back(held);
        }
        drop(state);
        self.changed.notify_waiters();
        known
    }

    /// Move a delivery to the dead letters. False when the ticket is no longer valid.
    pub(super) fn bury(&self, ticket: u64, message: Message, reason: String) -> bool {
        let mut state = self.lock();
        let known = state.held.remove(&ticket).is_some();
        if known {
            state.dead.push_back(Dead { message, reason });
        }
        drop(state);
        self.changed.notify_waiters();
        known
    }

    pub(super) fn depth(&self) -> u64 {
        self.lock().waiting.len() as u64
    }

    pub(super) fn dead_depth(&self) -> u64 {
        self.lock().dead.len() as u64
    }

    pub(super) fn dead_letters(&self, limit: usize) -> Vec<DeadLetter> {
        let state = self.lock();
        state.dead.iter().take(limit).map(Dead::listed).collect()
    }

    pub(super) fn revive(&self, limit: usize) -> u64 {
        let mut state = self.lock();
        let count = limit.min(state.dead.len());
        for dead in state.dead.drain(..count).collect::<Vec<_>>() {
            state.append(dead.message);
        }
        drop(state);
        self.changed.notify_waiters();
        count as u64
    }

    pub(super) fn purge(&self) -> u64 {
        std::mem::take(&mut self.lock().dead).len() as u64
    }

    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        while let Some((_, held)) = state.held.pop_first() {
            state.give_back(held);
        }
        drop(state);
        self.changed.notify_waiters();
    }
}

impl State {
    fn append(&mut self, message: Message) {
        self.last_place += 1;
        self.waiting.insert(self.last_place, Entry { message, deliveries: 0 });
    }

    fn give_back(&mut self, held: Held) {
        self.waiting.insert(held.place, held.entry);
    }

    fn hand_out(&mut self, consumer: u64) -> Option<Taken> {
        let (place, mut entry) = self.waiting.pop_first()?;
        entry.deliveries = entry.deliveries.saturating_add(1);
        self.last_ticket += 1;
        let taken =
            Taken { ticket: self.last_ticket, message: entry.message.clone(), attempts: entry.deliveries };
        self.held.insert(self.last_ticket, Held { consumer, place, entry });
        Some(taken)
    }
}

impl Dead {
    fn listed(&self) -> DeadLetter {
        DeadLetter {
            id: self.message.id.clone(),
            reason: self.reason.clone(),
            bytes: self.message.body.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Line {
        Line::new(QueueName::new("line").unwrap(), None)
    }

    fn taken(line: &Line, consumer: u64) -> Vec<Taken> {
        match line.take(consumer, 10, 10) {
            Found::Some(taken) => taken,
            Found::Closed => panic!("closed"),
        }
    }

    #[test]
    fn what_is_given_back_returns_to_its_old_place() {
        let line = line();
        for id in ["1", "2", "3"] {
            line.push(Message::new(id, "")).unwrap();
        }
        let first = taken(&line, 1);
        assert!(line.requeue(first[1].ticket) && line.requeue(first[0].ticket));
        let again: Vec<_> = taken(&line, 2).into_iter().map(|t| (t.message.id, t.attempts)).collect();
        assert_eq!(again, [("1".to_owned(), 2), ("2".to_owned(), 2)]);
    }

    #[test]
    fn a_decision_on_an_earlier_delivery_finds_nothing() {
        let line = line();
        line.push(Message::new("1", "")).unwrap();
        let early = taken(&line, 1).remove(0).ticket;
        line.leave(1);
        let late = taken(&line, 2).remove(0).ticket;
        assert!(
            !line.ack(early) && !line.requeue(early) && !line.bury(early, Message::default(), String::new())
        );
        assert!(line.ack(late));
    }

    #[test]
    fn a_full_line_declines() {
        let line = Line::new(QueueName::new("full").unwrap(), Some(1));
        line.push(Message::new("1", "")).unwrap();
        assert!(matches!(line.push(Message::new("2", "")), Err(PublishError::Refused)));
        let held = taken(&line, 1).remove(0).ticket;
        assert!(line.push(Message::new("2", "")).is_err(), "what is held still counts");
        assert!(line.ack(held) && line.push(Message::new("2", "")).is_ok());
    }
}
