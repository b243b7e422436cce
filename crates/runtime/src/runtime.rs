use std::{sync::Arc, time::Duration};

use habeas_domain::WorkerId;
use habeas_ledger::Ledger;
use habeas_queue::{Queue, QueueError, QueueName, declare_at_start};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    HousekeeperOptions, LaneOptions, Worker, housekeeper::Housekeeper, lane::Lane, reconciler::Reconciler,
    relay::Relay, rescuer::Rescuer, supervise::supervised,
};

/// Why a runtime could not start.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// A queue was refused.
    #[error("the queues could not be declared")]
    Queue(#[from] QueueError),
}

/// How the parts of a runtime that are not lanes behave.
#[derive(Debug, Clone, Copy)]
pub struct RuntimeOptions {
    /// Between two rounds of the reconciler, the sweep and the rescuer.
    pub reconcile_every: Duration,
    /// How long due work is left to its own announcement.
    pub reconcile_grace: Duration,
    /// Between two rounds of the housekeeper.
    pub housekeep_every: Duration,
    /// What the housekeeper does.
    pub housekeeper: HousekeeperOptions,
    /// How long a drain waits for running groups before it hands them back.
    pub grace: Duration,
}

impl Default for RuntimeOptions {
    fn default() -> Self {
        Self {
            reconcile_every: Duration::from_secs(1),
            reconcile_grace: Duration::from_secs(3),
            housekeep_every: Duration::from_secs(30),
            housekeeper: HousekeeperOptions::default(),
            grace: Duration::from_secs(25),
        }
    }
}

/// The workers of one process, and what keeps them going.
pub struct Runtime {
    ledger: Ledger,
    queue: Arc<dyn Queue>,
    options: RuntimeOptions,
    lanes: Vec<(LaneOptions, Arc<dyn Worker>)>,
    queues: Vec<String>,
    keeps_house: bool,
}

impl Runtime {
    /// A runtime without workers: it publishes what this process commits.
    pub fn new(ledger: Ledger, queue: Arc<dyn Queue>, options: RuntimeOptions) -> Self {
        Self { ledger, queue, options, lanes: Vec::new(), queues: Vec::new(), keeps_house: false }
    }

    /// Makes sure that these queues exist.
    #[must_use]
    pub fn declaring(mut self, queues: impl IntoIterator<Item = String>) -> Self {
        self.queues.extend(queues);
        self
    }

    /// Has `worker` work on a queue.
    #[must_use]
    pub fn working(mut self, lane: LaneOptions, worker: Arc<dyn Worker>) -> Self {
        self.lanes.push((lane, worker));
        self
    }

    /// Also reconciles, sweeps the outbox and watches the dates. Any number of processes may.
    #[must_use]
    pub fn keeping_house(mut self) -> Self {
        self.keeps_house = true;
        self
    }

    /// Runs until `drain` is cancelled and what was running has ended or was handed back. A broker that is away at the
    /// start is waited for.
    ///
    /// # Errors
    /// [`RuntimeError`] when a queue can never be declared as it should be.
    pub async fn run(self, drain: CancellationToken) -> Result<(), RuntimeError> {
        let mut names: Vec<QueueName> = Vec::new();
        for queue in self.queues.iter().chain(self.lanes.iter().map(|(lane, _)| &lane.queue)) {
            names.push(QueueName::new(queue.clone())?);
        }
        names.sort();
        names.dedup();
        // The legal dates go on, whether the broker is there or not.
        let ended = CancellationToken::new();
        let mut house = self.start_house(&ended);
        let declared = tokio::select! {
            () = drain.cancelled() => Ok(()),
            declared = declare_at_start(self.queue.as_ref(), &names) => declared,
        };
        if declared.is_ok() && !drain.is_cancelled() {
            self.work(&drain).await;
        }
        ended.cancel();
        join(&mut house).await;
        Ok(declared?)
    }

