//! A table whose settings are taken one by one; what nobody takes is unknown.

use toml::{Spanned, de::DeTable};

use super::{Report, entry::Entry};
use crate::suggest::did_you_mean;

/// A table being read.
pub(crate) struct Section<'t, 'i> {
    path: String,
    offset: usize,
    table: &'t DeTable<'i>,
    asked: Vec<&'static str>,
}

impl<'t, 'i> Section<'t, 'i> {
    /// The whole file.
    pub(crate) fn root(table: &'t Spanned<DeTable<'i>>) -> Self {
        Self::new(String::new(), 0, table.get_ref())
    }

    pub(crate) fn new(path: String, offset: usize, table: &'t DeTable<'i>) -> Self {
        Self { path, offset, table, asked: Vec::new() }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Gives the section a better path, once its name is known.
    pub(crate) fn rename(&mut self, path: String) {
        self.path = path;
    }

    /// Where it stands.
    pub(crate) const fn offset(&self) -> usize {
        self.offset
    }

    /// A setting that may be missing.
    pub(crate) fn optional(&mut self, name: &'static str) -> Option<Entry<'t, 'i>> {
        self.asked.push(name);
        let value = self.table.get(name)?;
        Some(Entry::new(self.below(name), value.span().start, value))
    }

    /// A setting that must be there.
    pub(crate) fn required(&mut self, name: &'static str, report: &mut Report<'_>) -> Option<Entry<'t, 'i>> {
        let entry = self.optional(name);
        if entry.is_none() {
            let path = self.below(name);
            report.problem(self.offset, &path, "missing", format!("add `{name}`"));
        }
        entry
    }

    /// Every setting, whatever it is called, in the file's order.
    pub(crate) fn all(&self) -> Vec<(&'t str, Entry<'t, 'i>)> {
        let mut all: Vec<_> = self.table.iter().collect();
        all.sort_by_key(|(name, _)| name.span().start);
        all.into_iter()
            .map(|(name, value)| {
                let text: &str = name.get_ref();
                (text, Entry::new(self.below(text), name.span().start, value))
            })
            .collect()
    }

    /// Reports every setting that was not asked for.
    pub(crate) fn finish(self, report: &mut Report<'_>) {
        for (name, _) in self.table.iter().filter(|(name, _)| !self.asked.contains(&name.get_ref().as_ref()))
        {
            let text: &str = name.get_ref();
            let fix = did_you_mean(text, &self.asked);
            report.problem(name.span().start, &self.below(text), "unknown setting", fix);
        }
    }

    fn below(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}
