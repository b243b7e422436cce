//! `HABEAS__SECTION__KEY` and `HABEAS__SECTION__KEY_FILE`.

use std::{collections::BTreeMap, path::PathBuf};

use serde_json::{Map, Value};

use super::tree;
use crate::ConfigError;

const PREFIX: &str = "HABEAS__";
const FILE: &str = "_FILE";

/// A variable that sets a value.
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) path: Vec<String>,
    text: String,
}

impl Variable {
    /// All that are set, those that name a file after the others, so that they win.
    pub(super) fn all(environment: &BTreeMap<String, String>) -> Result<Vec<Self>, ConfigError> {
        let named = environment.iter().filter_map(|(name, text)| {
            let path: Vec<String> = name.strip_prefix(PREFIX)?.split("__").map(str::to_lowercase).collect();
            Some((name, path, text))
        });
        let (files, plain): (Vec<_>, Vec<_>) = named.partition(|(name, path, _)| is_file(name, path));
        let plain = plain
            .into_iter()
            .map(|(name, path, text)| Ok(Self { name: name.clone(), path, text: text.clone() }));
        plain.chain(files.into_iter().map(|(name, path, file)| Self::from_file(name, path, file))).collect()
    }

    fn from_file(name: &str, mut path: Vec<String>, file: &str) -> Result<Self, ConfigError> {
        let file = PathBuf::from(file);
        let text = std::fs::read_to_string(&file)
            .map_err(|source| ConfigError::Unreadable { path: file, source })?;
        if let Some(key) = path.last_mut() {
            key.truncate(key.len().saturating_sub(FILE.len()));
        }
        Ok(Self { name: name.to_owned(), path, text: text.trim_end_matches(['\r', '\n']).to_owned() })
    }

    pub(super) fn put_into(&self, tree: &mut Map<String, Value>) {
        tree::put(tree, &self.path, Value::String(self.text.clone()));
    }

    /// The value as TOML would read it, for keys that are not texts: a number, a truth value, or a list, which
    /// may also be written with commas alone.
    pub(super) fn as_literal(&self) -> Vec<Value> {
        let read = |text: &str| {
            let table: Option<Map<String, Value>> = toml::from_str(&format!("value = {text}")).ok();
            table.and_then(|mut table| table.remove("value"))
        };
        let words = self.text.split(',').map(|word| Value::String(word.trim().to_owned()));
        read(&self.text).into_iter().chain([Value::Array(words.collect())]).collect()
    }
}

/// Keys that themselves end in `_file` are meant as they are.
fn is_file(name: &str, path: &[String]) -> bool {
    let own = path.last().is_some_and(|key| key == "ca_file");
    name.ends_with(FILE) && !own
}
