//! What ends by the clock: packages, old messages and codes, and the personal data of requests whose retention is over.

use std::time::Duration;

use chrono::TimeDelta;
use habeas_config::Config;
use habeas_fulfilment::Objects;
use habeas_ledger::{Ledger, LedgerError, PurgeBefore};
use tokio_util::sync::CancellationToken;

/// Between two rounds.
const EVERY: Duration = Duration::from_mins(10);

/// How much one transaction takes. A step is repeated until it finds less, however much has come together.
const AT_ONCE: u64 = 500;

/// Messages and codes older than this are of no use to anybody.
const PRUNE_AFTER: TimeDelta = TimeDelta::days(30);

/// Removes what has ended.
#[derive(Clone)]
pub(super) struct Janitor {
    ledger: Ledger,
    objects: Objects,
    erase_after: TimeDelta,
    erase_unproven_after: TimeDelta,
    erase_mails_after: TimeDelta,
    renewable: TimeDelta,
    remembered: TimeDelta,
    changed_contacts: TimeDelta,
    at_once: u64,
}

impl Janitor {
    pub(super) fn new(config: &Config, ledger: Ledger, objects: Objects) -> Self {
        let days = |number: std::num::NonZeroU32| TimeDelta::days(number.get().into());
        let (erase_after, renewable) =
            (days(config.requests.erase_after_days), days(config.packages.renewable_days));
        let erase_unproven_after = days(config.requests.erase_unproven_after_days);
        let remembered = days(config.deletion.remembered_days);
        let erase_mails_after = days(config.requests.erase_other_mails_after_days);
        let at_once = AT_ONCE;
        let changed_contacts = TimeDelta::days(config.verification.changed_contact_days.into());
        Self {
            ledger,
            objects,
            erase_after,
            erase_unproven_after,
            erase_mails_after,
            renewable,
            remembered,
            changed_contacts,
            at_once,
        }
    }

    /// Makes its rounds until `stop`, which cuts one off: what it was at is found again by the next. Any number of
    /// processes may.
    pub(super) async fn run(self, stop: CancellationToken) {
        let rounds = async {
            loop {
                self.round().await;
                tokio::time::sleep(EVERY).await;
            }
        };
        let _cut_off = stop.run_until_cancelled(rounds).await;
    }

    /// One round. Each step stands alone: a row that one of them cannot deal with keeps none of the others from theirs.
    async fn round(&self) {
        told("packages", self.packages().await);
        told("old rows", self.prune().await);
        told("papers", self.papers().await);
        told("requests", self.requests().await);
        told("mails", self.mails().await);
        told("erasures", self.erasures().await);
        told("changed contacts", self.changed_contacts().await);
    }

    async fn prune(&self) -> Result<(), LedgerError> {
        loop {
            let pruned = self.ledger.prune(self.ledger.ids().now() - PRUNE_AFTER, self.at_once).await?;
            let all = [
                ("outbox", pruned.outbox),
                ("inbox", pruned.inbox),
                ("challenges", pruned.challenges),
                ("form-answers", pruned.form_answers),
            ];
            for (kind, removed) in all {
                count(kind, removed);
            }
            if all.iter().all(|(_, removed)| *removed < self.at_once) {
                return Ok(());
            }
        }
    }

    async fn changed_contacts(&self) -> Result<(), LedgerError> {
        let before = self.ledger.ids().now() - self.changed_contacts;
        let prune = || self.ledger.prune_changed_contacts(before, self.at_once);
        while self.may_be_more("changed-contacts", prune().await?) {}
        Ok(())
    }

    async fn papers(&self) -> Result<(), LedgerError> {
        while self.may_be_more("papers", self.ledger.lapse_papers(self.at_once).await?) {}
        Ok(())
    }

    /// What became nothing has a shorter end than what belongs to a request.
    async fn mails(&self) -> Result<(), LedgerError> {
        let before = self.ledger.ids().now() - self.erase_mails_after;
        while self.may_be_more("mails", self.ledger.purge_mails(before, self.at_once).await?) {}
        while self.may_be_more("mails", self.ledger.purge_late_mails(before, self.at_once).await?) {}
        Ok(())
    }

    async fn erasures(&self) -> Result<(), LedgerError> {
        let before = self.ledger.ids().now() - self.remembered;
        while self.may_be_more("erasures", self.ledger.prune_erasures(before, self.at_once).await?) {}
        Ok(())
    }

    /// Counts what one go of a step removed. Whether it took as many as it may at once, and there may be more for it.
    fn may_be_more(&self, kind: &'static str, removed: u64) -> bool {
        count(kind, removed);
        removed >= self.at_once
    }

    async fn requests(&self) -> Result<(), LedgerError> {
        while self.some_requests().await? >= self.at_once {}
        Ok(())
    }

    async fn packages(&self) -> Result<(), LedgerError> {
        while self.some_packages().await? >= self.at_once {}
        Ok(())
    }

    /// The objects first, such as those that a withdrawn job left: once the request is forgotten nobody knows of them.
    async fn some_requests(&self) -> Result<u64, LedgerError> {
        let now = self.ledger.ids().now();
        let before =
            PurgeBefore { proven: now - self.erase_after, unproven: now - self.erase_unproven_after };
        let mut cleared = Vec::new();
        for (request, jobs) in self.ledger.purgeable(before, self.at_once).await? {
            match self.objects.forget_request(request, &jobs).await {
                Ok(()) => cleared.push(request),
                Err(error) => {
                    tracing::warn!(%request, %error, "what a request left could not be destroyed yet");
                }
            }
        }
        let erased = self.ledger.purge(&cleared).await?;
        if erased > 0 {
            tracing::info!(erased, "the personal data of requests were destroyed: their retention is over");
        }
        count("requests", erased);
        Ok(erased)
    }

