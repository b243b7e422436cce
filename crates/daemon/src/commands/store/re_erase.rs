//! `habeas store re-erase`

use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::Args;
use habeas_domain::{RequestId, StoreName};
use habeas_fulfilment::{Fulfilment, ReErase, re_erase};
use habeas_ledger::{ReErased, Scope};
use serde_json::json;

use super::known;
use crate::{
    assembly,
    context::Context,
    failure::{Exit, Failure},
    output::{Progress, Report},
    staff::{Staff, TokenArg, find_request},
};

/// Options of `store re-erase`.
#[derive(Debug, Args)]
pub(crate) struct ReEraseArgs {
    /// The store. It must be closed.
    store: StoreName,
    /// The moment that the backup shows, such as 2027-03-01T02:00:00Z; an earlier one if in doubt. Whoever was erased
    /// before it is left alone: they may have come back since.
    #[arg(long, value_name = "MOMENT", value_parser = crate::cli::values::moment)]
    restored_to: DateTime<Utc>,
    /// Only look: say how many erased people are back, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// A request, by its id or reference, of which you have seen that the rows found are the person's, although these carry
    /// an address that was not theirs when they were erased.
    #[arg(long, value_name = "REQUEST")]
    confirm: Vec<String>,
    #[command(flatten)]
    token: TokenArg,
}

impl ReEraseArgs {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, &self.token, Scope::Operate).await?;
        known(&staff, &self.store)?;
        let mut confirmed: Vec<RequestId> = Vec::with_capacity(self.confirm.len());
        for text in &self.confirm {
            confirmed.push(find_request(&staff.ledger, text).await?.id);
        }
        let order = ReErase {
            store: self.store,
            restored_to: self.restored_to,
            dry_run: self.dry_run,
            confirmed: confirmed.into_iter().collect(),
            by: staff.actor,
        };
        let progress = Progress::new(context, None);
        let watch = |did: &ReErased| progress.say(shown(did));
        let did = re_erase(&fulfilment(context, &staff)?, &order, &watch).await?;
        let closing = staff.ledger.closed_store(&order.store).await?;
        drop(progress);
        Ok(report(&order, &did, closing.is_some_and(|closing| closing.whole)))
    }
}

/// The same as in the daemon. No link is made of it.
fn fulfilment(context: &Context, staff: &Staff) -> Result<Fulfilment, Failure> {
    let config = &staff.config;
    let registry = assembly::open_registry(config)?;
    let stores = assembly::connect_stores(context, &registry)?;
    let links = assembly::links(&config.http.base_url_on(config.http.listen))?;
    let regimes = Arc::new(assembly::regimes(config)?);
    let objects = assembly::open_objects(config)?;
    Ok(assembly::fulfilment(config, &staff.ledger, (registry, stores), objects, regimes, links))
}

fn shown(did: &ReErased) -> String {
    format!("{} rows looked at, {} people back, {} erased again", did.scanned, did.back, did.re_erased)
}

fn report(order: &ReErase, did: &ReErased, may_reopen: bool) -> Report {
    let mut lines = vec![format!("{} ({} rows)", shown(did), did.rows)];
    for (count, what) in [
        (did.held, "stay for a legal hold"),
        (did.unclear, "carry an address that was not theirs: look at them, then --confirm"),
        (did.failed, "would not go"),
    ] {
        if count > 0 {
            lines.push(format!("{count} {what}; see `habeas store closed`"));
        }
    }
    let store = &order.store;
    lines.push(match (order.dry_run, may_reopen, did.is_whole()) {
        (true, ..) => "nothing was changed".to_owned(),
        (false, true, _) => format!("nobody is left: `habeas store reopen {store}`"),
        (false, false, true) => format!(
            "not every erasure since {} is remembered: whoever was erased too early for that cannot be found. An admin may reopen the store with a reason",
            order.restored_to
        ),
        (false, false, false) => format!("store {store} stays closed"),
    });
    let exit = if may_reopen || order.dry_run && did.back == 0 { Exit::Ok } else { Exit::Findings };
    let json = json!({
        "store": store, "restored_to": order.restored_to, "dry_run": order.dry_run, "did": did,
        "may_reopen": may_reopen && !order.dry_run,
    });
    Report::new(lines.join("\n"), &json).ending(exit)
}
