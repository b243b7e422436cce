//! Building the parts of a daemon from a configuration.

mod controller;
mod correctable;
mod data_files;
mod form_answers;
mod fulfilment;
mod lanes;
mod laws;
mod mail;
mod mail_rules;
mod mail_threads;
mod mailbox;
mod objects;
mod provable;
mod queue;
mod reception;
mod regimes;
mod settled;
mod state;
mod stores;
mod token;
mod ways;

pub(crate) use controller::{contact, controller_name};
pub(crate) use correctable::{correctable, registered_correctable};
pub(crate) use fulfilment::{fulfilment, links, links_of};
pub(crate) use lanes::{Workers, runtime};
pub(crate) use laws::laws;
pub(crate) use mail::{MailRoute, mail_route};
pub(crate) use mail_rules::{mail_rules, mail_rules_in, reader_of};
pub(crate) use mailbox::{Mailboxes, imap_options, mailbox_place};
pub(crate) use objects::open_objects;
pub(crate) use provable::{judged_by_staff, unprovable};
pub(crate) use queue::{all_queues, open_queue, queue_names};
pub(crate) use reception::{agent_terms, reception};
pub(crate) use regimes::{calendars, regimes, taken};
pub(crate) use settled::{Settled, settled, without_stores};
pub(crate) use state::{
    found_state, is_installed, key_ring, ledger_options, make_key_ring, migrate, open_state, standing, vault,
};
pub(crate) use stores::{connect_stores, open_registry};
pub(crate) use token::first_token;
pub(crate) use ways::{files, paper_options, verification_options, ways};
