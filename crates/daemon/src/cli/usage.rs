//! A command line that cannot be followed, told to a program as every other failure is.

use std::ffi::OsStr;

use crate::failure::Failure;

/// What is wrong with a command line, for whoever asked for JSON in it. Nothing where the help is printed instead.
pub(crate) fn failure<T: AsRef<OsStr>>(
    error: &clap::Error,
    typed: impl IntoIterator<Item = T>,
) -> Option<Failure> {
    let is_help = !error.use_stderr();
    if is_help || !asks_for_json(typed) {
        return None;
    }
    let text = error.render().to_string();
    let (wrong, advice) = text.split_once('\n').unwrap_or((&text, ""));
    let failure = Failure::usage(wrong.trim_start_matches("error: "));
    let advice: Vec<&str> = advice.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    Some(if advice.is_empty() { failure } else { failure.fix(advice.join("\n")) })
}

/// Whether `--output json` is there, however wrong the rest is.
fn asks_for_json<T: AsRef<OsStr>>(typed: impl IntoIterator<Item = T>) -> bool {
    let mut is_value = false;
    typed.into_iter().any(|word| {
        let word = word.as_ref();
        let is_json = (is_value && word == "json") || word == "--output=json";
        is_value = word == "--output";
        is_json
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    fn told(typed: &[&str]) -> Option<Failure> {
        let typed = || ["habeas"].iter().chain(typed).copied();
        failure(&Cli::try_parse_from(typed()).unwrap_err(), typed())
    }

    #[test]
    fn programs_are_told_what_is_wrong_and_what_to_type() {
        let state = told(&["task", "list", "--state", "asleep", "--output", "json"]).unwrap();
        assert_eq!(state.message, "invalid value 'asleep' for '--state <STATE>'");
        assert!(state.fix.as_ref().unwrap().contains("waiting, running"), "{state:?}");
        assert!(told(&["--output", "json"]).unwrap().message.contains("requires a subcommand"));
        assert!(failure(&Cli::try_parse_from(["habeas", "x"]).unwrap_err(), ["--output=json"]).is_some());
    }

    #[test]
    fn people_and_whoever_asks_for_help_get_it_as_it_is() {
        assert!(told(&["task", "list", "--state", "json"]).is_none());
        assert!(told(&["--output", "json", "--help"]).is_none());
    }
}
