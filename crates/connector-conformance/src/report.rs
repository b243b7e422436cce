//! What a run showed.

use std::fmt;

use crate::Unmet;

/// How a case ended.
#[derive(Debug)]
pub enum Outcome {
    /// It did what it must.
    Passed,
    /// The store does not promise what the case is about.
    NotApplicable,
    /// It did not.
    Failed(Unmet),
}

/// All cases of a run.
#[derive(Debug)]
pub struct Report {
    driver: &'static str,
    cases: Vec<(&'static str, Outcome)>,
}

/// A run that does not pass.
#[derive(Debug, thiserror::Error)]
#[error("the connector does not conform\n{0}")]
pub struct NotConforming(String);

impl Report {
    pub(crate) const fn new(driver: &'static str) -> Self {
        Self { driver, cases: Vec::new() }
    }

    pub(crate) fn add(&mut self, name: &'static str, outcome: Outcome) {
        self.cases.push((name, outcome));
    }

    /// How many cases ran.
    pub fn executed(&self) -> usize {
        self.cases.iter().filter(|(_, outcome)| !matches!(outcome, Outcome::NotApplicable)).count()
    }

    /// How many did not apply.
    pub fn not_applicable(&self) -> usize {
        self.cases.len() - self.executed()
    }

    /// How many failed.
    pub fn failed(&self) -> usize {
        self.cases.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Failed(_))).count()
    }

    /// Passes a run that executed something and failed nothing.
    pub fn verdict(self) -> Result<Self, NotConforming> {
        if self.failed() > 0 || self.executed() == 0 {
            Err(NotConforming(self.to_string()))
        } else {
            Ok(self)
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { driver, cases } = self;
        for (name, outcome) in cases {
            match outcome {
                Outcome::Passed => writeln!(f, "  ok      {name}")?,
                Outcome::NotApplicable => writeln!(f, "  n/a     {name}")?,
                Outcome::Failed(why) => writeln!(f, "  FAILED  {name}: {why}")?,
            }
        }
        let (executed, failed, rest) = (self.executed(), self.failed(), self.not_applicable());
        write!(f, "{driver}: {executed} cases executed, {failed} failed, {rest} not applicable")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_tested_nothing_does_not_pass() {
        assert!(Report::new("none").verdict().is_err());
        let mut report = Report::new("idle");
        report.add("deletes", Outcome::NotApplicable);
        assert!(report.verdict().is_err());
    }

    #[test]
    fn one_failure_is_enough() {
        let mut report = Report::new("some");
        report.add("selects", Outcome::Passed);
        report.add("deletes", Outcome::Failed(Unmet::new("a row was left")));
        let shown = report.verdict().unwrap_err().to_string();
        assert!(shown.contains("FAILED  deletes: a row was left"), "{shown}");
        assert!(shown.ends_with("some: 2 cases executed, 1 failed, 0 not applicable"), "{shown}");
    }
}
