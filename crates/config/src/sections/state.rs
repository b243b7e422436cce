//! `[state]`

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Secret, finding::Findings};

/// The state database: the one durable truth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct State {
    /// Where it is: `postgres://user:password@host/database`, or `sqlite://path?mode=rwc`. Without it, SQLite in the data folder, migrated by itself.
    #[schemars(example = &"postgres://habeas:password@db.example.com/habeas")]
    pub url: Option<Secret>,
    /// The most connections at once.
    #[schemars(range(max = 10_000))]
    pub max_connections: NonZeroU32,
    /// How long to wait for a connection.
    #[schemars(range(max = 3600))]
    pub connect_timeout_seconds: NonZeroU32,
    /// How long one statement may take (PostgreSQL).
    #[schemars(range(max = 3600))]
    pub statement_timeout_seconds: NonZeroU32,
}

impl Default for State {
    fn default() -> Self {
        Self {
            url: None,
            max_connections: super::workers::number(16),
            connect_timeout_seconds: super::workers::number(10),
            statement_timeout_seconds: super::workers::number(30),
        }
    }
}

impl State {
    pub(crate) fn check(&self, findings: &mut Findings) {
        let known = ["postgres://", "postgresql://", "sqlite:"];
        let fits = |url: &Secret| known.iter().any(|scheme| url.expose().starts_with(scheme));
        if self.url.as_ref().is_some_and(|url| !fits(url)) {
            findings.add(
                "state.url",
                "not a URL of a state database",
                "begin it with postgres:// or sqlite://, or leave it out for SQLite in the data folder",
            );
        }
    }
}
