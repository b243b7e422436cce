//! What is wrong with an installation, and the fix.

mod clock;
mod disk;
mod keys;
mod mailboxes;
mod parts;
mod quick;
mod restored;

use std::time::Duration;

use serde::Serialize;
use serde_json::json;

pub(crate) use quick::quick;

use crate::{
    context::Context,
    failure::{Exit, Failure},
    output::{Report, table},
};

/// How long each part may take to answer.
const LIMIT: Duration = Duration::from_secs(20);

/// How one part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Health {
    Ok,
    Warning,
    Wrong,
}

/// What was found about one part.
#[derive(Debug, Clone, Serialize)]
struct Finding {
    part: &'static str,
    health: Health,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

impl Finding {
    fn ok(part: &'static str, message: impl Into<String>) -> Self {
        Self { part, health: Health::Ok, message: message.into(), fix: None }
    }

    fn warning(part: &'static str, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { part, health: Health::Warning, message: message.into(), fix: Some(fix.into()) }
    }

    fn wrong(part: &'static str, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { part, health: Health::Wrong, message: message.into(), fix: Some(fix.into()) }
    }

    fn of(part: &'static str, failure: &Failure) -> Self {
        let causes: String = failure.causes.iter().flat_map(|cause| ["; ", cause]).collect();
        let fix = failure.fix.clone().unwrap_or_else(|| "see the message".to_owned());
        Self::wrong(part, format!("{}{causes}", failure.message), fix)
    }
}

/// What a part found, or that it did not answer.
async fn within(
    part: &'static str,
    look: impl Future<Output = Result<Vec<Finding>, Failure>>,
) -> Vec<Finding> {
    match tokio::time::timeout(LIMIT, look).await {
        Ok(Ok(findings)) => findings,
        Ok(Err(failure)) => vec![Finding::of(part, &failure)],
        Err(_) => {
            let message = format!("no answer within {} s", LIMIT.as_secs());
            vec![Finding::wrong(part, message, "check that it runs and that this machine reaches it")]
        }
    }
}

/// Checks every part, each whether or not another one failed.
pub(crate) async fn doctor(context: &Context) -> Result<Report, Failure> {
    let loaded = context.load()?;
    let config = &loaded.config;
    let from = loaded.file.as_ref().map_or_else(|| "defaults".to_owned(), |file| file.display().to_string());
    let mut findings = vec![Finding::ok("configuration", from)];
    findings.extend(within("laws", std::future::ready(parts::laws(context, config))).await);
    findings.extend(within("key ring", std::future::ready(parts::key_ring(config))).await);
    findings.extend(within("state", parts::state(context, config)).await);
    findings.extend(within("queue", parts::queue(config)).await);
    findings.extend(within("stores", parts::stores(context, config)).await);
    findings.extend(within("objects", parts::objects(config)).await);
    findings.extend(Box::pin(within("mail", parts::mail(config))).await);
    findings.extend(Box::pin(within("mailbox", mailboxes::look(context, config))).await);
    findings.extend(disk::look(config));
    Ok(report(context, &findings))
}

fn report(context: &Context, findings: &[Finding]) -> Report {
    let rows = findings.iter().map(|one| {
        let health = match one.health {
            Health::Ok => "ok",
            Health::Warning => "warning",
            Health::Wrong => "WRONG",
        };
        let fix = one.fix.as_ref().map(|fix| format!("fix: {fix}")).unwrap_or_default();
        [health.to_owned(), one.part.to_owned(), one.message.clone(), fix]
    });
    let text = table(context, ["", "PART", "FOUND", ""], rows.collect());
    let worst = findings.iter().map(|one| one.health).max().unwrap_or(Health::Ok);
    let exit = if worst == Health::Wrong { Exit::Findings } else { Exit::Ok };
    Report::new(text, &json!({ "health": worst, "findings": findings })).ending(exit)
}
