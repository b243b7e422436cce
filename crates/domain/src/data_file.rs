//! Reading the TOML files that hold law and language as data, with errors that name file, line and field.

use serde::de::DeserializeOwned;

/// A data file that cannot be used. Its text names the file, the line where known, the field, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {field}: {problem}", line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct DataFileError {
    /// The file's name.
    pub file: String,
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
    /// The field, as a dotted path; `file` for the whole.
    pub field: String,
    /// What is wrong with it, and what to write instead.
    pub problem: String,
}

impl DataFileError {
    /// A rule that the types alone do not hold.
    pub fn rule(file: &str, field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: None, field: field.into(), problem: problem.into() }
    }
}

/// Reads `text`, which came from `file`.
pub fn parse<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, DataFileError> {
    let document = toml::Deserializer::parse(text).map_err(|source| broken(file, text, "file", &source))?;
    serde_path_to_error::deserialize(document).map_err(|error| {
        // A name that is unknown where names are fixed has no path of its own; the problem names it.
        let path = error.path().to_string();
        let field = match path.trim_end_matches('?').trim_end_matches('.') {
            "" => "file",
            field => field,
        };
        broken(file, text, field, error.inner())
    })
}

fn broken(file: &str, text: &str, field: &str, source: &toml::de::Error) -> DataFileError {
    let line =
        source.span().and_then(|span| text.get(..span.start)).map(|before| before.lines().count().max(1));
    DataFileError {
        file: file.to_owned(),
        line,
        field: field.to_owned(),
        problem: source.message().trim().to_owned(),
    }
}
