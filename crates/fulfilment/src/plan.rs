//! Planning: what each job of a resolved request will do, and the hash that an approval is bound to.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use futures::StreamExt;
use habeas_connector_api::{Selection, rewriting::same};
use habeas_domain::{
    Category, CollectionName, FieldName, Letter, Personal, Right, StoreName, Value,
    approval::PlanHash,
    letter::WhyUnmet,
    submission::{Correction, CorrectionKind},
};
use habeas_ledger::{JobPlan, JobToRun, NewChallenge, OpenRequest, PlannedJob, Purpose};
use habeas_registry::{CorrectionStep, Field, Manifest, Meaning};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Fulfilment, FulfilmentError, KeyBook, group};

/// The most different values of one field that a correction replaces for one person.
const MOST_VALUES: usize = 1_000;

/// One value that a correction replaces, as it is shown at approval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedChange {
    /// The store.
    pub store: StoreName,
    /// The collection.
    pub collection: CollectionName,
    /// The field.
    pub field: FieldName,
    /// The value it holds now.
    pub from: Value,
    /// The value it will hold.
    pub to: Value,
}

/// A value that the person's rows held when the plan was made, and that a correction leaves alone. What is neither this
/// nor planned was written since.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OtherValue {
    /// The store.
    pub store: StoreName,
    /// The collection.
    pub collection: CollectionName,
    /// The field.
    pub field: FieldName,
    /// The value.
    pub value: Value,
}

/// A correction that no value of the person takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnmetCorrection {
    /// What was to be corrected.
    pub category: Category,
    /// Why nothing takes it.
    pub why: WhyUnmet,
}

/// What a job's plan holds beside its stores.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PlanDetail {
    /// The fingerprint of each store's manifest at the time, in hexadecimal.
    pub manifests: Vec<(StoreName, String)>,
    /// What a correction replaces.
    pub changes: Vec<PlannedChange>,
    /// What else the fields of a correction hold.
    pub others: Vec<OtherValue>,
    /// Which corrections no value of the person takes, and why.
    #[serde(default)]
    pub unmet: Vec<UnmetCorrection>,
    /// How many of these say already what the correction asks for.
    pub right_already: usize,
    /// The keys that the job runs with, whatever a later resolve of the same request finds: what was approved is what
    /// runs, and a deletion can be retried and proven after the rows that led to its keys are gone.
    pub keys: KeyBook,
}

impl PlanDetail {
    /// Reads the detail of a stored plan.
    pub fn read(plan: &JobPlan) -> Result<Self, FulfilmentError> {
        serde_json::from_value(plan.detail.expose().clone()).map_err(FulfilmentError::unreadable("a plan"))
    }
}

impl Fulfilment {
    /// Plans one job for a person with these keys, of whom so many addresses may be warned if staff said a number.
    pub(crate) async fn plan(
        &self,
        request: &OpenRequest,
        job: &JobToRun,
        book: &KeyBook,
        most: Option<usize>,
    ) -> Result<PlannedJob, FulfilmentError> {
        let mut detail = PlanDetail { keys: book.clone(), ..PlanDetail::default() };
        let stores: Vec<StoreName> = match job.right {
            Right::Correction => {
                self.plan_changes(request, &mut detail).await?;
                let touched: BTreeSet<_> = detail.changes.iter().map(|change| change.store.clone()).collect();
                touched.into_iter().collect()
            }
            Right::Deletion => self.stores_to_prove(book),
            _ => book.stores().iter().cloned().collect(),
        };
        detail.manifests = stores.iter().map(|store| (store.clone(), self.manifest_print(store))).collect();
        let confirmations =
            if stores.is_empty() { Vec::new() } else { self.confirmations(request, job.right) };
        let notice = self.notice((request, most), job.right, &stores, book).await?;
        let hash = self.plan_hash(job, &stores, &detail)?;
        let detail = serde_json::to_value(detail).map_err(FulfilmentError::unreadable("a plan"))?;
        Ok(PlannedJob {
            job: job.id,
            hash,
            plan: JobPlan { stores, detail: Personal::new(detail), notice },
            confirmations,
        })
    }

    /// Every own store in which a key of the person can find rows, whether or not one does today: what comes before the
    /// deletion goes with the rest, and the proof covers them all. None where nothing is held anywhere.
    fn stores_to_prove(&self, book: &KeyBook) -> Vec<StoreName> {
        if book.stores().is_empty() {
            return Vec::new();
        }
        let names = book.names();
        let known = |field: &Field| field.key.as_ref().is_some_and(|key| names.contains(key));
        let finds = |manifest: &&Manifest| {
            manifest.collections.iter().any(|collection| collection.fields.iter().any(known))
        };
        self.registry.own().filter(finds).map(|manifest| manifest.store.clone()).collect()
    }

    /// The fingerprint of a store's manifest as it is now.
    pub(crate) fn manifest_print(&self, store: &StoreName) -> String {
        self.registry.fingerprint(store).map(hex::encode).unwrap_or_default()
    }

