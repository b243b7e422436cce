//! A limit of our own on every statement. The database's own limit (`statement_timeout`) is no help once the database,
//! or the network before it, says nothing at all: a connection that is half-open answers never, and is never cut.

use std::{
    future::Future,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult,
    RuntimeErr, Statement, TransactionOptions, TransactionTrait, sqlx,
};
use tokio::time::{Instant, timeout};

/// A connection or transaction, each statement of which ends within a limit, if only as an error.
#[derive(Debug)]
pub(crate) struct Bounded<C> {
    inner: C,
    limit: Duration,
}

impl<C: ConnectionTrait> Bounded<C> {
    pub(crate) const fn new(inner: C, limit: Duration) -> Self {
        Self { inner, limit }
    }

    pub(crate) fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    /// SQLite is a file: no network can fail before it, and its waits have a limit of their own.
    async fn within<T>(&self, call: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        if self.get_database_backend() == DbBackend::Sqlite {
            call.await
        } else {
            within(self.limit, call).await
        }
    }
}

impl Bounded<DatabaseConnection> {
    pub(crate) async fn ping(&self) -> Result<(), DbErr> {
        self.within(self.inner.ping()).await
    }

    pub(crate) async fn begin(
        &self,
        options: TransactionOptions,
    ) -> Result<Bounded<DatabaseTransaction>, DbErr> {
        let inner = self.within(self.inner.begin_with_options(options)).await?;
        Ok(Bounded { inner, limit: self.limit })
    }
}

impl Bounded<DatabaseTransaction> {
    /// An error leaves open whether it was committed, as any lost answer does.
    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        let Self { inner, limit } = self;
        match inner.get_database_backend() {
            DbBackend::Sqlite => inner.commit().await,
            _ => within(limit, inner.commit()).await,
        }
    }
}

async fn within<T>(limit: Duration, call: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
    let under_way = UnderWay(true);
    let silent = || DbErr::Conn(RuntimeErr::Internal("no answer within the limit".to_owned()));
    let answer = timeout(limit, call).await.map_err(|_elapsed| silent())?;
    under_way.ended();
    answer
}

#[async_trait]
impl<C: ConnectionTrait> ConnectionTrait for Bounded<C> {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.within(self.inner.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.within(self.inner.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.within(self.inner.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.within(self.inner.query_all_raw(statement)).await
    }
}

/// How long after a statement was given up connections are looked at more closely.
const DOUBTED_FOR: Duration = Duration::from_secs(30);

/// When this process last gave up a statement in mid-flight.
static GIVEN_UP: Mutex<Option<Instant>> = Mutex::new(None);

/// A statement that has been sent. Dropped before it ended, it leaves its connection in doubt.
struct UnderWay(bool);

impl UnderWay {
    fn ended(mut self) {
        self.0 = false;
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if self.0 {
            *GIVEN_UP.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
    }
}

/// Called for each connection that comes back to its pool. The pool waits without a limit for an answer from it, and
/// would lose its place for ever to a silent one: while there is doubt, whoever does not answer in time is thrown away.
pub(crate) async fn still_answers(
    connection: &mut sqlx::PgConnection,
    limit: Duration,
) -> Result<bool, sqlx::Error> {
    let given_up = *GIVEN_UP.lock().unwrap_or_else(PoisonError::into_inner);
    if given_up.is_some_and(|at| at.elapsed() < DOUBTED_FOR) {
        let ping = sqlx::Connection::ping(connection);
        timeout(limit, ping).await.map_err(|_elapsed| sqlx::Error::PoolTimedOut)??;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn silence_ends_as_an_error_that_a_later_attempt_may_mend() {
        let silent = within(Duration::from_millis(5), std::future::pending::<Result<(), DbErr>>()).await;
        let error = crate::LedgerError::from(silent.unwrap_err());
        assert_eq!(error.retry(), habeas_domain::Retry::Later);
        assert!(GIVEN_UP.lock().unwrap().is_some());
    }
}
