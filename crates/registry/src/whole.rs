//! Whether the manifests make sense together.

use std::collections::{BTreeMap, BTreeSet};

use habeas_domain::{Bilingual, KeyName, SideName};

use crate::{
    Code, Collection, Driver, Finding, KeyRules, Manifest, Role, START_KEY,
    finding::Severity::{Error, Warning},
    reach::{every_collection, keys, keys_on, reachable, standpoints},
    whose_contact, whose_key,
};

/// The rules of every key that a manifest declares or holds. Of two that differ, the first counts.
pub(crate) fn key_rules(manifests: &[Manifest]) -> BTreeMap<KeyName, KeyRules> {
    let mut rules = BTreeMap::new();
    for declared in manifests.iter().flat_map(|manifest| &manifest.keys) {
        rules.entry(declared.name.clone()).or_insert_with(|| declared.clone());
    }
    for key in every_collection(manifests).flat_map(|(_, collection)| keys(collection)) {
        rules.entry(key.clone()).or_insert_with(|| KeyRules::default_of(key.clone()));
    }
    rules
}

/// Everything that is wrong or odd about the manifests as a whole.
pub(crate) fn check(manifests: &[Manifest], rules: &BTreeMap<KeyName, KeyRules>) -> Vec<Finding> {
    let mut findings = duplicate_stores(manifests);
    findings.extend(key_declarations(manifests, rules));
    findings.extend(unreachable(manifests, rules));
    for manifest in manifests {
        findings.extend(case_only_names(manifest));
        findings.extend(password(manifest));
    }
    for (manifest, collection) in every_collection(manifests) {
        findings.extend(one_language(manifest, collection));
        findings.extend(not_in_copies(manifest, collection, rules));
        findings.extend(whose_contact::check(manifest, collection));
        findings.extend(whose_key::check(manifest, collection));
    }
    findings
}

fn duplicate_stores(manifests: &[Manifest]) -> Vec<Finding> {
    let mut seen = BTreeMap::new();
    let mut findings = Vec::new();
    for manifest in manifests {
        if let Some(first) = seen.insert(&manifest.store, manifest) {
            let message = format!("{} declares a store of the same name", first.file().display());
            findings.push(Finding::new(
                Error,
                Code::DuplicateStore,
                manifest,
                message,
                "give each store its own name",
            ));
        }
    }
    findings
}

fn key_declarations(manifests: &[Manifest], rules: &BTreeMap<KeyName, KeyRules>) -> Vec<Finding> {
    let held: BTreeSet<&KeyName> = every_collection(manifests).flat_map(|(_, each)| keys(each)).collect();
    let mut findings = Vec::new();
    for (manifest, declared) in
        manifests.iter().flat_map(|manifest| manifest.keys.iter().map(move |key| (manifest, key)))
    {
        let name = &declared.name;
        let mut find = |severity, code, message: String, fix: &str| {
            findings.push(Finding::new(severity, code, manifest, message, fix).key(manifest, name));
        };
        if rules.get(name) != Some(declared) {
            let message = format!("the key `{name}` is declared differently in another manifest");
            find(Error, Code::KeyConflict, message, "declare it once, or alike everywhere");
        }
        if declared.shared && name.as_str() == START_KEY {
            let message = format!("the key `{name}` is what people prove, so it cannot be shared");
            find(Error, Code::StartKeyShared, message, "drop shared");
        }
        if !held.contains(name) {
            let message = format!("the key `{name}` is declared, but no field holds it");
            find(Warning, Code::KeyHeldNowhere, message, "give it to a field, or drop the [[key]]");
        }
    }
    findings
}

