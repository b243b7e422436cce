//! The configuration: one file per section, checked, with its own JSON Schema.
//!
//! Every key has a default, so that no file at all is the embedded default: SQLite, an in-process queue, mails into
//! a folder. The layers, each over the one before: the defaults, a TOML file, `HABEAS__SECTION__KEY` from the
//! environment, and `HABEAS__SECTION__KEY_FILE`, which names a file that holds the value. Problems are told all
//! at once, each with its place, what is wrong, and the fix. Secrets never print.

mod addresses;
mod bounds;
mod config;
mod example;
mod finding;
mod loading;
mod problem;
mod schema;
mod secret;
pub mod sections;

pub use config::Config;
pub use example::example;
pub use loading::{Loaded, Sources};
pub use problem::{ConfigError, ConfigProblem, Origin};
pub use schema::schema;
pub use secret::{SECRET, Secret};
pub use sections::{
    Agents, Approval, Controller, Deletion, Doorway, Http, Lane, Log, LogFormat, LogLevel, Mail, MailKind,
    MailSecurity, Mailbox, MailboxKind, Network, Objects, ObjectsKind, Packages, Queue, QueueKind, Requests,
    Role, SignIn, SignInAlgorithm, Sms, State, StoredFiles, Stores, Vault, Verification, Workers,
};
