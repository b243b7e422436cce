//! Checks the document that `habeas demo --output json` prints against the files that the demo leaves.
//!
//! `habeas-demo-check <document> <folder>`; exits with 1 and one line per finding.

mod document;
mod mails;
mod packages;
mod requests;
mod stores;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};

use document::Document;

#[tokio::main]
async fn main() -> ExitCode {
    match check().await {
        Ok(findings) if findings.is_empty() => ExitCode::SUCCESS,
        Ok(findings) => {
            for finding in findings {
                eprintln!("demo: {finding}");
            }
            ExitCode::FAILURE
        }
        Err(failure) => {
            eprintln!("demo: {failure:#}");
            ExitCode::FAILURE
        }
    }
}

/// Everything that is wrong.
async fn check() -> Result<Vec<String>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let usage = "usage: habeas-demo-check <document> <folder>";
    let (file, folder) = arguments.next().zip(arguments.next()).context(usage)?;
    let text = std::fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
    let document: Document =
        serde_json::from_slice(&text).context("the document has not the form promised")?;
    let mut findings = requests::findings(&document);
    findings.extend(mails::findings(&document, &folder));
    findings.extend(packages::findings(&document, &folder));
    findings.extend(stores::findings(&document, &folder).await?);
    let counts =
        (document.requests.len(), document.mails.len(), document.packages.len(), document.stores.len());
    println!(
        "demo: {} requests, {} mails, {} packages, {} stores checked",
        counts.0, counts.1, counts.2, counts.3
    );
    Ok(findings)
}