    /// Keyed, since keys and values go into it and it is shown.
    fn plan_hash(
        &self,
        job: &JobToRun,
        stores: &[StoreName],
        detail: &PlanDetail,
    ) -> Result<PlanHash, FulfilmentError> {
        let whole = serde_json::to_vec(&(job.id, job.right, stores, detail))
            .map_err(FulfilmentError::unreadable("a plan"))?;
        let digest = hex::encode(Sha256::digest(&whole));
        Ok(PlanHash(*self.ledger.vault().lookup("plan", &digest).as_bytes()))
    }

    /// The new addresses of a correction, each with the challenge that proves it.
    fn confirmations(&self, request: &OpenRequest, right: Right) -> Vec<NewChallenge> {
        if right != Right::Correction {
            return Vec::new();
        }
        let addresses = request.submission.corrections.iter().filter_map(Correction::new_address);
        addresses
            .map(|address| {
                let token = self.ledger.vault().new_token();
                let ends = self.ledger.ids().now()
                    + TimeDelta::from_std(self.options.confirm_ttl).unwrap_or(TimeDelta::hours(24));
                let link = self.options.links.confirm(request.language, &token.expose());
                NewChallenge {
                    purpose: Purpose::NewAddress,
                    link: Some((token.hash(), ends)),
                    code: None,
                    tries: 0,
                    package: None,
                    to: address.into_personal(),
                    letter: Letter::ConfirmNewAddress { link, link_expires_at: ends },
                }
            })
            .collect()
    }

    async fn plan_changes(
        &self,
        request: &OpenRequest,
        detail: &mut PlanDetail,
    ) -> Result<(), FulfilmentError> {
        let stores: Vec<StoreName> = detail.keys.stores().iter().cloned().collect();
        for correction in &request.submission.corrections {
            let (taken, mut fields) = (detail.taken(), 0);
            for store in &stores {
                let plan =
                    self.registry.correction_plan(store, &correction.category, meaning(correction.kind));
                for step in plan.into_iter().flat_map(|plan| plan.steps) {
                    fields += 1;
                    for value in self.current_values(store, &step, &detail.keys).await? {
                        detail.add(correction, request, (store, &step), value);
                    }
                }
            }
            if detail.taken() == taken && !stores.is_empty() {
                let why = if fields == 0 { WhyUnmet::NoField } else { WhyUnmet::NothingToReplace };
                detail.unmet.push(UnmetCorrection { category: correction.category.clone(), why });
            }
        }
        Ok(())
    }

    /// The different values that a person's rows hold in a field, always in the same order.
    async fn current_values(
        &self,
        store: &StoreName,
        step: &CorrectionStep,
        book: &KeyBook,
    ) -> Result<Vec<Value>, FulfilmentError> {
        let fail = FulfilmentError::of_store(store);
        let handle = self.stores.get(store)?;
        let selection = Selection {
            collection: step.collection.clone(),
            matches: group::matches(&step.lookups, &[(0, book)]),
            except: group::except(&step.lookups, &[(0, book)]),
            fields: vec![step.field.clone()],
        };
        let mut values: Vec<Value> = Vec::new();
        let mut rows = handle.store.select(&selection).await.map_err(&fail)?;
        while let Some(row) = rows.next().await {
            let Some(value) = row.map_err(&fail)?.values.into_iter().next() else { continue };
            if !values.iter().any(|known| same(known, &value)) {
                values.push(value);
            }
            if values.len() > MOST_VALUES {
                let (collection, field) = (step.collection.clone(), step.field.clone());
                return Err(FulfilmentError::TooManyValues { store: store.clone(), collection, field });
            }
        }
        values.sort_by_cached_key(Value::to_text);
        Ok(values)
    }
}

impl PlanDetail {
    /// How many values take a correction, or say already what it asks for.
    fn taken(&self) -> usize {
        self.changes.len() + self.right_already
    }

    fn add(
        &mut self,
        correction: &Correction,
        request: &OpenRequest,
        (store, step): (&StoreName, &CorrectionStep),
        value: Value,
    ) {
        let (store, collection, field) = (store.clone(), step.collection.clone(), step.field.clone());
        let to = correction.to_value();
        self.right_already += usize::from(same(&value, &to));
        if is_meant(correction, request, &value) {
            self.changes.push(PlannedChange { store, collection, field, from: value, to });
        } else {
            self.others.push(OtherValue { store, collection, field, value });
        }
    }
}

/// Whether a correction means this value. A new mail address replaces the one that the person wrote from, and no
/// other; any other correction replaces every value of its category that is not right already.
fn is_meant(correction: &Correction, request: &OpenRequest, from: &Value) -> bool {
    if same(from, &correction.to_value()) {
        return false;
    }
    match (correction.kind, from) {
        (CorrectionKind::Email, Value::Text(text)) => {
            let text = text.to_lowercase();
            request.submission.subject.email.spellings().iter().any(|form| *form.expose() == text)
        }
        (CorrectionKind::Email, _) => false,
        _ => true,
    }
}

fn meaning(kind: CorrectionKind) -> Meaning {
    match kind {
        CorrectionKind::Text => Meaning::Text,
        CorrectionKind::Email => Meaning::Email,
        CorrectionKind::Phone => Meaning::Phone,
        CorrectionKind::Date => Meaning::Date,
        CorrectionKind::Name => Meaning::Name,
        CorrectionKind::Number => Meaning::Number,
    }
}
