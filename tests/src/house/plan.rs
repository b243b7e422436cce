//! What a house is made of.

use std::path::PathBuf;

use habeas_test_support::TlsMode;

/// What one process of the daemon does, as `--roles` takes it.
pub type Roles = &'static str;

/// Everything in one process.
pub const ALL: Roles = "";

/// How a house is built.
pub struct Plan {
    /// How many customers the company has.
    pub people: u32,
    /// The company has stores in MariaDB and SQLite, too.
    pub every_kind_of_store: bool,
    /// The roles of each process.
    pub processes: Vec<Roles>,
    /// Another program than the one under test: that of the release before.
    pub program: Option<PathBuf>,
    /// Another broker than the shared one.
    pub amqp_url: Option<String>,
    /// Another state database than one on the shared server.
    pub state_url: Option<String>,
    /// The mail server is reached through TLS, and wants a login.
    pub mail_tls: Option<TlsMode>,
    /// The daemon reaches its servers over lines that can be cut ([`super::House::lines`]).
    pub lines: bool,
    /// More lines of the `[store]` section of the desk's manifest.
    pub desk_limits: String,
    /// More environment for every process, such as failpoints.
    pub env: Vec<(String, String)>,
    /// More lines of configuration.
    pub config: String,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            people: 20,
            every_kind_of_store: false,
            processes: vec![ALL],
            program: None,
            amqp_url: None,
            state_url: None,
            mail_tls: None,
            lines: false,
            desk_limits: String::new(),
            env: Vec::new(),
            config: String::new(),
        }
    }
}
