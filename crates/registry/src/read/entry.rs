//! One setting, read as what it should be.

use std::ops::RangeInclusive;

use habeas_domain::store::MalformedName;
use toml::{Spanned, de::DeValue};

use super::{Report, section::Section};
use crate::suggest::did_you_mean;

/// A setting's value with its path and place.
pub(crate) struct Entry<'t, 'i> {
    path: String,
    offset: usize,
    value: &'t DeValue<'i>,
}

impl<'t, 'i> Entry<'t, 'i> {
    pub(crate) fn new(path: String, offset: usize, value: &'t Spanned<DeValue<'i>>) -> Self {
        Self { path, offset, value: value.get_ref() }
    }

    /// The value if it is text; says nothing if it is not.
    pub(crate) fn as_text(&self) -> Option<&'t str> {
        self.value.as_str()
    }

    /// Reports a problem of this setting.
    pub(crate) fn problem(
        &self,
        report: &mut Report<'_>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        report.problem(self.offset, &self.path, message, fix);
    }

    /// Remembers where it stands, for checks that come later.
    pub(crate) fn remember(&self, report: &mut Report<'_>) {
        report.remember(&self.path, self.offset);
    }

    /// Reports that it has the wrong type.
    pub(crate) fn mistyped(&self, report: &mut Report<'_>, wanted: &str) {
        self.problem(
            report,
            format!("should be {wanted}, is {}", self.value.type_str()),
            format!("write {wanted}"),
        );
    }

    /// Text that is not blank.
    pub(crate) fn text(&self, report: &mut Report<'_>) -> Option<&'t str> {
        match self.value.as_str() {
            Some(text) if text.trim().is_empty() => {
                self.problem(report, "empty", "write a text, or leave the setting out");
                None
            }
            Some(text) => Some(text),
            None => {
                self.mistyped(report, "a text in quotes");
                None
            }
        }
    }

    /// A name that keeps its kind's rule.
    pub(crate) fn name<N: TryFrom<String, Error = MalformedName>>(
        &self,
        report: &mut Report<'_>,
    ) -> Option<N> {
        let text = self.text(report)?;
        N::try_from(text.to_owned())
            .map_err(|malformed| self.problem(report, format!("not a {}", malformed.kind), malformed.rule))
            .ok()
    }

    /// One word of a closed list.
    pub(crate) fn choice<C: Copy>(
        &self,
        report: &mut Report<'_>,
        options: &[C],
        word: impl Fn(C) -> &'static str,
    ) -> Option<C> {
        let text = self.text(report)?;
        let found = options.iter().copied().find(|option| word(*option) == text);
        if found.is_none() {
            let words: Vec<&str> = options.iter().copied().map(word).collect();
            self.problem(report, format!("unknown word \"{text}\""), did_you_mean(text, &words));
        }
        found
    }

    /// True or false.
    pub(crate) fn flag(&self, report: &mut Report<'_>) -> Option<bool> {
        let flag = self.value.as_bool();
        if flag.is_none() {
            self.mistyped(report, "true or false");
        }
        flag
    }

    /// A whole number within limits.
    pub(crate) fn number(&self, report: &mut Report<'_>, range: &RangeInclusive<u32>) -> Option<u32> {
        let wanted = format!("a whole number from {} to {}", range.start(), range.end());
        let Some(number) = self.value.as_integer() else {
            self.mistyped(report, &wanted);
            return None;
        };
        let number = u32::from_str_radix(number.as_str(), number.radix()).ok().filter(|n| range.contains(n));
        if number.is_none() {
            self.problem(report, "out of range", format!("write {wanted}"));
        }
        number
    }

    /// A table.
    pub(crate) fn section(&self, report: &mut Report<'_>, wanted: &str) -> Option<Section<'t, 'i>> {
        let section = self.value.as_table().map(|table| Section::new(self.path.clone(), self.offset, table));
        if section.is_none() {
            self.mistyped(report, wanted);
        }
        section
    }

    /// A list of tables, such as all `[[collection]]`.
    pub(crate) fn sections(&self, report: &mut Report<'_>) -> Vec<Section<'t, 'i>> {
        let wanted = format!("a list of tables, each beginning with [[{}]]", self.path);
        let Some(items) = self.value.as_array() else {
            self.mistyped(report, &wanted);
            return Vec::new();
        };
        let entry = |(index, item): (usize, &'t Spanned<DeValue<'i>>)| {
            Entry::new(format!("{}[{index}]", self.path), item.span().start, item)
        };
        items.iter().enumerate().map(entry).filter_map(|item| item.section(report, &wanted)).collect()
    }
}
