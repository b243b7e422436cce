//! The parts, one by one.

use habeas_config::{Config, QueueKind};
use habeas_ledger::judged_papers_leave_nothing;
use habeas_queue::{Queue, QueueError};

use super::{Finding, clock, keys, restored};
use crate::{
    assembly::{self, MailRoute},
    commands::store::check,
    context::Context,
    failure::Failure,
};

/// The laws and the ways to prove who one is: whether the settings fit, and whether what is asked for can be given.
pub(super) fn laws(context: &Context, config: &Config) -> Result<Vec<Finding>, Failure> {
    let regimes = assembly::without_stores(context, config)?;
    let mut findings = vec![Finding::ok("laws", format!("{} known", regimes.ids().count()))];
    // Without manifests there is another finding.
    if let Ok(registry) = assembly::open_registry(config) {
        let closed = assembly::unprovable(config, &regimes, &registry);
        findings.extend(closed.into_iter().map(|one| Finding::warning("proof", one.message, one.fix)));
    }
    Ok(findings)
}

pub(super) fn key_ring(config: &Config) -> Result<Vec<Finding>, Failure> {
    let path = config.keyring();
    if !assembly::is_installed(config)? && !path.exists() {
        return Ok(vec![Finding::ok("key ring", format!("{} is made at the first start", path.display()))]);
    }
    let ring = assembly::key_ring(config)?;
    Ok(vec![Finding::ok("key ring", format!("{}: {} keys", path.display(), ring.keys().len()))])
}

pub(super) async fn state(context: &Context, config: &Config) -> Result<Vec<Finding>, Failure> {
    if !assembly::is_installed(config)? {
        return Ok(vec![Finding::ok("state", "SQLite in the data folder, made at the first start")]);
    }
    let db = assembly::ledger_options(config).open().await?;
    let standing = assembly::standing(&db).await?;
    let schema = match (standing.lacking.len(), standing.later.len()) {
        (0, 0) => Finding::ok("state", "answers, schema up to date"),
        (0, steps) => Finding::warning(
            "state",
            format!("answers; its schema is {steps} steps ahead of this program"),
            "run the newer program here too",
        ),
        (steps, _) => {
            Finding::wrong("state", format!("its schema lacks {steps} steps"), "run `habeas migrate`")
        }
    };
    let has_all = standing.lacking.is_empty();
    let mut findings = vec![schema, clock::skew(context, &db).await?];
    if has_all {
        findings.push(keys::in_use(context, config, db.clone()).await?);
        findings.push(papers(judged_papers_leave_nothing(&db).await?));
        findings.extend(restored::look(context, config, db).await?);
    }
    Ok(findings)
}

fn papers(leave_nothing: bool) -> Finding {
    if leave_nothing {
        return Finding::ok("papers", "a judged paper leaves no byte in the files of the state database");
    }
    Finding::warning(
        "papers",
        "a judged paper lies on, sealed, in the files of the state database until the server uses their place again: the role of \
         state.url does not own the table paper_content",
        "as its owner run `ALTER TABLE paper_content OWNER TO` the role of state.url (from PostgreSQL 17 on `GRANT MAINTAIN ON \
         paper_content TO` it is enough)",
    )
}

pub(super) async fn queue(config: &Config) -> Result<Vec<Finding>, Failure> {
    let queue = assembly::open_queue(config)?;
    let looked = async {
        queue.ping().await?;
        given_up(config, queue.as_ref()).await
    };
    let looked: Result<u64, Failure> = looked.await;
    queue.close().await;
    let given_up = looked?;
    if given_up > 0 {
        let message = format!(
            "RabbitMQ answers; {given_up} messages were given up, and nobody has taken what they ask"
        );
        let fix = "`habeas dead-letter list` says why; mend that, then `habeas dead-letter revive`";
        return Ok(vec![Finding::wrong("queue", message, fix)]);
    }
    let kind = if config.queue.url.is_some() { "RabbitMQ answers" } else { "embedded" };
    Ok(vec![Finding::ok("queue", kind)])
}

/// How many dead letters the queues of this deployment have. The embedded ones live in the serving process, and `/metrics` has
/// theirs; wrong manifests are told by another part.
async fn given_up(config: &Config, queue: &dyn Queue) -> Result<u64, Failure> {
    let registry = assembly::open_registry(config);
    let (QueueKind::RabbitMq, Ok(registry)) = (config.queue.kind, registry) else { return Ok(0) };
    let mut all = 0;
    for name in assembly::queue_names(registry.stores())? {
        all += match queue.count_dead_letters(&name).await {
            Err(QueueError::UnknownQueue { .. }) => 0,
            counted => counted?,
        };
    }
    Ok(all)
}

pub(super) async fn stores(context: &Context, config: &Config) -> Result<Vec<Finding>, Failure> {
    let registry = assembly::open_registry(config)?;
    let stores = assembly::connect_stores(context, &registry)?;
    let checked = check::check(context, &registry, &stores, None).await;
    let errors = checked.findings.iter().filter(|finding| finding.is_error()).count();
    let mut findings: Vec<Finding> = checked
        .away
        .iter()
        .map(|(store, why)| {
            Finding::wrong(
                "stores",
                format!("{store}: {why}"),
                "check that it runs, and the URL in its manifest",
            )
        })
        .collect();
    let warnings = checked.findings.len() - errors;
    let some_away = !findings.is_empty();
    let looked_at = registry.manifests().len().saturating_sub(findings.len());
    let count = format!("{looked_at} stores, {errors} errors, {warnings} warnings");
    findings.extend(match (errors, warnings) {
        (0, 0) if some_away => None,
        (0, 0) => Some(Finding::ok("stores", count)),
        (0, _) => Some(Finding::warning("stores", count, "look at them: `habeas store check`")),
        _ => Some(Finding::wrong("stores", count, "mend them: `habeas store check`")),
    });
    Ok(findings)
}

pub(super) async fn objects(config: &Config) -> Result<Vec<Finding>, Failure> {
    if !assembly::is_installed(config)? {
        return Ok(vec![Finding::ok("objects", "a folder, made at the first start")]);
    }
    let objects = assembly::open_objects(config)?;
    let probe = "doctor/probe";
    objects.write(probe, b"probe".to_vec()).await?;
    objects.delete(probe).await?;
    Ok(vec![Finding::ok("objects", "written and deleted a probe")])
}

pub(super) async fn mail(config: &Config) -> Result<Vec<Finding>, Failure> {
    if !assembly::is_installed(config)? {
        return Ok(vec![Finding::ok("mail", "a folder, made at the first start")]);
    }
    match assembly::mail_route(config)? {
        MailRoute::Folder(folder) => {
            let message = format!("mails stay in {}", folder.folder().display());
            let fix = "set mail.kind = \"smtp\" for people to get them";
            Ok(vec![Finding::warning("mail", message, fix)])
        }
        MailRoute::Smtp(smtp) => Ok(vec![match smtp.probe().await {
            Ok(()) => Finding::ok("mail", "the SMTP server answers and lets us in"),
            Err(error) => {
                Finding::wrong("mail", error.to_string(), "check the section [mail] and the server")
            }
        }]),
    }
}
