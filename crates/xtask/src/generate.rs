//! `cargo xtask generate`

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::cargo::{cargo, root};
use crate::run;

/// What `habeas generate <name>` prints, and the file that keeps it.
const FILES: [(&str, &str); 5] = [
    ("openapi", "deploy/openapi.json"),
    ("config-schema", "deploy/config.schema.json"),
    ("config-example", "deploy/habeas.example.toml"),
    ("message-schema", "deploy/request.submitted.schema.json"),
    ("rabbitmq-definitions", "deploy/rabbitmq-definitions.json"),
];

/// Writes the generated files, or only says which are not up to date.
pub(crate) fn run(check: bool) -> Result<()> {
    run::checked(&mut cargo(&["build", "--quiet", "--package", "habeas-daemon"])?)?;
    let root = root()?;
    let mut stale = Vec::new();
    for (name, file) in FILES {
        let text = generated(name)?;
        if !is_same(&root.join(file), &text) {
            stale.push(file);
            if !check {
                std::fs::write(root.join(file), &text).with_context(|| format!("writing {file}"))?;
            }
        }
    }
    report(check, &stale)
}

fn generated(name: &str) -> Result<Vec<u8>> {
    let arguments = ["run", "--quiet", "--package", "habeas-daemon", "--", "generate", name];
    let mut text = run::output(&mut cargo(&arguments)?)?;
    if text.trim_ascii().is_empty() {
        bail!("habeas generate {name} printed nothing");
    }
    text.truncate(text.trim_ascii_end().len());
    text.push(b'\n');
    Ok(text)
}

fn is_same(file: &Path, text: &[u8]) -> bool {
    std::fs::read(file).is_ok_and(|present| present == text)
}

fn report(check: bool, stale: &[&str]) -> Result<()> {
    if check && !stale.is_empty() {
        bail!("not up to date: {}; run `cargo xtask generate` and commit the result", stale.join(", "));
    }
    for file in stale {
        println!("wrote {file}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_differs_is_named() {
        let failure = report(true, &["deploy/openapi.json"]).unwrap_err();
        assert!(failure.to_string().contains("deploy/openapi.json"), "{failure}");
        report(true, &[]).unwrap();
        report(false, &["deploy/openapi.json"]).unwrap();
    }

    #[test]
    fn a_missing_file_differs() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x");
        assert!(!is_same(&file, b"{}\n"));
        std::fs::write(&file, "{}\n").unwrap();
        assert!(is_same(&file, b"{}\n"));
    }
}
