//! Why a command could not do what was asked, and the exit codes.

use std::{
    error::Error,
    ops::{Deref, DerefMut},
    process::ExitCode,
};

use habeas_config::ConfigError;
use habeas_domain::Retry;
use habeas_fulfilment::{FulfilmentError, ObjectError};
use habeas_intake::ReceiveError;
use habeas_ledger::LedgerError;
use habeas_queue::QueueError;
use habeas_registry::RegistryError;
use habeas_vault::VaultError;
use serde_json::{Value, json};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All is well.
    Ok,
    /// Something was found that needs a look, or was refused.
    Findings,
    /// The command line cannot be followed.
    Usage,
    /// What was handed over is never taken (`EX_DATAERR` of sysexits).
    NeverTaken,
    /// Something that is needed does not answer (`EX_UNAVAILABLE` of sysexits).
    Unavailable,
    /// Whoever handed something over is to try again later (`EX_TEMPFAIL` of sysexits).
    TryLater,
    /// The configuration is wrong (`EX_CONFIG` of sysexits).
    Config,
}

impl Exit {
    const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::NeverTaken => 65,
            Self::Unavailable => 69,
            Self::TryLater => 75,
            Self::Config => 78,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command could not do what was asked. Holds no personal data and no secret. Boxed, so that results stay small.
#[derive(Debug, Clone)]
pub(crate) struct Failure(Box<Told>);

/// What is told about a failure.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    /// How the process ends.
    pub(crate) exit: Exit,
    /// A short stable word.
    pub(crate) code: &'static str,
    /// What is wrong.
    pub(crate) message: String,
    /// What to do about it, unless the message says so itself.
    pub(crate) fix: Option<String>,
    /// Each error under the one before.
    pub(crate) causes: Vec<String>,
    /// Field by field, for programs.
    pub(crate) problems: Value,
}

impl Deref for Failure {
    type Target = Told;
    fn deref(&self) -> &Told {
        &self.0
    }
}

impl DerefMut for Failure {
    fn deref_mut(&mut self) -> &mut Told {
        &mut self.0
    }
}

impl Failure {
    /// A failure in words.
    pub(crate) fn new(exit: Exit, code: &'static str, message: impl Into<String>) -> Self {
        let (message, fix) = (message.into(), None);
        Self(Box::new(Told { exit, code, message, fix, causes: Vec::new(), problems: Value::Null }))
    }

    /// A failure with its causes.
    pub(crate) fn of(exit: Exit, code: &'static str, error: &dyn Error) -> Self {
        let mut failure = Self::new(exit, code, error.to_string());
        let mut source = error.source();
        while let Some(cause) = source {
            failure.causes.push(cause.to_string());
            source = cause.source();
        }
        failure
    }

    /// The command line cannot be followed.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "usage", message)
    }

    /// With another exit code.
    pub(crate) fn ending(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// Adds what to do.
    pub(crate) fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// Adds what is wrong field by field.
    pub(crate) fn with_problems(mut self, problems: Value) -> Self {
        self.problems = problems;
        self
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("error: {}", self.message);
        for cause in &self.causes {
            text.push_str("\n  because: ");
            text.push_str(cause);
        }
        if let Some(fix) = &self.fix {
            text.push_str("\n  fix: ");
            text.push_str(fix);
        }
        text
    }

    /// For programs: a problem document (RFC 9457) with two more members.
    pub(crate) fn problem(&self) -> Value {
        let mut problem = json!({
            "type": format!("urn:habeas:problem:{}", self.code),
            "title": self.message,
            "exit": self.exit.code(),
            "causes": self.causes,
        });
        if let Some(fix) = &self.fix {
            problem["fix"] = json!(fix);
        }
        if !self.problems.is_null() {
            problem["problems"] = self.problems.clone();
        }
        problem
    }
}

/// Unavailable when a retry may help, else what `otherwise` says.
const fn by_retry(retry: Retry, otherwise: Exit) -> Exit {
    match retry {
        Retry::Never => otherwise,
        Retry::Later | Retry::After(_) => Exit::Unavailable,
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let failure = Self::of(Exit::Config, "configuration", &error);
        match &error {
            ConfigError::Problems(problems) => failure.with_problems(json!(problems)),
            ConfigError::Unreadable { .. } => failure,
        }
    }
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        let failure = Self::of(Exit::Config, "manifests", &error);
        match &error {
            RegistryError::Problems(problems) => failure.with_problems(json!(problems)),
            RegistryError::Findings(findings) => failure.with_problems(json!(findings)),
            RegistryError::Unreadable { .. } | RegistryError::Empty(_) => failure,
        }
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        if let LedgerError::Closing(refused) = &error {
            return Self::of(Exit::Findings, refused.code(), &error);
        }
        let exit = by_retry(error.retry(), Exit::Findings);
        let code = if matches!(error, LedgerError::NotFound(_)) { "not-found" } else { "state" };
        let failure = Self::of(exit, code, &error);
        if exit == Exit::Unavailable {
            failure.fix("check that the state database runs and that state.url is right: `habeas doctor`")
        } else {
            failure
        }
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        Self::of(by_retry(error.retry(), Exit::Config), "key-ring", &error)
    }
}

impl From<QueueError> for Failure {
    fn from(error: QueueError) -> Self {
        Self::of(Exit::Unavailable, "queue", &error)
            .fix("check that the broker runs and that queue.url is right: `habeas doctor`")
    }
}

impl From<ObjectError> for Failure {
    fn from(error: ObjectError) -> Self {
        Self::of(by_retry(error.to_fault().retry, Exit::Config), "objects", &error)
    }
}

impl From<FulfilmentError> for Failure {
    fn from(error: FulfilmentError) -> Self {
        if let FulfilmentError::Ledger(error) = error {
            return Self::from(error);
        }
        Self::of(Exit::Unavailable, "stores", &error).fix("look at the store: `habeas store check`")
    }
}

impl From<ReceiveError> for Failure {
    fn from(error: ReceiveError) -> Self {
        let mut failure = Self::of(by_retry(error.retry(), Exit::Findings), "submission", &error);
        match &error {
            ReceiveError::Problems(problems) => {
                if problems.iter().all(|one| one.code == "not-correctable") {
                    failure.exit = Exit::Usage;
                }
                let lines = problems.iter().map(|one| format!("{}: {}", one.field, one.message));
                failure.causes = lines.collect();
                failure.with_problems(json!(problems))
            }
            _ => failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_programs_are_told_the_same() {
        let failure = Failure::new(Exit::Unavailable, "queue", "the broker is away").fix("start it");
        assert_eq!(failure.text(), "error: the broker is away\n  fix: start it");
        insta::assert_json_snapshot!(failure.problem(), @r#"
        {
          "causes": [],
          "exit": 69,
          "fix": "start it",
          "title": "the broker is away",
          "type": "urn:habeas:problem:queue"
        }
        "#);
    }
}
