//! From nested tables to a [`Config`], telling every problem and not only the first.

use serde_json::Value;
use serde_path_to_error::Segment;

use super::{environment::Variable, tree};
use crate::{
    Config,
    finding::{Findings, Found},
    suggest,
};

/// More problems than this are not told.
const MOST: usize = 50;

/// Reads the tables. A value that does not fit is noted and taken out, and the rest is read again.
pub(super) fn read(mut tree: Value, variables: &[Variable]) -> (Option<Config>, Vec<Found>) {
    let mut findings = Findings::default();
    for _ in 0..MOST {
        match serde_path_to_error::deserialize::<_, Config>(&tree) {
            Ok(config) => {
                config.check(&mut findings);
                return (Some(config), findings.0);
            }
            Err(error) => {
                let path = keys(&error);
                if try_as_literal(&mut tree, &path, variables) {
                    continue;
                }
                findings.0.push(found(path.clone(), &error.inner().to_string()));
                if !tree::take(&mut tree, &path) {
                    break;
                }
            }
        }
    }
    (None, findings.0)
}

/// A variable is text; where the key wants something else, it is read as TOML would read it.
fn try_as_literal(tree: &mut Value, path: &[String], variables: &[Variable]) -> bool {
    let Some(variable) = variables.iter().rev().find(|variable| variable.path == path) else { return false };
    for literal in variable.as_literal() {
        let mut changed = tree.clone();
        if let Value::Object(tables) = &mut changed {
            tree::put(tables, path, literal);
        }
        let still = serde_path_to_error::deserialize::<_, Config>(&changed)
            .is_err_and(|error| keys(&error).starts_with(path));
        if !still {
            *tree = changed;
            return true;
        }
    }
    false
}

/// The keys on the way to the error; places in lists belong to the list.
fn keys(error: &serde_path_to_error::Error<serde_json::Error>) -> Vec<String> {
    let segments = error.path().iter().map_while(|segment| match segment {
        Segment::Map { key } => Some(key.clone()),
        _ => None,
    });
    segments.collect()
}

fn found(path: Vec<String>, text: &str) -> Found {
    let text = text.split(" at line").next().unwrap_or(text);
    if let Some((what, known)) =
        text.split_once(", expected ").filter(|(what, _)| what.starts_with("unknown "))
    {
        let word = quoted(what).next().unwrap_or_default();
        let message = if what.starts_with("unknown field") {
            format!("there is no key `{word}`")
        } else {
            format!("`{word}` is not one of the values")
        };
        return Found { path, message, fix: did_you_mean(word, &quoted(known).collect::<Vec<_>>()) };
    }
    Found { path, message: text.to_owned(), fix: String::new() }
}

fn did_you_mean(word: &str, known: &[&str]) -> String {
    suggest::closest(word, known.iter().copied()).map_or_else(
        || format!("use one of: {}", known.join(", ")),
        |close| format!("did you mean `{close}`?"),
    )
}

/// The words between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}
