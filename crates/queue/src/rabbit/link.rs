//! One connection to the broker, opened when it is needed and opened again when it is lost.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use lapin::{Connection, ConnectionProperties, Error, tcp::AMQPUriTcpExt};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep_until, timeout},
};

use crate::{QueueError, measure};

use super::{RabbitOptions, call::call};

/// A connection that comes back. Callers that find it lost take turns: one of them tries, with a growing pause
/// between attempts, and the others get what it got.
pub(super) struct Link {
    name: &'static str,
    options: Arc<RabbitOptions>,
    closed: AtomicBool,
    state: Mutex<State>,
}

struct State {
    connection: Option<Arc<Connection>>,
    failures: u32,
    next_attempt: Instant,
    was_connected: bool,
}

impl Link {
    pub(super) fn new(name: &'static str, options: Arc<RabbitOptions>) -> Self {
        let state =
            State { connection: None, failures: 0, next_attempt: Instant::now(), was_connected: false };
        Self { name, options, closed: AtomicBool::new(false), state: Mutex::new(state) }
    }

    /// The live connection; a new one, after one attempt, when there is none.
    pub(super) async fn connection(&self) -> Result<Arc<Connection>, QueueError> {
        let mut state = self.state.lock().await;
        if let Some(connection) = state.live() {
            return Ok(connection);
        }
        sleep_until(state.next_attempt).await;
        if self.closed.load(Ordering::SeqCst) {
            return Err(QueueError::Closed);
        }
        let opened = open(self.name, &self.options).await;
        self.note(&mut state, opened)
    }

    fn note(
        &self,
        state: &mut State,
        opened: Result<Connection, QueueError>,
    ) -> Result<Arc<Connection>, QueueError> {
        match opened {
            Ok(connection) => {
                if std::mem::replace(&mut state.was_connected, true) {
                    measure::reconnected(self.name);
                }
                state.failures = 0;
                state.next_attempt = Instant::now();
                Ok(Arc::clone(state.connection.insert(Arc::new(connection))))
            }
            Err(error) => {
                state.failures = state.failures.saturating_add(1);
                state.next_attempt = Instant::now() + self.options.backoff.random_pause(state.failures);
                Err(error)
            }
        }
    }

    /// A call on this connection was not answered in time: it may be half open, so do not use it again. It is closed in
    /// so many words, because the client library keeps a dropped connection for as long as one of its channels waits
    /// for an answer, and a broker that stays silent for hours would collect them.
    pub(super) async fn discard(&self, connection: &Arc<Connection>) {
        let mut state = self.state.lock().await;
        let Some(given_up) = state.connection.take_if(|current| Arc::ptr_eq(current, connection)) else {
            return;
        };
        tokio::spawn(part_with(given_up, self.options.call_timeout));
    }

    /// Close it for good.
    pub(super) async fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        let closing = async {
            let connection = self.state.lock().await.connection.take();
            let Some(connection) = connection.filter(|connection| connection.status().connected()) else {
                return;
            };
            // It goes away with the process in any case, and under an alarm the broker reads nothing from it: whoever drains
            // would wait for nothing.
            let blocked = connection.status().blocked();
            let parting = tokio::spawn(part_with(connection, self.options.call_timeout));
            if !blocked {
                let _ = parting.await;
            }
        };
        let _ = timeout(self.options.call_timeout, closing).await;
    }
}

/// A connection that cannot even be closed ends with its heartbeat, or with the process.
async fn part_with(connection: Arc<Connection>, limit: Duration) {
    let _ = call("close connection", limit, connection.close(200, "done with".into())).await;
}

impl State {
    fn live(&self) -> Option<Arc<Connection>> {
        self.connection.as_ref().filter(|connection| connection.status().connected()).cloned()
    }
}

/// The client library's own recovery stays off: it leaves confirms silent and does not rebuild a closed channel.
async fn open(name: &str, options: &RabbitOptions) -> Result<Connection, QueueError> {
    let shown = format!("{} {name}", options.connection_name);
    let properties = ConnectionProperties::default().with_connection_name(shown.into());
    let (limit, tls) = (options.connect_timeout, options.tls());
    let runtime = lapin::runtime::default_runtime()
        .map_err(|error| QueueError::Unavailable { source: Arc::new(error) })?;
    let opening = Connection::connector(
        options.uri(),
        runtime,
        // The socket has a limit of its own, since the library's thread outlives an attempt that we gave up.
        async move |uri, runtime| {
            let connecting = uri.connect_with_config_async(tls.as_ref(), &runtime);
            match timeout(limit, connecting).await {
                Ok(stream) => stream.map_err(Error::from),
                Err(elapsed) => Err(Error::from(std::io::Error::from(elapsed))),
            }
        },
        properties,
    );
    call("connect", options.connect_timeout, opening).await
}
