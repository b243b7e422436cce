//! A state database, a reception and a queue for one test.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use chrono::{DateTime, Utc};
use habeas_domain::{Calendars, Ids, ManualClock, Regime, RegimeId, Regimes, SystemClock, SystemEntropy};
use habeas_intake::{IntakeOptions, QueueIntake, Reception, ReceptionOptions};
use habeas_ledger::{Ledger, LedgerOptions, Outgoing};
use habeas_messages::queues;
use habeas_queue::{
    DeadLetter, EmbeddedOptions, EmbeddedQueue, Message, Queue, QueueName, RabbitOptions, RabbitQueue,
};
use habeas_test_support::{shared, state, wait};
use habeas_vault::{CodeCost, CodeOptions, KeyRing, Vault};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::Value;
use tokio::{sync::mpsc::Receiver, task::JoinSet};
use tokio_util::sync::CancellationToken;

/// Longer than anything that is expected to happen.
pub(crate) const SOON: Duration = Duration::from_mins(1);

/// Where publishers of these tests wait for their answers.
pub(crate) const ANSWERS: &str = "crm.answers";

#[derive(Clone, Copy, Debug)]
pub(crate) enum State {
    Sqlite,
    Postgres,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Broker {
    Embedded,
    Rabbit,
}

/// What must outlive the test.
struct Keep {
    _folder: tempfile::TempDir,
    _database: Option<shared::TestDatabase>,
    _vhost: Option<shared::TestVhost>,
}

pub(crate) struct Bed {
    pub(crate) ledger: Ledger,
    pub(crate) reception: Reception,
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) db: DatabaseConnection,
    pub(crate) drain: CancellationToken,
    running: JoinSet<()>,
    _keep: Keep,
}

/// The moment at which these tests play.
pub(crate) fn today() -> DateTime<Utc> {
    "2026-11-20T09:30:00Z".parse().unwrap()
}

pub(crate) fn options() -> ReceptionOptions {
    ReceptionOptions::new(RegimeId::new("eu_gdpr").unwrap())
}

pub(crate) fn reception(ledger: &Ledger, options: ReceptionOptions) -> Reception {
    let (regimes, calendars) = (Regimes::builtin().unwrap(), Calendars::builtin().unwrap());
    Reception::new(ledger.clone(), &regimes, &calendars, options).unwrap()
}

fn vault() -> Vault {
    let cost = CodeCost { memory_kib: 8, passes: 1, lanes: 1 };
    let codes = CodeOptions { cost, ..CodeOptions::default() };
    Vault::new(&KeyRing::generate(&SystemEntropy, &SystemClock), Arc::new(SystemEntropy), codes).unwrap()
}

