//! All parts of one process, put together.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use habeas_api::{Metrics, Part, Ports, WriteMetrics};
use habeas_config::{Config, Role};
use habeas_domain::{Links, Regimes};
use habeas_fulfilment::{FileRoom, Fulfilment, WholeHolds};
use habeas_intake::{IntakeOptions, QueueIntake, Reception};
use habeas_ledger::Ledger;
use habeas_notification::{MailOptions, MailWorker, Renderer, Sender};
use habeas_queue::{Queue, QueueName};
use habeas_runtime::supervised;
use habeas_verification::{
    ChallengeWorker, Challenges, Desk, Guardians, LinksAgain, LookUpWorker, PaperDesk, on_file::Files,
};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{
    http,
    janitor::Janitor,
    measure,
    ports::{
        AnewDoor, ApiDoor, AuditWitness, GuardianDoor, MailDesk, MailDoor, PaperDoor, QueueDeadLetters,
        QueuePart, Restored, StatePart, StoreContacts, StoreKeys,
    },
};
use crate::{
    assembly::{self, Mailboxes, Settled, Workers},
    context::Context,
    failure::{Exit, Failure},
    pages::{PersonDesk, Renewals, SealedPackages},
    staff::{Extensions, LinkDesk},
};

/// All parts of one process, put together and not yet running.
pub(crate) struct Daemon {
    context: Context,
    config: Config,
    ledger: Ledger,
    queue: Arc<dyn Queue>,
    queues: Vec<QueueName>,
    regimes: Arc<Regimes>,
    reception: Reception,
    fulfilment: Fulfilment,
    challenges: Challenges,
    /// Unless another process reads them.
    mailboxes: Option<Mailboxes>,
    listener: TcpListener,
    /// For this machine's own network alone.
    internal: Option<TcpListener>,
    address: SocketAddr,
    base_url: String,
}

impl Daemon {
    /// Opens everything that the configuration names. Fails before anything runs.
    pub(crate) async fn assemble(context: &Context, config: Config) -> Result<Self, Failure> {
        let Settled { registry, regimes } = assembly::settled(context, &config)?;
        for one in assembly::unprovable(&config, &regimes, &registry) {
            tracing::warn!(fix = one.fix, "{}", one.message);
        }
        let stores = assembly::connect_stores(context, &registry)?;
        let queues = assembly::queue_names(registry.stores())?;
        let regimes = Arc::new(regimes);
        let ledger = assembly::found_state(context, &config).await?;
        let queue = assembly::open_queue(&config)?;
        let objects = assembly::open_objects(&config)?;
        let reception =
            assembly::reception(context, &config, &ledger, &regimes, Some(assembly::correctable(&registry)))?;
        let listener = http::listen(config.http.listen, "http.listen").await?;
        let internal = match config.http.internal_listen {
            Some(address) => Some(http::listen(address, "http.internal_listen").await?),
            None => None,
        };
        let address =
            listener.local_addr().map_err(|error| Failure::of(Exit::Unavailable, "http", &error))?;
        let base_url = config.http.base_url_on(address);
        let links = assembly::links(&base_url)?;
        let fulfilment = assembly::fulfilment(
            &config,
            &ledger,
            (registry, stores),
            objects,
            Arc::clone(&regimes),
            links.clone(),
        );
        let mailboxes = if config.workers.roles.contains(&Role::Mailbox) {
            let door = Arc::new(MailDoor(reception.clone()));
            Some(Mailboxes::new(&config, &ledger, &fulfilment.registry, door)?)
        } else {
            None
        };
        let challenges = Challenges::new(
            ledger.vault().clone(),
            Arc::clone(&context.clock),
            links,
            assembly::verification_options(&config),
        );
        let context = context.clone();
        Ok(Self {
            context,
            config,
            ledger,
            queue,
            queues,
            regimes,
            reception,
            fulfilment,
            challenges,
            mailboxes,
            listener,
            internal,
            address,
            base_url,
        })
    }

