//! What is wrong with a configuration, and where.

use std::{fmt, path::PathBuf};

use serde::Serialize;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "from", rename_all = "kebab-case")]
pub enum Origin {
    /// The configuration file.
    File {
        /// Which.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The character in that line, from 1.
        column: usize,
    },
    /// An environment variable.
    Environment {
        /// Its name.
        variable: String,
    },
    /// Nobody wrote it.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file, line, column } => write!(f, "{}:{line}:{column}", file.display()),
            Self::Environment { variable } => f.write_str(variable),
            Self::Default => f.write_str("configuration"),
        }
    }
}

/// One reason why a configuration cannot be used. Never quotes a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigProblem {
    /// Where the value came from.
    #[serde(flatten)]
    pub origin: Origin,
    /// The key and the tables around it, such as `mail.host`; empty for the whole file.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub fix: String,
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.origin)?;
        if !self.field.is_empty() {
            write!(f, ": {}", self.field)?;
        }
        write!(f, ": {}. Fix: {}", self.message, self.fix)
    }
}

/// Why there is no configuration. Trying again never helps before somebody mended it.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file, or one that a `..._FILE` variable names, cannot be read.
    #[error("cannot read {path}; check that it exists and may be read by this user")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Values are wrong.
    #[error("{}", lines(.0))]
    Problems(Vec<ConfigProblem>),
}

fn lines(problems: &[ConfigProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
