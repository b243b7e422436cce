//! Everything that can be put together without asking a server: what `config check`, `doctor` and `serve` judge alike.

use std::sync::Arc;

use habeas_config::{Config, MailKind, MailboxKind};
use habeas_domain::Regimes;
use habeas_registry::Registry;

use super::{connect_stores, imap_options, laws, mail_route, open_registry, queue_names, ways};
use crate::{context::Context, failure::Failure};

/// The manifests and the laws, once everything that the configuration and its files say was found to fit.
pub(crate) struct Settled {
    /// The manifests.
    pub(crate) registry: Registry,
    /// The laws.
    pub(crate) regimes: Regimes,
}

/// What the configuration and the files that it names come to.
pub(crate) fn settled(context: &Context, config: &Config) -> Result<Settled, Failure> {
    let regimes = without_stores(context, config)?;
    let registry = open_registry(config)?;
    connect_stores(context, &registry)?;
    queue_names(registry.stores())?;
    Ok(Settled { registry, regimes })
}

/// The same as far as it needs no manifest: an installation that is being set up may have none yet.
pub(crate) fn without_stores(context: &Context, config: &Config) -> Result<Regimes, Failure> {
    let regimes = laws(context, config)?;
    ways::check(config, &Arc::clone(&context.clock))?;
    if config.mail.kind == MailKind::Smtp {
        mail_route(config)?;
    }
    for mailbox in config.mailboxes().iter().filter(|mailbox| mailbox.kind == MailboxKind::Imap) {
        imap_options(mailbox)?;
    }
    Ok(regimes)
}
