//! The TOML file.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use toml::de::DeTable;

use super::place::{self, Place};
use crate::{ConfigError, ConfigProblem, Origin};

/// A file, read but not yet understood.
pub(super) struct ConfigFile {
    pub(super) path: PathBuf,
    pub(super) values: Map<String, Value>,
    text: String,
}

impl ConfigFile {
    pub(super) fn read(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |source| ConfigError::Unreadable { path: path.to_owned(), source };
        let bytes = std::fs::read(path).map_err(unreadable)?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let message = format!("not UTF-8 text from byte {at} on");
            broken(path, Place::START, String::new(), message, "save it as UTF-8")
        })?;
        let values = toml::from_str(&text).map_err(|error: toml::de::Error| {
            let start = error.span().map_or(0, |span| span.start);
            let place = Place::of(&text, start);
            // Good TOML all the same, if a value is one that nothing can hold.
            if let Ok(table) = DeTable::parse(&text) {
                let field = place::path_at(table.get_ref(), start).join(".");
                return broken(path, place, field, "out of range".to_owned(), "write a smaller number");
            }
            let message = error.message().lines().next().unwrap_or("not TOML").to_owned();
            broken(path, place, String::new(), message, "correct the TOML syntax there")
        })?;
        Ok(Self { path: path.to_owned(), values, text })
    }

    /// Where the value at `field` stands, or else the nearest table around it, and how many keys that is.
    pub(super) fn origin(&self, field: &[String]) -> (Origin, usize) {
        let table = DeTable::parse(&self.text).ok();
        let (place, depth) =
            table.map_or((Place::START, 0), |table| place::find(&self.text, table.get_ref(), field));
        (place.in_file(&self.path), depth)
    }
}

fn broken(path: &Path, place: Place, field: String, message: String, fix: &str) -> ConfigError {
    let origin = place.in_file(path);
    ConfigError::Problems(vec![ConfigProblem { origin, field, message, fix: fix.to_owned() }])
}
