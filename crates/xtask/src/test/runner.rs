//! Running the tests with cargo nextest, or with cargo test where nextest is not installed.

use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context as _, Result, anyhow};

use super::counts::{Counts, Runner};
use super::servers::Servers;
use crate::cargo::{EVERYTHING, cargo};
use crate::run;

/// All tests but those in documentation.
pub(super) fn tests(no_nextest: bool, servers: &Servers, program: &Path) -> Result<Counts> {
    let has_nextest = run::succeeds(&mut cargo(&["nextest", "--version"])?);
    let runner = if has_nextest && !no_nextest { Runner::Nextest } else { Runner::Libtest };
    let mut command = match runner {
        Runner::Nextest => {
            let mut nextest =
                cargo(&["nextest", "run", "--all-targets", "--profile", "ci", "--color", "never"])?;
            nextest.args(["--test-threads", &halves()]);
            nextest
        }
        Runner::Libtest => cargo(&["test", "--all-targets"])?,
    };
    command.arg("--no-fail-fast").args(EVERYTHING).env("RUST_TEST_THREADS", threads());
    counted(runner, &mut command, servers, program)
}

/// The tests in documentation, which nextest does not run.
pub(super) fn doc_tests(servers: &Servers, program: &Path) -> Result<Counts> {
    let mut command = cargo(&["test", "--doc", "--no-fail-fast"])?;
    counted(Runner::Libtest, command.args(EVERYTHING), servers, program)
}

/// Nextest is told of two halves of each processor: a test that mostly waits takes one, any other two (`.config/nextest.toml`).
fn halves() -> String {
    thread::available_parallelism().map_or(4, |cores| cores.get() * 2).to_string()
}

/// Without nextest there are no test groups: tests of the whole system would crowd each other out with more threads.
fn threads() -> String {
    thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 4)).to_string()
}

/// Runs a test command, shows all that it prints, and counts.
fn counted(runner: Runner, command: &mut Command, servers: &Servers, program: &Path) -> Result<Counts> {
    let line = run::line(command);
    command.envs(servers.variables()).env("HABEAS_BIN", program);
    // A failed test says where and why by itself. Traces would bury that, and waits make thousands of them.
    command.env("RUST_BACKTRACE", "0").env("RUST_LIB_BACKTRACE", "0");
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start: {line}"))?;
    let complaints = child.stderr.take().context("standard error is piped")?;
    let complaints = thread::spawn(move || shown_and_kept(complaints));
    let mut output = shown_and_kept(child.stdout.take().context("standard output is piped")?)?;
    output.push_str(&complaints.join().map_err(|_panic| anyhow!("the reader of standard error failed"))??);
    let status = child.wait().with_context(|| line.clone())?;
    Ok(Counts::read(runner, &output, status.success()))
}

/// Passes each line on to the terminal, and returns all of them.
fn shown_and_kept(from: impl Read) -> Result<String> {
    let mut from = BufReader::new(from);
    let mut kept = String::new();
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line).context("reading the output of the tests")? > 0 {
        let text = String::from_utf8_lossy(&line);
        print!("{text}");
        kept.push_str(&text);
        line.clear();
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_kept_even_if_it_is_not_utf8() {
        assert_eq!(shown_and_kept(&b"a\n\xff\nb"[..]).unwrap(), "a\n\u{fffd}\nb");
    }

    #[test]
    fn a_test_of_two_halves_always_fits() {
        assert!(halves().parse::<usize>().unwrap() >= 2);
    }

    #[test]
    fn at_least_two_threads_and_at_most_four() {
        assert!(["2", "3", "4"].contains(&threads().as_str()));
    }
}
