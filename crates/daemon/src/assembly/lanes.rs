//! The workers of this process and how hard they work.

use std::{sync::Arc, time::Duration};

use habeas_config::{Config, Lane, Role};
use habeas_domain::WorkKind;
use habeas_fulfilment::{ConcludeWorker, Fulfilment, ResolveWorker, TaskWorker};
use habeas_ledger::Ledger;
use habeas_messages::queues;
use habeas_notification::MailWorker;
use habeas_queue::Queue;
use habeas_runtime::{HousekeeperOptions, LaneOptions, RetryPolicy, Runtime, RuntimeOptions, Worker};
use habeas_verification::{ChallengeWorker, LookUpWorker};

use super::all_queues;

/// The workers, made and not yet running.
pub(crate) struct Workers {
    /// Makes challenges.
    pub(crate) challenge: ChallengeWorker,
    /// Looks up in the stores what nobody waits for.
    pub(crate) look_up: LookUpWorker,
    /// Sends mails.
    pub(crate) mail: MailWorker,
    /// Resolves, runs tasks, concludes.
    pub(crate) fulfilment: Fulfilment,
}

/// A runtime with the workers of these roles.
pub(crate) fn runtime(config: &Config, ledger: &Ledger, queue: &Arc<dyn Queue>, workers: Workers) -> Runtime {
    let section = &config.workers;
    let has = |role: Role| section.roles.contains(&role);
    let kind = |kind: WorkKind| queues::for_work(kind, None);
    let mut runtime = Runtime::new(ledger.clone(), Arc::clone(queue), options(config))
        .declaring(all_queues(workers.fulfilment.registry.stores()));
    if has(Role::Verification) {
        // Looking up asks the stores as a resolve does.
        runtime = runtime
            .working(lane(kind(WorkKind::Challenge), &section.challenge), Arc::new(workers.challenge))
            .working(lane(kind(WorkKind::LookUp), &section.resolve), Arc::new(workers.look_up));
    }
    if has(Role::Notification) {
        runtime = runtime.working(lane(kind(WorkKind::Mail), &section.mail), Arc::new(workers.mail));
    }
    if has(Role::Fulfilment) {
        runtime = fulfilling(runtime, config, &workers.fulfilment);
    }
    if has(Role::Housekeeping) { runtime.keeping_house() } else { runtime }
}

fn fulfilling(runtime: Runtime, config: &Config, fulfilment: &Fulfilment) -> Runtime {
    let section = &config.workers;
    let resolve: Arc<dyn Worker> = Arc::new(ResolveWorker::new(fulfilment.clone()));
    let conclude: Arc<dyn Worker> = Arc::new(ConcludeWorker::new(fulfilment.clone()));
    let mut runtime = runtime
        .working(lane(queues::for_work(WorkKind::Resolve, None), &section.resolve), resolve)
        .working(lane(queues::for_work(WorkKind::Conclude, None), &section.conclude), conclude);
    for manifest in fulfilment.registry.manifests() {
        let mut lane = lane(queues::for_store(&manifest.store), &section.task);
        lane.group = lane.group.min(manifest.limits.group_size);
        let worker = TaskWorker::new(fulfilment.clone(), manifest.store.clone());
        runtime = runtime.working(lane, Arc::new(worker));
    }
    runtime
}

fn options(config: &Config) -> RuntimeOptions {
    let seconds = |number: std::num::NonZeroU32| Duration::from_secs(number.get().into());
    RuntimeOptions {
        reconcile_every: seconds(config.workers.reconcile_seconds),
        grace: seconds(config.workers.drain_seconds),
        housekeeper: HousekeeperOptions {
            alert_ahead: Duration::from_hours(config.requests.alert_ahead_hours.get().into()),
            confirm_within: Duration::from_hours(24 * u64::from(config.requests.lapse_after_days.get())),
            ..HousekeeperOptions::default()
        },
        ..RuntimeOptions::default()
    }
}

fn lane(queue: String, section: &Lane) -> LaneOptions {
    let seconds = |number: std::num::NonZeroU32| Duration::from_secs(number.get().into());
    let size = |number: std::num::NonZeroU32| usize::try_from(number.get()).unwrap_or(usize::MAX);
    LaneOptions {
        group: size(section.group),
        parallel: size(section.parallel),
        lease: section.lease(),
        retry: RetryPolicy {
            first: seconds(section.retry_first_seconds),
            longest: seconds(section.retry_longest_seconds),
            attempts: section.attempts.get(),
            ..RetryPolicy::default()
        },
        ..LaneOptions::new(queue)
    }
}