    /// The state database.
    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What it listens on.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where people and programs reach it.
    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Runs until `drain` is cancelled and what was running has ended or was handed back.
    pub(crate) async fn run(mut self, drain: CancellationToken) -> Result<(), Failure> {
        let roles = self.config.workers.roles.clone();
        let handle = measure::recorder()?;
        measure::begin(&self.config);
        let write: WriteMetrics = {
            let handle = handle.clone();
            Arc::new(move || handle.render())
        };
        let routes = self.routes(&write)?;
        let inner_routes = http::of_health(self.parts(), Metrics::Open(write));
        let stopped = CancellationToken::new();
        self.keep_measuring(handle, &stopped);
        let mut helpers = self.helpers(&roles, &drain);
        let runtime = assembly::runtime(&self.config, &self.ledger, &self.queue, self.workers()?);
        let intake = intake(&roles, self.queue_intake(), drain.clone());
        let working = async {
            let (worked, taken) = tokio::join!(taking_along(&drain, runtime.run(drain.clone())), intake);
            drain.cancel();
            worked.map_err(|error| Failure::of(Exit::Unavailable, "queue", &error)).and(taken)
        };
        let words: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
        tracing::info!(address = %self.address, base_url = %self.base_url, roles = words.join(","), "serving");
        let serving = http::run(self.listener, routes, &self.config, drain.clone());
        let inside = async {
            match self.internal {
                Some(listener) => http::run(listener, inner_routes, &self.config, drain.clone()).await,
                None => Ok(()),
            }
        };
        let (worked, served, told) =
            tokio::join!(working, taking_along(&drain, serving), taking_along(&drain, inside));
        end(&mut helpers, Duration::from_secs(self.config.workers.drain_seconds.get().into())).await;
        stopped.cancel();
        self.queue.close().await;
        tracing::info!("drained");
        worked.and(served).and(told)
    }

    fn keep_measuring(&self, handle: PrometheusHandle, stop: &CancellationToken) {
        let (ledger, queue) = (self.ledger.clone(), Arc::clone(&self.queue));
        let (queues, stop) = (self.queues.clone(), stop.clone());
        let mailboxes: Vec<_> = self.config.mailboxes().iter().map(assembly::mailbox_place).collect();
        tokio::spawn(supervised("measuring", move || {
            let (ledger, queue) = (ledger.clone(), Arc::clone(&queue));
            let (handle, mailboxes) = (handle.clone(), mailboxes.clone());
            measure::keep_fresh(handle, ledger, queue, queues.clone(), mailboxes, stop.clone())
        }));
    }

    /// What runs beside the workers until `drain`.
    fn helpers(&mut self, roles: &[Role], drain: &CancellationToken) -> JoinSet<()> {
        let mut helpers = JoinSet::new();
        if roles.contains(&Role::Housekeeping) {
            let objects = self.fulfilment.objects.clone();
            let janitor = Janitor::new(&self.config, self.ledger.clone(), objects);
            let drain = drain.clone();
            let (holds, ends) = (WholeHolds::new(self.ledger.clone(), self.file_room()), drain.clone());
            helpers.spawn(supervised("janitor", move || janitor.clone().run(drain.clone())));
            helpers.spawn(supervised("whole holds", move || holds.clone().run(ends.clone())));
        }
        if let Some(mailboxes) = self.mailboxes.take() {
            mailboxes.start(&mut helpers, drain);
        }
        helpers
    }

    fn queue_intake(&self) -> QueueIntake {
        let section = self.config.workers.intake;
        let size = |number: std::num::NonZeroU32| usize::try_from(number.get()).unwrap_or(usize::MAX);
        let options = IntakeOptions {
            group: size(section.group),
            parallel: size(section.parallel),
            ..IntakeOptions::default()
        };
        QueueIntake::new(self.ledger.clone(), self.reception.clone(), Arc::clone(&self.queue), options)
    }

    fn workers(&self) -> Result<Workers, Failure> {
        let renderer = Renderer::new().map_err(|error| Failure::of(Exit::Unavailable, "mail", &error))?;
        let transport = assembly::mail_route(&self.config)?.transport();
        let options = MailOptions {
            controller_name: assembly::controller_name(&self.config),
            contact_email: assembly::contact(&self.config),
            support: None,
            notice_version: self.config.controller.notice_version.clone(),
            base_url: self.base_url.clone(),
            from: Sender {
                name: self.config.mail.from_name.clone(),
                address: self.config.mail.from_address.clone(),
            },
            parallel: usize::try_from(self.config.mail.connections.get()).unwrap_or(1),
            plus_addresses: self.config.mail.plus_addresses,
            null_sender: self.config.mail.null_sender,
        };
        let regimes = Arc::clone(&self.regimes);
        Ok(Workers {
            challenge: ChallengeWorker::new(self.ledger.clone(), self.challenges.clone()),
            look_up: LookUpWorker::new(
                self.ledger.clone(),
                self.challenges.clone(),
                self.files(),
                Arc::new(AnewDoor(self.reception.clone())),
            ),
            mail: MailWorker::new(self.ledger.clone(), regimes, renderer, transport, options),
            fulfilment: self.fulfilment.clone(),
        })
    }

    fn parts(&self) -> Vec<Arc<dyn Part>> {
        let queue = QueuePart::new(Arc::clone(&self.queue), self.queues.clone());
        vec![Arc::new(StatePart(self.ledger.clone())), Arc::new(queue)]
    }

