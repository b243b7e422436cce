//! Printing what a command found.

mod file;
mod progress;
mod table;

use std::io::Write as _;

use serde::Serialize;
use serde_json::Value;

pub(crate) use file::write_new;
pub(crate) use progress::Progress;
pub(crate) use table::{details, moment, table, table_page};

use crate::{
    context::Context,
    failure::{Exit, Failure},
};

/// What a command found: for people and for programs.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    /// For people.
    pub(crate) text: String,
    /// For programs.
    pub(crate) json: Value,
    /// How the process ends.
    pub(crate) exit: Exit,
    /// Whether it was printed already.
    said: bool,
}

impl Report {
    /// All is well.
    pub(crate) fn new(text: impl Into<String>, json: &impl Serialize) -> Self {
        let json = serde_json::to_value(json).unwrap_or_default();
        Self { text: text.into(), json, exit: Exit::Ok, said: false }
    }

    /// As printed already.
    pub(crate) fn said(self) -> Self {
        Self { said: true, ..self }
    }

    /// With another end.
    pub(crate) fn ending(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }
}

/// Prints a report on standard output, or a failure on standard error.
pub(crate) fn print(context: &Context, ended: Result<Report, Failure>) -> Exit {
    match ended {
        Ok(report) if report.said => report.exit,
        Ok(report) => {
            let text = if context.is_json() { pretty(&report.json) } else { report.text };
            // A reader that went away, such as `head`, is no failure of the command.
            let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
            report.exit
        }
        Err(failure) => complain(&failure, context.is_json()),
    }
}

/// Prints a failure on standard error.
pub(crate) fn complain(failure: &Failure, as_json: bool) -> Exit {
    let text = if as_json { pretty(&failure.problem()) } else { failure.text() };
    let _ = writeln!(std::io::stderr(), "{text}");
    failure.exit
}

fn pretty(json: &Value) -> String {
    serde_json::to_string_pretty(json).unwrap_or_default()
}
