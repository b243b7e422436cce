//! What the image is built from is there, and is let in; without any engine for containers.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test that calls them")]

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The value of a key of the root's Cargo.toml.
fn workspace(key: &str) -> String {
    let text = read("Cargo.toml");
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{key} = "))).unwrap();
    line.trim_matches('"').to_owned()
}

/// What `.dockerignore` lets in, which shuts everything out first.
fn let_in() -> Vec<String> {
    let text = read(".dockerignore");
    let rules: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert_eq!(rules.first(), Some(&"*"));
    rules.iter().filter_map(|rule| rule.strip_prefix('!')).map(str::to_owned).collect()
}

#[test]
fn a_build_gets_the_whole_workspace_and_nothing_else() {
    let let_in = let_in();
    for path in &let_in {
        assert!(root().join(path).exists(), "{path} is let in and is not there");
    }
    let text = workspace("members");
    let members =
        text.split('"').filter(|member| member.chars().all(|c| c.is_alphanumeric() || "/*-".contains(c)));
    let members: Vec<&str> =
        members.map(|member| member.trim_end_matches("/*")).filter(|m| !m.is_empty()).collect();
    assert_eq!(members, ["crates", "migrations", "tests"]);
    for needed in members.into_iter().chain(["Cargo.toml", "Cargo.lock"]) {
        assert!(let_in.iter().any(|path| path == needed), "{needed} is not let in");
    }
}

#[test]
fn what_the_image_copies_is_there() {
    let dockerfile = read("deploy/Dockerfile");
    let copies = dockerfile.lines().filter_map(|line| line.strip_prefix("COPY "));
    let own: Vec<&str> = copies.filter(|copy| !copy.starts_with("--from=")).collect();
    assert!(!own.is_empty());
    for source in own.iter().flat_map(|copy| copy.split_whitespace().rev().skip(1)) {
        assert!(root().join(source).exists(), "{source} is copied and is not there");
    }
}

#[test]
fn the_image_says_which_version_it_holds_and_is_built_by_the_right_rust() {
    let dockerfile = read("deploy/Dockerfile");
    let version = format!("org.opencontainers.image.version=\"{}\"", workspace("version"));
    assert!(dockerfile.contains(&version), "{version}");
    let rust = format!("/rust:{}-slim-", workspace("rust-version"));
    assert!(dockerfile.contains(&rust), "{rust}");
}

#[test]
fn the_guide_knows_every_file_beside_it() {
    let guide = read("deploy/README.md");
    for entry in std::fs::read_dir(root().join("deploy")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            name == "README.md" || guide.contains(&format!("`{name}")),
            "deploy/README.md leaves out {name}"
        );
    }
}