impl Bed {
    pub(crate) async fn new(state: State, broker: Broker) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let database = match state {
            State::Sqlite => None,
            State::Postgres => Some(state::postgres().await?),
        };
        let url = match &database {
            Some(database) => database.url.clone(),
            None => state::sqlite(folder.path()).await?,
        };
        let db = LedgerOptions::new(url).open().await?;
        let ids = Ids::new(Arc::new(ManualClock::new(today())), Arc::new(SystemEntropy));
        let ledger = Ledger::new(db.clone(), vault(), ids);
        let (queue, vhost) = open(broker).await?;
        let ours = queues::all([]).into_iter().chain([ANSWERS.to_owned()]);
        queue.declare(&ours.map(|queue| name(&queue)).collect::<Vec<_>>()).await?;
        Ok(Self {
            reception: reception(&ledger, options()),
            ledger,
            queue,
            db,
            drain: CancellationToken::new(),
            running: JoinSet::new(),
            _keep: Keep { _folder: folder, _database: database, _vhost: vhost },
        })
    }

    /// Starts taking submissions, and publishing what is committed.
    pub(crate) fn start(&mut self) {
        // Subscribed before anything is committed.
        self.running.spawn(relay(self.ledger.announcements(), Arc::clone(&self.queue), self.drain.clone()));
        let intake = QueueIntake::new(
            self.ledger.clone(),
            self.reception.clone(),
            Arc::clone(&self.queue),
            IntakeOptions { pause: Duration::from_millis(20), ..IntakeOptions::default() },
        );
        let drain = self.drain.clone();
        self.running.spawn(async move { intake.run(drain).await.unwrap() });
    }

    /// From now on the law of this name is known too; a running intake does not notice.
    pub(crate) fn add_regime(&mut self, id: &str) {
        let mut regimes = Regimes::builtin().unwrap();
        let like = regimes.get(&RegimeId::new("eu_gdpr").unwrap()).unwrap().clone();
        regimes.add(Regime { id: RegimeId::new(id).unwrap(), ..like });
        let calendars = Calendars::builtin().unwrap();
        self.reception = Reception::new(self.ledger.clone(), &regimes, &calendars, options()).unwrap();
    }

    /// Starts again after a stop.
    pub(crate) fn start_again(&mut self) {
        self.drain = CancellationToken::new();
        self.start();
    }

    /// Drains, and waits until everything has stopped.
    pub(crate) async fn stop(&mut self) -> Result<()> {
        self.drain.cancel();
        while let Some(ended) = tokio::time::timeout(SOON, self.running.join_next()).await? {
            ended?;
        }
        Ok(())
    }

    /// Publishes to the public queue; every message must be confirmed.
    pub(crate) async fn publish(&self, messages: impl IntoIterator<Item = Message>) -> Result<()> {
        let intake = name(queues::INTAKE);
        let messages = messages.into_iter().map(|message| (intake.clone(), message)).collect();
        for published in self.queue.publish(messages).await {
            published?;
        }
        Ok(())
    }

    /// The next `count` answers: their correlation and their content.
    pub(crate) async fn answers(&self, count: usize) -> Result<Vec<(String, Value)>> {
        let mut consumer = self.queue.consume(&name(ANSWERS), 200).await?;
        let mut answers = Vec::new();
        while answers.len() < count {
            let next = consumer.next_group(count - answers.len(), Duration::ZERO);
            let got = format!("{} of {count} answers came", answers.len());
            for delivery in tokio::time::timeout(SOON, next).await.context(got)?.context("closed")? {
                let message = delivery.message.clone();
                answers.push((
                    message.correlation_id.unwrap_or_default(),
                    serde_json::from_slice(&message.body)?,
                ));
                delivery.ack().await?;
            }
        }
        Ok(answers)
    }

    /// The dead letters of the public queue, once there are `count`.
    pub(crate) async fn dead_letters(&self, count: usize) -> Result<Vec<DeadLetter>> {
        let intake = name(queues::INTAKE);
        wait::value(format!("{count} dead letters"), SOON, || async {
            let letters = self.queue.dead_letters(&intake, 1_000).await.ok()?;
            (letters.len() >= count).then_some(letters)
        })
        .await
    }

    pub(crate) async fn requests_become(&self, count: i64) -> Result<()> {
        wait::until(format!("{count} requests"), SOON, || async {
            self.count("request").await.ok() == Some(count)
        })
        .await
    }

    /// Nothing waits in the public queue and nothing is held unsettled: a new consumer sees nothing.
    pub(crate) async fn public_queue_is_empty(&self) -> Result<()> {
        let intake = name(queues::INTAKE);
        wait::until("an empty intake queue", SOON, || async {
            self.queue.depth(&intake).await.is_ok_and(|depth| depth == 0)
        })
        .await
    }

    pub(crate) async fn count(&self, table: &str) -> Result<i64> {
        let row = self.db.query_one_raw(self.sql(&format!("SELECT COUNT(*) AS n FROM {table}"))).await?;
        Ok(row.context("no count")?.try_get("", "n")?)
    }

    /// The values of a text column, without repeats.
    pub(crate) async fn texts(&self, sql: &str) -> Result<BTreeSet<String>> {
        let rows = self.db.query_all_raw(self.sql(sql)).await?;
        Ok(rows.iter().map(|row| row.try_get_by_index::<String>(0)).collect::<Result<_, _>>()?)
    }

    fn sql(&self, sql: &str) -> Statement {
        Statement::from_string(self.db.get_database_backend(), sql)
    }
}

/// Publishes what is committed, as the relay of a process does.
async fn relay(mut committed: Receiver<Outgoing>, queue: Arc<dyn Queue>, drain: CancellationToken) {
    loop {
        let mut batch = Vec::new();
        tokio::select! {
            () = drain.cancelled(), if committed.is_empty() => return,
            _received = committed.recv_many(&mut batch, 500) => {}
        }
        let messages = batch.into_iter().map(|outgoing| {
            let mut message = Message::json(outgoing.id.to_string(), outgoing.body);
            message.correlation_id = outgoing.correlation;
            (name(&outgoing.queue), message)
        });
        for published in queue.publish(messages.collect()).await {
            published.unwrap();
        }
    }
}

/// Both back ends take more here than the intake does, so that its own limit is met.
async fn open(broker: Broker) -> Result<(Arc<dyn Queue>, Option<shared::TestVhost>)> {
    const LARGEST: usize = 4 * 1024 * 1024;
    match broker {
        Broker::Embedded => {
            let options = EmbeddedOptions { max_message_bytes: LARGEST, ..EmbeddedOptions::default() };
            Ok((Arc::new(EmbeddedQueue::new(options)), None))
        }
        Broker::Rabbit => {
            let vhost = shared::amqp_vhost().await?;
            let mut options = RabbitOptions::new(&vhost.url)?;
            options.max_message_bytes = LARGEST;
            Ok((Arc::new(RabbitQueue::new(options)), Some(vhost)))
        }
    }
}

pub(crate) fn name(name: &str) -> QueueName {
    QueueName::new(name).unwrap()
}