    /// Works until `drain` is cancelled and what was running has ended or was handed back.
    async fn work(&self, drain: &CancellationToken) {
        let abort = CancellationToken::new();
        // The relay is there before the lanes and outlives them: what they commit is published, while draining too.
        let lanes_done = CancellationToken::new();
        let mut keepers = self.start_keepers(&lanes_done);
        let mut lanes = self.start_lanes(drain, &abort);

        drain.cancelled().await;
        if tokio::time::timeout(self.options.grace, join(&mut lanes)).await.is_err() {
            tracing::warn!("the grace is over; running work is handed back");
            abort.cancel();
            join(&mut lanes).await;
        }
        lanes_done.cancel();
        join(&mut keepers).await;
    }

    /// The lanes, and the rescuer that finds work for them.
    fn start_lanes(&self, drain: &CancellationToken, abort: &CancellationToken) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        let mut rescuer = Rescuer::new(self.ledger.clone());
        for (options, worker) in &self.lanes {
            let found = rescuer.serve(&options.queue);
            for _ in 0..options.parallel.max(1) {
                let lane = Lane {
                    ledger: self.ledger.clone(),
                    queue: Arc::clone(&self.queue),
                    worker: Arc::clone(worker),
                    id: self.ledger.ids().fresh::<WorkerId>(),
                    options: options.clone(),
                    found: found.clone(),
                    drain: drain.clone(),
                    abort: abort.clone(),
                };
                tasks.spawn(lane.run());
            }
        }
        let (every, stop) = (self.options.reconcile_every, drain.clone());
        tasks.spawn(supervised("rescuer", move || rescuer.clone().run(every, stop.clone())));
        tasks
    }

    /// What happens by the clock alone.
    fn start_house(&self, stop: &CancellationToken) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        if self.keeps_house {
            let (options, ledger, stop) = (self.options, self.ledger.clone(), stop.clone());
            tasks.spawn(supervised("housekeeper", move || {
                let housekeeper = Housekeeper { ledger: ledger.clone(), options: options.housekeeper };
                keep_house(housekeeper, options.housekeep_every, stop.clone())
            }));
        }
        tasks
    }

    fn start_keepers(&self, stop: &CancellationToken) -> JoinSet<()> {
        let (mut tasks, options) = (JoinSet::new(), self.options);
        let (ledger, stop) = (self.ledger.clone(), stop.clone());
        let relay = Relay { ledger: ledger.clone(), queue: Arc::clone(&self.queue), drain: stop.clone() };
        // Listening begins now. What is committed while a relay begins anew stays in the outbox, for the sweep.
        let mut committed = Some(ledger.announcements());
        let (publishing, heard) = (relay.clone(), ledger.clone());
        tasks.spawn(supervised("relay", move || {
            publishing.clone().run(committed.take().unwrap_or_else(|| heard.announcements()))
        }));
        if self.keeps_house {
            tasks.spawn(supervised("reconciler", move || {
                let queue = Arc::clone(&relay.queue);
                let reconciler = Reconciler::new(ledger.clone(), queue, options.reconcile_grace);
                reconcile(reconciler, relay.clone(), options.reconcile_every, stop.clone())
            }));
        }
        tasks
    }
}

async fn reconcile(mut reconciler: Reconciler, relay: Relay, every: Duration, stop: CancellationToken) {
    while tick(every, &stop).await {
        if let Err(error) = reconciler.round().await {
            tracing::warn!(error = %error, "a round of the reconciler failed");
        }
        if let Err(error) = relay.sweep().await {
            tracing::warn!(error = %error, "a sweep of the outbox failed");
        }
    }
}

async fn keep_house(housekeeper: Housekeeper, every: Duration, stop: CancellationToken) {
    loop {
        housekeeper.round().await;
        if !tick(every, &stop).await {
            return;
        }
    }
}

/// Waits; false when it is time to stop.
pub(crate) async fn tick(every: Duration, stop: &CancellationToken) -> bool {
    tokio::select! {
        () = stop.cancelled() => false,
        () = tokio::time::sleep(every) => true,
    }
}

async fn join(tasks: &mut JoinSet<()>) {
    while let Some(result) = tasks.join_next().await {
        if let Err(error) = result {
            tracing::error!(error = %error, "a part of the runtime panicked");
        }
    }
}
