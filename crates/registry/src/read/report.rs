//! What a reading found wrong, and where each setting stands.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    path::{Path, PathBuf},
};

use crate::{ManifestProblem, Place, manifest::Source};

/// Collects the problems of one file.
pub(crate) struct Report<'t> {
    file: PathBuf,
    text: &'t str,
    problems: Vec<ManifestProblem>,
    places: BTreeMap<String, Place>,
}

impl<'t> Report<'t> {
    pub(crate) fn new(file: &Path, text: &'t str) -> Self {
        Self { file: file.to_owned(), text, problems: Vec::new(), places: BTreeMap::new() }
    }

    /// Notes a problem at a byte offset.
    pub(crate) fn problem(
        &mut self,
        offset: usize,
        path: &str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        let place = Some(Place::of(self.text, offset));
        self.problems.push(ManifestProblem::new(self.file.clone(), place, path, message.into(), fix.into()));
    }

    /// Notes a problem at a setting that was read before.
    pub(crate) fn problem_at(&mut self, path: &str, message: impl Into<String>, fix: impl Into<String>) {
        let place = self.places.get(path).copied();
        self.problems.push(ManifestProblem::new(self.file.clone(), place, path, message.into(), fix.into()));
    }

    /// Remembers where a setting stands. Of two with the same path, the first counts, and the second is a problem.
    pub(crate) fn remember(&mut self, path: &str, offset: usize) {
        match self.places.entry(path.to_owned()) {
            Entry::Vacant(vacant) => {
                vacant.insert(Place::of(self.text, offset));
            }
            Entry::Occupied(first) => {
                let message = format!("declared before, on line {}", first.get().line);
                self.problem(offset, path, message, "put everything into one of the two, and drop the other");
            }
        }
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    /// Whether nothing at or below a path was wrong so far.
    pub(crate) fn is_clean_below(&self, path: &str) -> bool {
        let below = |field: &str| {
            field.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        !self.problems.iter().any(|problem| below(&problem.field))
    }

    pub(crate) fn into_source(self) -> Source {
        Source { file: self.file, places: self.places }
    }

    /// All problems, in the file's order.
    pub(crate) fn into_problems(self) -> Vec<ManifestProblem> {
        let mut problems = self.problems;
        problems.sort_by_key(|problem| (problem.line, problem.column));
        problems
    }
}
