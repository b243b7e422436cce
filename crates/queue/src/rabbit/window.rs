//! One confirm window: many messages out, then all their confirms in.

use std::{collections::HashSet, sync::Arc};

use futures::{FutureExt, StreamExt, stream::FuturesUnordered};
use lapin::{
    BasicProperties, Channel, Confirmation, Error, PublisherConfirm, message::BasicReturnMessage,
    options::BasicPublishOptions, types::ShortString,
};
use tokio::time::{Instant, timeout_at};

use crate::PublishError;

use bytes::Bytes;

/// A message ready to be sent through the default exchange.
pub(super) struct Outgoing {
    pub(super) routing_key: ShortString,
    pub(super) properties: BasicProperties,
    pub(super) body: Bytes,
}

/// What became of the window's messages.
pub(super) struct Window {
    pub(super) results: Vec<Result<(), PublishError>>,
    /// Queues that the broker did not find.
    pub(super) unroutable: HashSet<ShortString>,
}

impl Window {
    /// Send all and collect until `deadline`. The channel must be in confirm mode and used by nobody else meanwhile.
    pub(super) async fn run(channel: &Channel, outgoing: &[Outgoing], deadline: Instant) -> Self {
        let mut window = Self {
            results: outgoing.iter().map(|_| Err(PublishError::TimedOut)).collect(),
            unroutable: HashSet::new(),
        };
        let confirms = window.send(channel, outgoing, deadline).await;
        window.collect(confirms, deadline).await;
        window.fail_unroutable(outgoing);
        window
    }

    /// Whether the channel may be used again: everything was answered.
    pub(super) fn is_complete(&self) -> bool {
        !self
            .results
            .iter()
            .any(|result| matches!(result, Err(PublishError::TimedOut | PublishError::Unavailable { .. })))
    }

    async fn send(
        &mut self,
        channel: &Channel,
        outgoing: &[Outgoing],
        deadline: Instant,
    ) -> Vec<(usize, PublisherConfirm)> {
        let mut confirms = Vec::with_capacity(outgoing.len());
        for (index, message) in outgoing.iter().enumerate() {
            match timeout_at(deadline, send_one(channel, message)).await {
                Ok(Ok(confirm)) => confirms.push((index, confirm)),
                Ok(Err(error)) => self.set(index, Err(unavailable(error))),
                Err(_) => break,
            }
        }
        confirms
    }

    async fn collect(&mut self, confirms: Vec<(usize, PublisherConfirm)>, deadline: Instant) {
        let tag = |(index, confirm): (usize, PublisherConfirm)| confirm.map(move |answer| (index, answer));
        let mut waiting: FuturesUnordered<_> = confirms.into_iter().map(tag).collect();
        while let Ok(Some((index, answer))) = timeout_at(deadline, waiting.next()).await {
            self.note(index, answer);
        }
        // A return may hang on a confirm that was answered just now; see `fail_unroutable`.
        while let Some(Some((index, answer))) = waiting.next().now_or_never() {
            self.note(index, answer);
        }
    }

    fn note(&mut self, index: usize, answer: Result<Confirmation, Error>) {
        let (result, returned) = match answer {
            Ok(Confirmation::Ack(returned)) => (Ok(()), returned),
            Ok(Confirmation::Nack(returned)) => (Err(PublishError::Refused), returned),
            Ok(Confirmation::NotRequested) => (Err(PublishError::Refused), None),
            Err(error) => (Err(unavailable(error)), None),
        };
        self.set(index, result);
        self.unroutable.extend(returned.map(|returned: BasicReturnMessage| returned.delivery.routing_key));
    }

    fn set(&mut self, index: usize, result: Result<(), PublishError>) {
        if let Some(place) = self.results.get_mut(index) {
            *place = result;
        }
    }

    /// Fail what was returned, found by its queue and not by the confirm that carried the return: when the broker
    /// confirms several messages with one frame, the client library hangs a return on any one of them. Taking its
    /// word would report a lost message as stored. Every return of this window is on a confirm of this window,
    /// because the window has the channel to itself.
    fn fail_unroutable(&mut self, outgoing: &[Outgoing]) {
        for (result, message) in self.results.iter_mut().zip(outgoing) {
            if self.unroutable.contains(&message.routing_key) {
                *result = Err(PublishError::Unroutable);
            }
        }
    }
}

async fn send_one(channel: &Channel, message: &Outgoing) -> Result<PublisherConfirm, Error> {
    let mandatory = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let (key, properties) = (message.routing_key.clone(), message.properties.clone());
    channel.basic_publish("".into(), key, mandatory, &message.body, properties).await
}

fn unavailable(error: Error) -> PublishError {
    PublishError::Unavailable { source: Arc::new(error) }
}
