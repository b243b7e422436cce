//! From nested tables to a [`Config`], telling every problem and not only the first.

use habeas_domain::suggest;
use serde_json::Value;
use serde_path_to_error::Segment;

use super::{environment::Variable, tree};
use crate::{
    Config,
    finding::{Findings, Found},
};

/// More problems than this are not told.
const MOST: usize = 50;

/// Reads the tables. A value that does not fit is noted and taken out, and the rest is read again.
pub(super) fn read(mut tree: Value, variables: &[Variable]) -> (Option<Config>, Vec<Found>) {
    let mut findings = Findings::default();
    steering_characters(&mut tree, &mut Vec::new(), &mut findings);
    let mut taken: Vec<Vec<String>> = Vec::new();
    for _ in 0..MOST {
        match serde_path_to_error::deserialize::<_, Config>(&tree) {
            Ok(config) => {
                let mut checked = Findings::default();
                config.check(&mut checked);
                // What was taken out is not missed as well.
                checked.0.retain(|found| !findings.0.iter().any(|read| read.path.starts_with(&found.path)));
                findings.0.append(&mut checked.0);
                return (Some(config), findings.0);
            }
            Err(error) => {
                let path = keys(&error);
                if try_as_literal(&mut tree, &path, variables) {
                    continue;
                }
                let path = narrowed(&tree, path, &error.inner().to_string());
                let written = as_written(path.clone(), &taken);
                // A text that was emptied has been told of.
                if !findings.0.iter().any(|one| one.path == written) {
                    findings.0.push(found(written, &error.inner().to_string()));
                }
                let is_item = |depth: usize| tree::is_item(&tree, path.get(..depth).unwrap_or_default());
                let items: Vec<usize> = (1..=path.len()).filter(|depth| is_item(*depth)).collect();
                match tree::take(&mut tree, &path) {
                    Some(depth) if items.contains(&depth) => {
                        taken.push(path.into_iter().take(depth).collect());
                    }
                    Some(_) => {}
                    None => break,
                }
            }
        }
    }
    (None, findings.0)
}

/// No text of a configuration has several lines, or steers a terminal, a header or a file system. Those that do are emptied.
fn steering_characters(tree: &mut Value, path: &mut Vec<String>, findings: &mut Findings) {
    let mut below = |key: String, value: &mut Value| {
        path.push(key);
        steering_characters(value, path, findings);
        path.pop();
    };
    match tree {
        Value::Object(table) => table.iter_mut().for_each(|(key, value)| below(key.clone(), value)),
        Value::Array(items) => {
            items.iter_mut().enumerate().for_each(|(place, item)| below(place.to_string(), item));
        }
        Value::String(text) if text.chars().any(|c| c.is_control() || c == char::REPLACEMENT_CHARACTER) => {
            let undone = text.contains(char::REPLACEMENT_CHARACTER);
            let message = if undone { "is not UTF-8 text" } else { "holds control characters" };
            let fix = "write one line of plain text";
            findings.0.push(Found { path: path.clone(), message: message.to_owned(), fix: fix.to_owned() });
            text.clear();
        }
        _ => {}
    }
}

/// The path to the one key below `path` without which this error is not there. Where keys are words of a fixed list, the
/// error itself names the table alone.
fn narrowed(tree: &Value, path: Vec<String>, text: &str) -> Vec<String> {
    let Some(Value::Object(table)) = tree::at(tree, &path) else { return path };
    let same = |tree: &Value| {
        serde_path_to_error::deserialize::<_, Config>(tree)
            .is_err_and(|error| keys(&error) == path && error.inner().to_string() == text)
    };
    let culprit = table.keys().find_map(|key| {
        let below: Vec<String> = path.iter().chain([key]).cloned().collect();
        let mut without = tree.clone();
        tree::take(&mut without, &below)?;
        (!same(&without)).then_some(below)
    });
    culprit.unwrap_or(path)
}

/// Taking an entry out of a list moves those behind it: the path as it was before.
fn as_written(mut path: Vec<String>, taken: &[Vec<String>]) -> Vec<String> {
    for entry in taken.iter().rev() {
        let Some((place, list)) = entry.split_last() else { continue };
        let (Ok(place), true) = (place.parse::<usize>(), path.starts_with(list)) else { continue };
        if let Some(own) = path.get_mut(list.len())
            && let Ok(number) = own.parse::<usize>()
            && number >= place
        {
            *own = (number + 1).to_string();
        }
    }
    path
}

/// A variable is text; where the key wants something else, it is read as TOML would read it.
fn try_as_literal(tree: &mut Value, path: &[String], variables: &[Variable]) -> bool {
    let Some(variable) = variables.iter().rev().find(|variable| variable.path == path) else { return false };
    for literal in variable.as_literal() {
        let mut changed = tree.clone();
        if let Value::Object(tables) = &mut changed {
            tree::put(tables, path, literal);
        }
        let still =
            serde_path_to_error::deserialize::<_, Config>(&changed).is_err_and(|error| keys(&error) == path);
        if !still {
            *tree = changed;
            return true;
        }
    }
    false
}

/// The keys on the way to the error, places in lists by their number.
fn keys(error: &serde_path_to_error::Error<serde_json::Error>) -> Vec<String> {
    let segments = error.path().iter().map_while(|segment| match segment {
        Segment::Map { key } => Some(key.clone()),
        Segment::Seq { index } => Some(index.to_string()),
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
