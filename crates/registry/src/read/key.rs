//! `[[key]]`.

use regex::RegexBuilder;

use super::{Report, entry::Entry, section::Section};
use crate::{Compare, KeyRules};

/// How much memory a pattern may take, in bytes.
const PATTERN_SIZE: usize = 1 << 20;

pub(crate) fn all(entry: &Entry<'_, '_>, report: &mut Report<'_>) -> Vec<KeyRules> {
    let sections = entry.sections(report);
    sections.into_iter().filter_map(|section| one(section, report)).collect()
}

fn one(mut section: Section<'_, '_>, report: &mut Report<'_>) -> Option<KeyRules> {
    let name = section.required("name", report).and_then(|entry| entry.name(report));
    let ceiling = section.optional("ceiling").and_then(|entry| entry.number(report, &(1..=100_000)));
    let shared = section.optional("shared").and_then(|entry| entry.flag(report));
    let identifying = section.optional("identifying").and_then(|entry| entry.flag(report));
    let compare = section.optional("compare").and_then(|entry| {
        entry.choice(report, &[Compare::Exact, Compare::Caseless], |compare| match compare {
            Compare::Exact => "exact",
            Compare::Caseless => "caseless",
        })
    });
    let pattern = section.optional("pattern").and_then(|entry| pattern(&entry, report));
    let offset = section.offset();
    section.finish(report);
    let rules = KeyRules::default_of(name?);
    report.remember(&format!("key.{}", rules.name), offset);
    Some(KeyRules {
        ceiling: ceiling.unwrap_or(rules.ceiling),
        shared: shared.unwrap_or(rules.shared),
        compare: compare.unwrap_or(rules.compare),
        identifying: identifying.unwrap_or(rules.identifying),
        pattern,
        name: rules.name,
    })
}

/// A regular expression of bounded size that matches no empty text.
fn pattern(entry: &Entry<'_, '_>, report: &mut Report<'_>) -> Option<String> {
    let text = entry.text(report)?;
    match RegexBuilder::new(text).size_limit(PATTERN_SIZE).build() {
        Ok(regex) if regex.is_match("") => {
            entry.problem(
                report,
                "matches an empty text",
                "write what a value holds at least, such as C-[0-9]{6}",
            );
            None
        }
        Ok(_) => Some(text.to_owned()),
        Err(_) => {
            let fix =
                "write a regular expression without look-around or back references, such as 'C-([0-9]{6})'";
            entry.problem(report, "not a regular expression, or too large a one", fix);
            None
        }
    }
}
