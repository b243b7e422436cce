//! Planning: what each job of a resolved request will do, and the hash that an approval is bound to.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use futures::StreamExt;
use habeas_connector_api::{Selection, rewriting::same};
use habeas_domain::{
    CollectionName, FieldName, Letter, Personal, Right, StoreName, Value,
    approval::PlanHash,
    submission::{Correction, CorrectionKind},
};
use habeas_ledger::{JobPlan, JobToRun, NewChallenge, OpenRequest, PlannedJob, Purpose};
use habeas_registry::{CorrectionStep, Meaning};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Fulfilment, FulfilmentError, KeyBook, group};

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

/// What a job's plan holds beside its stores.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PlanDetail {
    /// The fingerprint of each store's manifest at the time, in hexadecimal.
    pub manifests: Vec<(StoreName, String)>,
    /// What a correction replaces.
    pub changes: Vec<PlannedChange>,
}

impl PlanDetail {
    /// Reads the detail of a stored plan.
    pub fn read(plan: &JobPlan) -> Result<Self, FulfilmentError> {
        serde_json::from_value(plan.detail.expose().clone())
            .map_err(|source| FulfilmentError::Unreadable { what: "a plan", source })
    }
}

impl Fulfilment {
    /// Plans one job for a person with these keys.
    pub(crate) async fn plan(
        &self,
        request: &OpenRequest,
        job: &JobToRun,
        book: &KeyBook,
    ) -> Result<PlannedJob, FulfilmentError> {
        let changes = match job.right {
            Right::Correction => self.planned_changes(request, book).await?,
            _ => Vec::new(),
        };
        let stores: Vec<StoreName> = match job.right {
            Right::Correction => {
                let touched: BTreeSet<_> = changes.iter().map(|change| change.store.clone()).collect();
                touched.into_iter().collect()
            }
            _ => book.stores().iter().cloned().collect(),
        };
        let manifests = stores.iter().map(|store| (store.clone(), self.manifest_print(store))).collect();
        let confirmations =
            if stores.is_empty() { Vec::new() } else { self.confirmations(request, job.right) };
        let detail = PlanDetail { manifests, changes };
        let hash = self.plan_hash(job, &stores, &detail, book)?;
        let detail = serde_json::to_value(detail)
            .map_err(|source| FulfilmentError::Unreadable { what: "a plan", source })?;
        Ok(PlannedJob {
            job: job.id,
            hash,
            plan: JobPlan { stores, detail: Personal::new(detail) },
            confirmations,
        })
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
        book: &KeyBook,
    ) -> Result<PlanHash, FulfilmentError> {
        let whole = serde_json::to_vec(&(job.id, job.right, stores, detail, book))
            .map_err(|source| FulfilmentError::Unreadable { what: "a plan", source })?;
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

    async fn planned_changes(
        &self,
        request: &OpenRequest,
        book: &KeyBook,
    ) -> Result<Vec<PlannedChange>, FulfilmentError> {
        let mut changes = Vec::new();
        for correction in &request.submission.corrections {
            for store in book.stores() {
                let plan =
                    self.registry.correction_plan(store, &correction.category, meaning(correction.kind));
                for step in plan.into_iter().flat_map(|plan| plan.steps) {
                    for from in self.current_values(store, &step, book).await? {
                        if is_meant(correction, request, &from) {
                            let (store, to) = (store.clone(), correction.to_value());
                            let (collection, field) = (step.collection.clone(), step.field.clone());
                            changes.push(PlannedChange { store, collection, field, from, to });
                        }
                    }
                }
            }
        }
        Ok(changes)
    }

    /// The different values that a person's rows hold in a field.
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
            fields: vec![step.field.clone()],
        };
        let mut values: Vec<Value> = Vec::new();
        let mut rows = handle.store.select(&selection).await.map_err(&fail)?;
        while let Some(row) = rows.next().await {
            let Some(value) = row.map_err(&fail)?.values.into_iter().next() else { continue };
            if !values.iter().any(|known| same(known, &value)) {
                values.push(value);
            }
        }
        Ok(values)
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
            text.to_lowercase() == *request.submission.subject.email.lookup_form().expose()
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
