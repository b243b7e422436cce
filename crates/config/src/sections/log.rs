//! `[log]`

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::Findings;

/// How lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// How much is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Failures that need somebody.
    Error,
    /// And what heals itself.
    Warn,
    /// And what happens.
    #[default]
    Info,
    /// And how.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    /// The word in filters.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// What the daemon writes about itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `text` for people, `json` for collectors.
    pub format: LogFormat,
    /// `error`, `warn`, `info`, `debug` or `trace`.
    pub level: LogLevel,
    /// Levels by module, such as `habeas_fulfilment=debug,sqlx=warn`, over the level above.
    #[schemars(example = &"habeas_fulfilment=debug")]
    pub filter: Option<String>,
}

impl Log {
    pub(crate) fn check(&self, findings: &mut Findings) {
        let strange = |c: char| !(c.is_ascii_alphanumeric() || "_-:=,.[]{}*".contains(c));
        if self.filter.as_ref().is_some_and(|filter| filter.contains(strange)) {
            findings.add("log.filter", "not a filter", "write it as module=level,module=level");
        }
    }
}