fn unreachable(manifests: &[Manifest], rules: &BTreeMap<KeyName, KeyRules>) -> Vec<Finding> {
    let rule = |key: &KeyName| rules.get(key).cloned().unwrap_or_else(|| KeyRules::default_of(key.clone()));
    let reached = reachable(manifests, &rule);
    let open = |(manifest, collection): &(&Manifest, &Collection)| {
        manifest.role() == Role::Controller && collection.is_personal()
    };
    let mut findings = Vec::new();
    for (manifest, collection) in every_collection(manifests).filter(open) {
        let lost = |side: Option<&SideName>| !reached.contains(&(&manifest.store, &collection.name, side));
        for side in standpoints(collection).into_iter().filter(|side| lost(*side)) {
            let held: Vec<&str> = keys_on(collection, side).map(KeyName::as_str).collect();
            let (code, what) = match side {
                Some(side) => (Code::SideUnreachable, format!("its side \"{side}\"")),
                None => (Code::Unreachable, "it".to_owned()),
            };
            let message =
                format!("no chain of keys leads from `{START_KEY}` to {what}; it holds {}", held.join(", "));
            let fix = "give one of its fields, or of a collection that is reached, a key that both hold";
            findings.push(Finding::new(Error, code, manifest, message, fix).of(manifest, &collection.name));
        }
    }
    findings
}

fn case_only_names(manifest: &Manifest) -> Vec<Finding> {
    let mut seen = BTreeMap::new();
    let mut findings = Vec::new();
    for collection in &manifest.collections {
        if let Some(first) = seen.insert(collection.name.as_str().to_lowercase(), &collection.name) {
            // SQLite takes both for one table, whose rows would be handled twice.
            let severity = if manifest.driver == Driver::Sqlite { Error } else { Warning };
            let message = format!("its name differs from `{first}` only by case");
            let fix = "keep one of them, spelled as the store spells it";
            let finding = Finding::new(severity, Code::CaseOnlyNames, manifest, message, fix);
            findings.push(finding.of(manifest, &collection.name));
        }
    }
    findings
}

fn password(manifest: &Manifest) -> Option<Finding> {
    let fix = "take the URL from outside: url = { env = \"NAME\" } or url = { file = \"path\" }";
    let finding =
        || Finding::new(Warning, Code::PasswordInManifest, manifest, "the URL spells out a password", fix);
    manifest.url.spells_out_a_password().then(finding)
}

/// Texts that the person reads must be there in both languages (mission N26).
fn one_language(manifest: &Manifest, collection: &Collection) -> Vec<Finding> {
    let same = |text: &Bilingual| text.en == text.ja;
    let reasons = collection.keep.iter().map(|keep| &keep.reason);
    let of_fields = collection
        .fields
        .iter()
        .flat_map(|field| field.keep.iter().map(|keep| &keep.reason).chain(&field.remains));
    let mut findings = Vec::new();
    let mut find = |message: String, fix: &str| {
        let finding = Finding::new(Warning, Code::OneLanguage, manifest, message, fix);
        findings.push(finding.of(manifest, &collection.name));
    };
    if collection.is_personal() && same(&collection.title) {
        find(
            "its title is there in one language only".to_owned(),
            "write title = { en = \"...\", ja = \"...\" }",
        );
    }
    for reason in reasons.chain(of_fields).filter(|reason| same(reason)) {
        let message = format!("the reason \"{}\" is there in one language only", reason.en);
        find(
            message,
            "write { en = \"...\", ja = \"...\" }, or one of the words tax, billing, audit, law, dispute, security",
        );
    }
    findings
}

/// What identifies a person is about the person, so a copy of their data should hold it.
fn not_in_copies(
    manifest: &Manifest,
    collection: &Collection,
    rules: &BTreeMap<KeyName, KeyRules>,
) -> Vec<Finding> {
    let identifying = |key: &KeyName| rules.get(key).is_some_and(|rules| rules.identifying);
    let fields = collection.fields.iter().filter(|field| field.category.is_none());
    fields
        .filter(|field| field.key.as_ref().is_some_and(identifying))
        .map(|field| {
            let message = "it identifies a person, but has no category, so no copy of the data holds it";
            Finding::new(Warning, Code::NotInCopies, manifest, message, "add its category").field(
                manifest,
                &collection.name,
                &field.name,
            )
        })
        .collect()
}
