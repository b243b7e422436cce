//! The registry as others use it: manifests in, findings and plans out.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test that calls them")]

mod broken;
mod column;
mod examples;
mod fingerprints;
mod live;
mod order;
mod plans;
mod roles;
mod sides;
mod together;

use std::path::{Path, PathBuf};

use habeas_registry::{Manifest, Registry};

/// A folder below `tests/fixtures`.
fn fixtures(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(folder)
}

/// The fictional company's stores.
fn company() -> Registry {
    Registry::load(&fixtures("stores")).unwrap()
}

/// A manifest written in a test.
fn manifest(text: &str) -> Manifest {
    let problems = |problems: Vec<habeas_registry::ManifestProblem>| {
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    Manifest::parse(Path::new("test.toml"), text).map_err(problems).unwrap()
}

/// The manifest of a store with these collections.
fn store(name: &str, collections: &str) -> Manifest {
    let head = format!(
        "[store]\nname = \"{name}\"\ndriver = \"postgres\"\nurl = \"postgres://db.test/x\"\nproduct = \"X\"\n"
    );
    manifest(&(head + collections))
}

/// Anything, one per line.
fn lines<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
