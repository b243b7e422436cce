//! A connection on which changes are made. Whoever waits for a change may give it up at any moment; the server would go on,
//! with its locks on people's rows.

use std::time::Duration;

use sqlx::{Pool, Transaction, pool::PoolConnection};
use tokio::{runtime::Handle, time::timeout};

use crate::dialect::{Dialect, Limits};

/// The longest to try to cancel what was cut off. Its own time limits end it on the server in any case.
const CANCELLING: Duration = Duration::from_secs(10);

/// A connection of the pool that does not go back there when it is dropped in the middle of a change: it is closed, and what the
/// server still does for it is cancelled.
pub(super) struct Session<D: Dialect> {
    pool: Pool<D::Db>,
    connection: Option<PoolConnection<D::Db>>,
    /// The server was asked and has not said yet what it calls the connection.
    is_opening: bool,
    id: Option<i64>,
}

impl<D: Dialect> Session<D> {
    pub(super) async fn open(pool: &Pool<D::Db>) -> Result<Self, sqlx::Error> {
        let connection = Some(pool.acquire().await?);
        let mut session = Self { pool: pool.clone(), connection, is_opening: true, id: None };
        if let Some(connection) = session.connection.as_mut() {
            session.id = D::session(connection).await?;
        }
        session.is_opening = false;
        Ok(session)
    }

    pub(super) async fn begin(&mut self, limits: &Limits) -> Result<Transaction<'_, D::Db>, sqlx::Error> {
        let connection = self.connection.as_mut().ok_or(sqlx::Error::PoolClosed)?;
        D::begin(connection, limits).await
    }

    /// The change came to its end, one way or the other. A connection that cannot go back to the limits for reads is closed.
    pub(super) async fn end(mut self, limits: &Limits) {
        let Some(connection) = self.connection.as_mut() else { return };
        if D::after(connection, limits).await.is_ok() {
            self.id = None;
        }
    }
}

impl<D: Dialect> Drop for Session<D> {
    fn drop(&mut self) {
        if !self.is_opening && self.id.is_none() {
            return;
        }
        // Not to be waited for: an answer may be minutes away.
        drop(self.connection.take().map(PoolConnection::detach));
        let Some(id) = self.id else { return };
        let Ok(runtime) = Handle::try_current() else { return };
        let pool = self.pool.clone();
        runtime.spawn(async move {
            let cancelled = timeout(CANCELLING, D::cancel(&pool, id)).await;
            if !matches!(cancelled, Ok(Ok(()))) {
                tracing::warn!(
                    driver = D::DRIVER,
                    "a change was given up that the database may still be working on, until its own time limit"
                );
            }
        });
    }
}
