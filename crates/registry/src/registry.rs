//! All manifests together.

use std::collections::{BTreeMap, BTreeSet};

use habeas_domain::{KeyName, StoreName};

use crate::{Controller, Finding, KeyRules, Manifest, Role, whole};

/// Every registered store, checked as a whole.
#[derive(Debug, Clone)]
pub struct Registry {
    manifests: Vec<Manifest>,
    keys: BTreeMap<KeyName, KeyRules>,
    warnings: Vec<Finding>,
}

impl Registry {
    /// Puts manifests together. If any finding is an error, gives all findings, errors first.
    pub fn from_manifests(mut manifests: Vec<Manifest>) -> Result<Self, Vec<Finding>> {
        manifests.sort_by(|one, other| one.store.cmp(&other.store));
        let keys = whole::key_rules(&manifests);
        let mut findings = whole::check(&manifests, &keys);
        findings.sort_by_key(|finding| finding.severity);
        if findings.iter().any(Finding::is_error) {
            return Err(findings);
        }
        Ok(Self { manifests, keys, warnings: findings })
    }

    /// The manifests, by store name.
    pub fn manifests(&self) -> &[Manifest] {
        &self.manifests
    }

    /// The manifests of the stores whose data the company decides about: those that people's requests run in.
    pub fn own(&self) -> impl Iterator<Item = &Manifest> {
        self.manifests.iter().filter(|manifest| manifest.role() == Role::Controller)
    }

    /// Everybody else on whose orders the company holds data, each once, by the name of the first of their stores.
    pub fn controllers(&self) -> impl Iterator<Item = (&StoreName, &Controller)> {
        let mut seen = BTreeSet::new();
        self.manifests
            .iter()
            .filter_map(|manifest| Some((&manifest.store, manifest.controller.as_ref()?)))
            .filter(move |(_, controller)| seen.insert(controller.email.lookup_form().into_inner()))
    }

    /// The stores, by name.
    pub fn stores(&self) -> impl Iterator<Item = &StoreName> {
        self.manifests.iter().map(|manifest| &manifest.store)
    }

    /// The manifest of a store.
    pub fn manifest(&self, store: &StoreName) -> Option<&Manifest> {
        self.manifests.iter().find(|manifest| &manifest.store == store)
    }

    /// The rules of every key that a field holds or a manifest declares, by name.
    pub fn keys(&self) -> impl Iterator<Item = &KeyRules> {
        self.keys.values()
    }

    /// The rules of a key; the defaults if nothing declares it.
    pub fn key(&self, name: &KeyName) -> KeyRules {
        self.keys.get(name).cloned().unwrap_or_else(|| KeyRules::default_of(name.clone()))
    }

    /// What is odd about the manifests as a whole, though it works.
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
    }
}