    fn routes(&self, write: &WriteMetrics) -> Result<Router, Failure> {
        let metrics = match &self.internal {
            Some(_) => Metrics::Elsewhere,
            None => Metrics::ToHolders(Arc::clone(write), self.ledger.clone()),
        };
        let health = http::of_health(self.parts(), metrics);
        if !self.config.workers.roles.contains(&Role::Api) {
            return Ok(health);
        }
        Ok(health.merge(http::of_api(self.ports()?)).merge(self.pages()?))
    }

    fn ports(&self) -> Result<Ports, Failure> {
        let clock = Arc::clone(&self.context.clock);
        Ok(Ports {
            ledger: self.ledger.clone(),
            regimes: Arc::clone(&self.regimes),
            taken: Arc::new(assembly::taken(&self.config, &self.regimes)),
            receive: Arc::new(ApiDoor(self.reception.clone())),
            extend: Arc::new(Extensions::new(Arc::clone(&self.regimes), assembly::calendars()?, clock)),
            accept_mail: Arc::new(MailDesk {
                ledger: self.ledger.clone(),
                reception: self.reception.clone(),
            }),
            witness: Arc::new(AuditWitness(self.ledger.clone())),
            contacts: Arc::new(StoreContacts(self.files())),
            further_keys: Arc::new(StoreKeys(self.file_room())),
            papers: Arc::new(PaperDoor(self.papers())),
            guardians: Arc::new(GuardianDoor(Guardians::new(
                self.ledger.clone(),
                self.challenges.clone(),
                Arc::clone(&self.regimes),
                Arc::new(assembly::calendars()?),
            ))),
            mail_again: Arc::new(LinkDesk {
                ledger: self.ledger.clone(),
                links: LinksAgain::new(self.ledger.clone(), self.challenges.clone()),
                renewals: self.renewals()?,
            }),
            keys: self.fulfilment.registry.keys().map(|rules| rules.name.clone()).collect(),
            dead_letters: Arc::new(QueueDeadLetters {
                queue: Arc::clone(&self.queue),
                names: self.queues.clone(),
            }),
            restored: Arc::new(Restored::new(self.fulfilment.clone())),
        })
    }

    /// The stores, as who looks for somebody's keys sees them.
    fn file_room(&self) -> FileRoom {
        FileRoom::new(Arc::clone(&self.fulfilment.registry), self.fulfilment.stores.clone())
    }

    fn papers(&self) -> PaperDesk {
        PaperDesk::new(self.ledger.clone(), self.challenges.clone(), assembly::paper_options(&self.config))
    }

    fn files(&self) -> Arc<dyn Files> {
        let Fulfilment { registry, stores, .. } = &self.fulfilment;
        assembly::files(&self.config, &self.ledger, (Arc::clone(registry), stores.clone()))
    }

    fn renewals(&self) -> Result<Renewals, Failure> {
        let links: Links = assembly::links(&self.base_url)?;
        Ok(Renewals::new(self.ledger.clone(), links, &self.config.packages))
    }

    fn pages(&self) -> Result<Router, Failure> {
        let renewals = self.renewals()?;
        let files = self.files();
        let ways = assembly::ways(&self.config, &self.ledger, &files)?;
        let desk = Desk::new(self.ledger.clone(), self.challenges.clone())
            .with_ways(ways)
            .with_staff_judging(assembly::judged_by_staff(&self.config, &self.fulfilment.registry))
            .looking_up(true)
            .with_renewals(Arc::new(self.renewals()?));
        let packages = SealedPackages::new(self.ledger.clone(), self.fulfilment.objects.clone());
        let desk = PersonDesk::new(self.ledger.clone(), desk, self.papers(), renewals, packages.clone());
        http::of_pages(&self.config, Arc::new(desk), Arc::new(packages))
    }
}

/// Waits for what runs beside the workers, but not longer than a drain may take: what it has not stored is not lost.
async fn end(helpers: &mut JoinSet<()>, grace: Duration) {
    let all = async { while helpers.join_next().await.is_some() {} };
    if tokio::time::timeout(grace, all).await.is_err() {
        tracing::warn!(parts = helpers.len(), "parts that did not end in time are cut short");
        helpers.shutdown().await;
    }
}

/// Takes submissions from the public queue, if that is a role of this process.
async fn intake(roles: &[Role], intake: QueueIntake, drain: CancellationToken) -> Result<(), Failure> {
    if !roles.contains(&Role::Intake) {
        return Ok(());
    }
    Ok(taking_along(&drain, intake.run(drain.clone())).await?)
}

/// A part that could not even start takes the others along: a process that does half its work in silence is worse than
/// one that is started again.
async fn taking_along<T, E>(
    drain: &CancellationToken,
    part: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let ended = part.await;
    if ended.is_err() {
        drain.cancel();
    }
    ended
}
