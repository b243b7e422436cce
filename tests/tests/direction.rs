//! The direction of the dependencies among the crates of this workspace, as ARCHITECTURE.md draws it.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// Each crate, and all the crates of ours that it may use. From the words of the field at the top down to the program.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("queue", &[]),
    ("web", &[]),
    ("migrations", &[]),
    ("config", &["domain"]),
    ("messages", &["domain"]),
    ("registry", &["domain"]),
    ("vault", &["domain"]),
    ("package", &["domain", "vault"]),
    // The ledger writes the outbox, and so the messages in it.
    ("ledger", &["domain", "messages", "vault"]),
    // Stores.
    ("connector-api", &["domain"]),
    ("connector-conformance", &["connector-api", "domain"]),
    ("connector-sql", &["connector-api", "domain"]),
    // Workers: none uses another.
    ("runtime", &["domain", "ledger", "messages", "queue"]),
    ("intake", &["domain", "ledger", "messages", "queue", "runtime", "vault"]),
    ("mailbox", &["domain", "ledger", "messages", "queue", "runtime", "vault"]),
    ("verification", &["domain", "ledger", "messages", "queue", "runtime", "vault"]),
    ("notification", &["domain", "ledger", "messages", "queue", "runtime", "vault"]),
    (
        "fulfilment",
        &[
            "connector-api",
            "domain",
            "ledger",
            "messages",
            "package",
            "queue",
            "registry",
            "runtime",
            "vault",
        ],
    ),
    // Doors: never a worker.
    ("api", &["domain", "ledger", "messages", "vault", "web"]),
    ("console", &["domain", "ledger", "messages", "web"]),
    // The one program, which ties them together.
    (
        "daemon",
        &[
            "api",
            "config",
            "connector-api",
            "connector-sql",
            "console",
            "domain",
            "fulfilment",
            "intake",
            "ledger",
            "mailbox",
            "messages",
            "migrations",
            "notification",
            "package",
            "queue",
            "registry",
            "runtime",
            "vault",
            "verification",
            "web",
        ],
    ),
    // Tests and tools: nothing that ships may use them.
    // State databases that are ready to begin with.
    ("test-support", &["migrations"]),
    // The benchmark of mails stores them as the daemon does.
    ("tests", &["domain", "ledger", "mailbox", "migrations", "queue", "test-support", "vault"]),
    ("xtask", &[]),
];

/// Only the tests of the whole system may take the program itself as a library.
const TESTED_AS_A_WHOLE: &str = "daemon";

#[test]
fn every_crate_is_in_the_table_once() {
    let packages: Vec<String> = workspace().workspace_packages().into_iter().map(short_name).collect();
    let mut listed: Vec<String> = MAY_USE.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut present = packages.clone();
    present.sort();
    listed.sort();
    assert_eq!(listed, present, "left: the table, right: the workspace");
    let unknown: Vec<&&str> = MAY_USE
        .iter()
        .flat_map(|(_, used)| *used)
        .filter(|used| !packages.iter().any(|name| name == *used))
        .collect();
    assert_eq!(unknown, Vec::<&&str>::new(), "the table allows crates that do not exist");
}

#[test]
fn no_crate_uses_another_against_the_direction() {
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        MAY_USE.iter().map(|(name, used)| (*name, used.iter().copied().collect())).collect();
    let metadata = workspace();
    let edges = edges(&metadata, &[DependencyKind::Normal, DependencyKind::Build]);
    assert!(!edges.is_empty(), "the workspace has dependencies");
    let wrong: Vec<String> = edges
        .into_iter()
        .filter(|(user, used)| {
            !allowed.get(user.as_str()).is_some_and(|allowed| allowed.contains(used.as_str()))
        })
        .map(|(user, used)| format!("{user} uses {used}"))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_table_has_no_cycle() {
    let mut settled: BTreeSet<&str> = BTreeSet::new();
    let mut waiting: Vec<_> = MAY_USE.to_vec();
    while !waiting.is_empty() {
        let before = waiting.len();
        waiting.retain(|(name, used)| {
            let is_settled = used.iter().all(|used| settled.contains(used));
            if is_settled {
                settled.insert(name);
            }
            !is_settled
        });
        assert!(waiting.len() < before, "a cycle among {waiting:?}");
    }
}

#[test]
fn only_the_tests_of_the_whole_system_use_the_program() {
    let metadata = workspace();
    let users: Vec<String> = edges(&metadata, &[DependencyKind::Development])
        .into_iter()
        .filter(|(user, used)| used == TESTED_AS_A_WHOLE && user != "tests")
        .map(|(user, _)| user)
        .collect();
    assert_eq!(users, Vec::<String>::new());
}

#[expect(clippy::expect_used, reason = "a helper of a test fails by panicking")]
fn workspace() -> Metadata {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    MetadataCommand::new()
        .manifest_path(manifest)
        .no_deps()
        .exec()
        .expect("cargo metadata reads the workspace")
}

/// Who uses whom among our own crates, through dependencies of these kinds.
fn edges(metadata: &Metadata, kinds: &[DependencyKind]) -> Vec<(String, String)> {
    let packages = metadata.workspace_packages();
    let uses = packages.iter().flat_map(|package| {
        let of_kind = package.dependencies.iter().filter(|dependency| kinds.contains(&dependency.kind));
        of_kind.filter_map(|used| Some((short_name(package), used.name.strip_prefix("habeas-")?.to_owned())))
    });
    uses.collect()
}

/// `habeas-ledger` is `ledger` here.
fn short_name(package: &Package) -> String {
    package.name.trim_start_matches("habeas-").to_owned()
}
