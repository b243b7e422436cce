//! A few connections, kept open and used again.

use std::{fmt, sync::Mutex, sync::PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::{options::Checked, session::Session};
use crate::transport::{Stage, TransportError};

/// At most `connections` sessions at once, idle ones included.
pub(super) struct Pool {
    options: Checked,
    free: Semaphore,
    idle: Mutex<Vec<Session>>,
}

/// A session out of the pool. Dropping it closes its connection and frees its place.
pub(super) struct Lent<'a> {
    session: Session,
    _place: SemaphorePermit<'a>,
}

impl std::ops::Deref for Lent<'_> {
    type Target = Session;
    fn deref(&self) -> &Session {
        &self.session
    }
}

impl std::ops::DerefMut for Lent<'_> {
    fn deref_mut(&mut self) -> &mut Session {
        &mut self.session
    }
}

impl Pool {
    pub(super) fn new(options: Checked) -> Self {
        Self { free: Semaphore::new(options.connections), idle: Mutex::default(), options }
    }

    /// An idle session that still answers, or else a new one.
    pub(super) async fn take(&self) -> Result<Lent<'_>, TransportError> {
        let place = self.place().await?;
        while let Some(mut session) = self.pop() {
            if session.is_alive().await {
                return Ok(Lent { session, _place: place });
            }
        }
        Ok(Lent { session: Session::open(&self.options).await?, _place: place })
    }

    /// Keeps a session that is between two mails.
    pub(super) fn give_back(&self, lent: Lent<'_>) {
        self.lock().push(lent.session);
    }

    /// Waits for a place as long as all limits of one mail together: longer, and nothing is moving.
    async fn place(&self) -> Result<SemaphorePermit<'_>, TransportError> {
        let limits = self.options.limits;
        let limit = limits.connect * 2 + limits.command * 5 + limits.content;
        match tokio::time::timeout(limit, self.free.acquire()).await {
            Ok(Ok(place)) => Ok(place),
            _ => Err(TransportError::Timeout { stage: Stage::Queue, limit }),
        }
    }

    fn pop(&self) -> Option<Session> {
        self.lock().pop()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Session>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("host", &self.options.host)
            .field("port", &self.options.port)
            .finish_non_exhaustive()
    }
}
