//! The layers, one over the other.

use std::{collections::BTreeMap, ffi::OsStr, path::PathBuf};

use serde_json::{Map, Value};

use super::{environment::Variable, file::ConfigFile, reading};
use crate::{Config, ConfigError, ConfigProblem, Origin, schema};

/// Where a configuration is looked for.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The file that the caller named, if any. It must be there.
    pub file: Option<PathBuf>,
    /// The environment.
    pub environment: BTreeMap<String, String>,
}

/// A configuration, and where it came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// The file, if there was one.
    pub file: Option<PathBuf>,
}

/// The variable that names the file.
const FILE_VARIABLE: &str = "HABEAS_CONFIG";

/// Where a file is looked for that nobody named.
const USUAL_PLACES: [&str; 2] = ["habeas.toml", "/etc/habeas/habeas.toml"];

impl Sources {
    /// The file that `file` names, and this process's environment.
    pub fn of_process(file: Option<PathBuf>) -> Self {
        Self {
            file,
            environment: std::env::vars_os().filter_map(|(name, text)| variable(&name, &text)).collect(),
        }
    }

    /// Reads and checks all layers.
    ///
    /// # Errors
    /// An unreadable file, or every problem at once.
    pub fn load(&self) -> Result<Loaded, ConfigError> {
        let file = self.find()?.map(|path| ConfigFile::read(&path)).transpose()?;
        let variables = Variable::all(&self.environment)?;
        let mut tree = file.as_ref().map_or_else(Map::new, |file| file.values.clone());
        for variable in &variables {
            variable.put_into(&mut tree);
        }
        let (config, found) = reading::read(Value::Object(tree), &variables);
        let path = file.as_ref().map(|file| file.path.clone());
        if let (Some(config), true) = (config, found.is_empty()) {
            return Ok(Loaded { config, file: path });
        }
        let schema = schema();
        let place = |field: &[String]| origin(field, file.as_ref(), &variables);
        let mut problems: Vec<_> = found
            .into_iter()
            .map(|one| {
                let about = schema::description(&schema, &one.path);
                let fix = if one.fix.is_empty() { advice(about) } else { one.fix };
                ConfigProblem {
                    origin: place(&one.path),
                    field: one.path.join("."),
                    message: one.message,
                    fix,
                }
            })
            .collect();
        problems.sort_by_key(|problem| problem.origin.clone());
        Err(ConfigError::Problems(problems))
    }

    /// A problem of the value at `field` that shows only beside what the configuration names, such as the laws: with its
    /// place, as [`Self::load`] tells it.
    pub fn problem(
        &self,
        field: &[String],
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> ConfigProblem {
        let file = self.find().ok().flatten().and_then(|path| ConfigFile::read(&path).ok());
        let variables = Variable::all(&self.environment).unwrap_or_default();
        ConfigProblem {
            origin: origin(field, file.as_ref(), &variables),
            field: field.join("."),
            message: message.into(),
            fix: fix.into(),
        }
    }

    /// The file to read. One that is there and may not be looked at is not taken for one that is missing.
    fn find(&self) -> Result<Option<PathBuf>, ConfigError> {
        let named = self.environment.get(FILE_VARIABLE).filter(|name| !name.is_empty()).map(PathBuf::from);
        if let Some(named) = self.file.clone().or(named) {
            return Ok(Some(named));
        }
        for path in USUAL_PLACES.map(PathBuf::from) {
            match path.try_exists() {
                Ok(true) => return Ok(Some(path)),
                Ok(false) => {}
                Err(source) => return Err(ConfigError::Unreadable { path, source }),
            }
        }
        Ok(None)
    }
}

/// A variable as text. What is none is a problem where it is ours, told as any other; elsewhere it is nobody's concern.
fn variable(name: &OsStr, text: &OsStr) -> Option<(String, String)> {
    let name = name.to_str()?.to_owned();
    let ours = name.starts_with("HABEAS_");
    let text =
        text.to_str().map(str::to_owned).or_else(|| ours.then(|| text.to_string_lossy().into_owned()))?;
    Some((name, text))
}

fn advice(about: Option<&str>) -> String {
    about.map_or_else(
        || "see `habeas config schema`".to_owned(),
        |about| {
            let about = about.split_whitespace().collect::<Vec<_>>().join(" ");
            format!("this is what belongs here: {}", about.trim_end_matches('.'))
        },
    )
}

/// Where the value at `field` came from: the last layer that set it, or what stands nearest to it.
fn origin(field: &[String], file: Option<&ConfigFile>, variables: &[Variable]) -> Origin {
    let variable = |fits: &dyn Fn(&Variable) -> bool| {
        let found = variables.iter().rev().find(|variable| fits(variable));
        found.map(|variable| Origin::Environment { variable: variable.name.clone() })
    };
    if let Some(own) = variable(&|one| field.starts_with(&one.path)) {
        return own;
    }
    match file.map(|file| file.origin(field)) {
        Some((origin, depth)) if depth == field.len() => origin,
        nearest => variable(&|one| one.path.starts_with(field))
            .or(nearest.map(|(origin, _)| origin))
            .unwrap_or(Origin::Default),
    }
}