    /// The object first: a crash in between finds it again, and deleting what is gone is no failure.
    async fn some_packages(&self) -> Result<u64, LedgerError> {
        let before = self.ledger.ids().now() - self.renewable;
        let mut forgotten = 0;
        for package in self.ledger.expired_packages(before, self.at_once).await? {
            if let Err(error) = self.objects.delete(&package.object).await {
                tracing::warn!(package = %package.id, error = %error, "a package could not be destroyed yet");
                continue;
            }
            if self.ledger.forget_package(package.id).await? {
                count("packages", 1);
                forgotten += 1;
            }
        }
        Ok(forgotten)
    }
}

fn told(step: &'static str, done: Result<(), LedgerError>) {
    if let Err(error) = done {
        tracing::warn!(step, error = %error, "a step of the janitor failed; the next round tries again");
    }
}

fn count(kind: &'static str, removed: u64) {
    if removed > 0 {
        metrics::counter!("habeas_housekeeping_total", "kind" => kind).increment(removed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::DateTime;
    use habeas_domain::{Actor, Channel, Ids, ManualClock, RequestId, SeededEntropy, SystemEntropy};
    use habeas_migrations::{Migrator, MigratorTrait as _};
    use habeas_vault::{CodeCost, CodeOptions, KeyRing, Vault};
    use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};
    use serde_json::json;

    use super::*;
    use crate::{
        assembly,
        cli::{ColorChoice, GlobalArgs, OutputFormat},
        context::Context,
    };

    /// A janitor that takes two at once, on an installation in a folder.
    struct House {
        config: Config,
        clock: Arc<ManualClock>,
        db: DatabaseConnection,
        ledger: Ledger,
        _folder: tempfile::TempDir,
    }

    impl House {
        async fn build() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let config = Config { data_dir: folder.path().to_owned(), ..Config::default() };
            let clock = Arc::new(ManualClock::new(DateTime::from_timestamp(1_800_000_000, 0).unwrap()));
            let ring = KeyRing::generate(&SystemEntropy, clock.as_ref());
            let codes = CodeOptions {
                cost: CodeCost { memory_kib: 8, passes: 1, lanes: 1 },
                ..CodeOptions::default()
            };
            let vault = Vault::new(&ring, Arc::new(SystemEntropy), codes).unwrap();
            let db = assembly::ledger_options(&config).open().await.unwrap();
            Migrator::up(&db, None).await.unwrap();
            let ids = Ids::new(clock.clone(), Arc::new(SeededEntropy::new(1)));
            let ledger = Ledger::new(db.clone(), vault, ids);
            Self { config, clock, db, ledger, _folder: folder }
        }

        fn janitor(&self) -> Janitor {
            let objects = assembly::open_objects(&self.config).unwrap();
            Janitor { at_once: 2, ..Janitor::new(&self.config, self.ledger.clone(), objects) }
        }

        /// A request that was taken and withdrawn.
        async fn ended(&self, person: &str) -> RequestId {
            let regimes = Arc::new(assembly::regimes(&self.config).unwrap());
            let global = GlobalArgs { config: None, output: OutputFormat::Json, color: ColorChoice::Never };
            let context = Context::new(&global);
            let reception =
                assembly::reception(&context, &self.config, &self.ledger, &regimes, None).unwrap();
            let asks = json!({ "subject": { "email": person }, "rights": ["access"] });
            let accepted = reception.receive(&asks, Channel::Cli, Actor::System, None).await.unwrap();
            self.ledger.withdraw(accepted.id, Actor::System).await.unwrap();
            accepted.id
        }

        async fn rows(&self, table: &str) -> i64 {
            let sql = format!("SELECT COUNT(*) AS n FROM {table}");
            let row =
                self.db.query_one_raw(Statement::from_string(self.db.get_database_backend(), sql)).await;
            row.unwrap().unwrap().try_get("", "n").unwrap()
        }
    }

    #[tokio::test]
    async fn one_round_forgets_everybody_whose_time_is_over() {
        let house = House::build().await;
        let mut requests = Vec::new();
        for person in ["a@example.com", "b@example.com", "c@example.com", "d@example.com", "e@example.com"] {
            requests.push(house.ended(person).await);
        }
        let janitor = house.janitor();
        janitor.round().await;
        for id in &requests {
            assert!(house.ledger.open_request(*id).await.is_ok(), "too early");
        }
        house.clock.advance(janitor.erase_after + TimeDelta::days(1));
        janitor.round().await;
        for id in &requests {
            assert!(house.ledger.open_request(*id).await.is_err(), "its key is destroyed");
        }
    }

    #[tokio::test]
    async fn one_round_forgets_what_was_erased_and_answered_long_ago() {
        let house = House::build().await;
        for n in 1..=5 {
            let id = format!("X'{n:032x}'");
            let erasure = format!(
                "INSERT INTO erasure (request_id, store, since, erased_at) VALUES ({id}, 'shop', 0, 1)"
            );
            house.db.execute_unprepared(&erasure).await.unwrap();
        }
        assert_eq!(house.rows("erasure").await, 5);
        house.janitor().round().await;
        assert_eq!(house.rows("erasure").await, 0);
    }
}
