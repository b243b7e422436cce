//! Reading the TOML files that hold law and language as data, with errors that name file, line and field.

use serde::de::DeserializeOwned;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

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

    /// With the line on which its field stands in `text`, the text of its file.
    #[must_use]
    pub fn located(mut self, text: &str) -> Self {
        self.line = self.line.or_else(|| line_of(text, &self.field));
        self
    }
}

/// The line, from 1, of the deepest part of a dotted path that a document holds.
fn line_of(text: &str, path: &str) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let table = DeValue::Table(document.get_ref().clone());
    let (mut value, mut at) = (&table, None);
    // `right[0].sure[2]` is right, 0, sure, 2.
    for part in path.split(['.', '[', ']']).filter(|part| !part.is_empty()) {
        let Some(inner) = below(value, part) else { break };
        at = Some(inner.span().start);
        value = inner.get_ref();
    }
    Some(line_at(text, at?))
}

fn below<'v, 't>(value: &'v DeValue<'t>, part: &str) -> Option<&'v Spanned<DeValue<'t>>> {
    match value {
        DeValue::Table(table) => table.get(part),
        DeValue::Array(items) => items.get(part.parse::<usize>().ok()?),
        _ => None,
    }
}

/// The line of a byte, from 1.
fn line_at(text: &str, byte: usize) -> usize {
    text.get(..byte).map_or(1, |before| before.bytes().filter(|byte| *byte == b'\n').count() + 1)
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
    let line = source.span().map(|span| line_at(text, span.start));
    DataFileError {
        file: file.to_owned(),
        line,
        field: field.to_owned(),
        problem: source.message().trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_on_its_line() {
        let text = "name = \"x\"\n[words]\nask = [\n  \"a\",\n  \"b\",\n]\n[[right]]\nright = \"y\"\n";
        for (field, line) in [
            ("name", Some(1)),
            ("words.ask", Some(3)),
            ("words.ask[1]", Some(5)),
            ("right[0].right", Some(8)),
            ("words.tell", Some(2)),
            ("file", None),
        ] {
            assert_eq!(DataFileError::rule("x.toml", field, "wrong").located(text).line, line, "{field}");
        }
    }
}
