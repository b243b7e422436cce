//! Erasing again, in a store that was restored from a backup, whoever was erased since the backup was made.
//!
//! Of erased people only keyed hashes are known. So every row is looked at, a page at a time: whose key is among the hashes
//! is resolved within the store, erased by the rules of the manifest as it is now, and proven gone like the first time. A
//! run may be cut off anywhere and begun again, and two at once do nothing twice.

mod page;
mod settle;
mod standing;

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, Utc};
use habeas_connector_api::Scan;
use habeas_domain::{Actor, CollectionName, RequestId, StoreName, schema::CollectionSchema};
use habeas_ledger::{LedgerError, RUN_LEASE, ReErased, ReErasing};

use crate::{Fulfilment, FulfilmentError, TaskWorker};
use page::Seen;
use standing::Standings;

/// Rows that are in memory at once.
const PAGE: u32 = 1_000;

/// What to do in which store.
#[derive(Debug, Clone)]
pub struct ReErase {
    /// The store. It must be closed.
    pub store: StoreName,
    /// The moment that the backup shows: whoever was erased after it is looked for. Whoever was erased before it and came
    /// back to the company since is nobody to erase.
    pub restored_to: DateTime<Utc>,
    /// Only look, and change nothing.
    pub dry_run: bool,
    /// Requests of whom a member of staff has seen that the rows are theirs, whatever identifier these carry.
    pub confirmed: BTreeSet<RequestId>,
    /// Who ordered it.
    pub by: Actor,
}

/// A run that has begun, and has done nothing yet.
#[derive(Debug)]
pub struct Begun {
    fulfilment: Fulfilment,
    order: ReErase,
    run: ReErasing,
}

/// Begins a run, which is on record from now on unless it only looks. Refused as [`habeas_ledger::Ledger::begin_re_erasing`] is, and
/// where it is to be `alone` while another is under way.
pub async fn begin_re_erase(
    fulfilment: &Fulfilment,
    order: ReErase,
    alone: bool,
) -> Result<Begun, LedgerError> {
    let ledger = &fulfilment.ledger;
    let run = ledger.begin_re_erasing(&order.store, order.restored_to, order.by).await?;
    if !order.dry_run {
        ledger.re_erasing_begins(&run, &order.confirmed, alone).await?;
    }
    Ok(Begun { fulfilment: fulfilment.clone(), order, run })
}

/// Looks at every row of a store and erases again whom it finds. `watch` hears how far it is.
pub async fn re_erase(
    fulfilment: &Fulfilment,
    order: &ReErase,
    watch: &(dyn Fn(&ReErased) + Send + Sync),
) -> Result<ReErased, FulfilmentError> {
    begin_re_erase(fulfilment, order.clone(), false).await?.run(watch).await
}

impl Begun {
    /// Goes on to the end, or until something is in the way: both are put on record. If its process dies, that it shows no life
    /// any more tells so.
    pub async fn run(&self, watch: &(dyn Fn(&ReErased) + Send + Sync)) -> Result<ReErased, FulfilmentError> {
        if self.order.dry_run {
            return self.look_through(watch).await;
        }
        let done = tokio::select! {
            done = self.look_through(watch) => done,
            never = self.show_life() => match never {},
        };
        let ledger = &self.fulfilment.ledger;
        match done {
            Ok(did) => {
                ledger.end_re_erasing(&self.run, &did).await?;
                Ok(did)
            }
            Err(error) => {
                if let Err(unrecorded) = ledger.re_erasing_failed(&self.run, &error.to_fault()).await {
                    tracing::warn!(%unrecorded, "that a re-erasing failed could not be put on record");
                }
                Err(error)
            }
        }
    }

    /// A sign of life that is missed is followed by the next one in time.
    async fn show_life(&self) -> std::convert::Infallible {
        loop {
            tokio::time::sleep(RUN_LEASE / 4).await;
            if let Err(error) = self.fulfilment.ledger.re_erasing_goes_on(&self.run).await {
                tracing::debug!(%error, "a re-erasing could not show a sign of life");
            }
        }
    }

    async fn look_through(
        &self,
        watch: &(dyn Fn(&ReErased) + Send + Sync),
    ) -> Result<ReErased, FulfilmentError> {
        let worker = TaskWorker::new(self.fulfilment.clone(), self.order.store.clone());
        // A restored store may have another shape than a moment ago.
        let described = worker.handle()?.store.describe().await;
        let schema = Arc::new(described.map_err(FulfilmentError::of_store(&self.order.store))?);
        let (order, run) = (&self.order, self.run.clone());
        let (standings, seen) = (Standings::default(), Seen::default());
        let mut running = Running { worker, order, run, schema, standings, seen, scanned: 0, rows: 0 };
        for collection in running.collections()? {
            running.look_through(&collection, watch).await?;
        }
        Ok(running.did())
    }
}

/// A run under way.
struct Running<'a> {
    worker: TaskWorker,
    order: &'a ReErase,
    run: ReErasing,
    schema: Arc<Vec<CollectionSchema>>,
    standings: Standings,
    seen: Seen,
    scanned: u64,
    rows: u64,
}

impl Running<'_> {
    /// The collections in which a deletion does something, each once.
    fn collections(&self) -> Result<Vec<CollectionName>, FulfilmentError> {
        let mut all: Vec<CollectionName> = Vec::new();
        for step in self.worker.deletion(&self.schema, None)?.steps {
            if !all.contains(&step.collection) {
                all.push(step.collection);
            }
        }
        Ok(all)
    }

    async fn look_through(
        &mut self,
        collection: &CollectionName,
        watch: &(dyn Fn(&ReErased) + Send + Sync),
    ) -> Result<(), FulfilmentError> {
        let keys = self.worker.fulfilment.registry.keys_of(&self.order.store, collection);
        if keys.is_empty() {
            return Ok(());
        }
        let fields = keys.iter().map(|key| key.field.clone()).collect();
        let mut scan = Scan { collection: collection.clone(), fields, after: None, limit: PAGE };
        loop {
            let page = self.worker.handle()?.store.scan(&scan).await;
            let page = page.map_err(FulfilmentError::of_store(&self.order.store))?;
            let people = self.people_on(&keys, &page.rows).await?;
            self.settle(people).await?;
            self.scanned += page.rows.len() as u64;
            watch(&self.did());
            scan.after = page.next;
            if scan.after.is_none() {
                return Ok(());
            }
        }
    }

    fn did(&self) -> ReErased {
        ReErased { scanned: self.scanned, rows: self.rows, ..self.standings.counts() }
    }
}
