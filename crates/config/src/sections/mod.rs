//! The sections, one per file.

mod approval;
mod controller;
mod deletion;
mod http;
mod log;
mod mail;
mod mailbox;
mod objects;
mod packages;
mod queue;
mod requests;
mod role;
mod state;
mod stores;
mod vault;
mod verification;
mod workers;

pub use approval::Approval;
pub use controller::Controller;
pub use deletion::Deletion;
pub use http::Http;
pub use log::{Log, LogFormat, LogLevel};
pub use mail::{Mail, MailKind, MailSecurity};
pub use mailbox::{Mailbox, MailboxKind};
pub use objects::{Objects, ObjectsKind};
pub use packages::Packages;
pub use queue::{Queue, QueueKind};
pub use requests::Requests;
pub use role::Role;
pub use state::State;
pub use stores::Stores;
pub use vault::Vault;
pub use verification::{SignIn, SignInAlgorithm, Sms, Verification};
pub(crate) use workers::number;
pub use workers::{Lane, Workers};
