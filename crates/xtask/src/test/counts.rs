//! How many tests passed, failed and did not run, read from what the runners print.

use std::ops::Add;

/// What a test runner reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Ran and passed.
    pub(crate) passed: u64,
    /// Ran and failed, or was ended for taking too long.
    pub(crate) failed: u64,
    /// Ignored or filtered out.
    pub(crate) skipped: u64,
    /// Whether the runner itself said that all is well.
    pub(crate) succeeded: bool,
}

/// Whose closing lines to read. Nextest repeats the output of failed tests, with Rust's own closing line in it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Runner {
    /// cargo nextest.
    Nextest,
    /// Rust's own, for cargo test.
    Libtest,
}

impl Counts {
    const NONE: Self = Self { passed: 0, failed: 0, skipped: 0, succeeded: true };

    /// Adds up the runner's closing lines in its output.
    pub(crate) fn read(runner: Runner, output: &str, succeeded: bool) -> Self {
        let closing_line = match runner {
            Runner::Nextest => nextest,
            Runner::Libtest => libtest,
        };
        let sum = output.lines().filter_map(closing_line).fold(Self::NONE, Add::add);
        Self { succeeded, ..sum }
    }
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
            succeeded: self.succeeded && other.succeeded,
        }
    }
}

/// `     Summary [  86.1s] 14/20 tests run: 11 passed (2 slow), 1 failed, 1 timed out, 1 exec failed, 6 skipped`
fn nextest(line: &str) -> Option<Counts> {
    let (_, summary) = line.trim_start().strip_prefix("Summary [")?.split_once("] ")?;
    let (run, parts) = summary.split_once(" run: ")?;
    let number_of = |wanted: &str| {
        let of_kind = parts
            .split(", ")
            .filter(|part| part.split('(').next().is_some_and(|part| part.trim().ends_with(wanted)));
        of_kind.filter_map(first_number).sum::<u64>()
    };
    let (passed, skipped) = (number_of("passed"), number_of("skipped"));
    let failed = first_number(run)?.saturating_sub(passed);
    Some(Counts { passed, failed, skipped: skipped + not_run(run), succeeded: true })
}

/// In `14/20 tests`, the 6 that a cancelled run left out.
fn not_run(run: &str) -> u64 {
    let Some((run, planned)) = run.split_once('/') else { return 0 };
    first_number(planned).zip(first_number(run)).map_or(0, |(planned, run)| planned.saturating_sub(run))
}

/// `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s`
fn libtest(line: &str) -> Option<Counts> {
    let (_, parts) = line.trim_start().strip_prefix("test result: ")?.split_once(". ")?;
    let number_of = |wanted: &str| {
        let part = parts.split(';').find(|part| part.trim().ends_with(wanted));
        part.and_then(first_number).unwrap_or(0)
    };
    let skipped = number_of("ignored") + number_of("filtered out");
    Some(Counts { passed: number_of("passed"), failed: number_of("failed"), skipped, succeeded: true })
}

fn first_number(text: &str) -> Option<u64> {
    let digits: String = text.trim_start().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Counts {
        Counts { passed, failed, skipped, succeeded: true }
    }

    #[test]
    fn nextest_summaries_are_read() {
        for (line, expected) in [
            ("     Summary [  39.063s] 1 test run: 1 passed, 0 skipped", counts(1, 0, 0)),
            (
                "     Summary [ 591.358s] 42 tests run: 39 passed (1 slow), 3 failed, 0 skipped",
                counts(39, 3, 0),
            ),
            (
                "     Summary [   1.0s] 9 tests run: 5 passed (1 leaky), 2 failed, 1 exec failed, 1 timed out, 3 skipped",
                counts(5, 4, 3),
            ),
            ("     Summary [   1.0s] 14/20 tests run: 13 passed, 1 failed, 2 skipped", counts(13, 1, 8)),
        ] {
            assert_eq!(Counts::read(Runner::Nextest, line, true), expected, "{line}");
        }
    }

    #[test]
    fn libtest_results_are_added_up() {
        let output = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
                      test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 4 filtered out; finished in 1s\n";
        assert_eq!(Counts::read(Runner::Libtest, output, true), counts(14, 3, 5));
    }

    #[test]
    fn a_runner_that_prints_nothing_has_run_nothing() {
        let failed = Counts { succeeded: false, ..counts(0, 0, 0) };
        assert_eq!(Counts::read(Runner::Libtest, "error: could not compile", false), failed);
        let repeated =
            "test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 4 filtered out; finished in 1s";
        assert_eq!(Counts::read(Runner::Nextest, repeated, false), failed);
    }
}
