//! `keep = { reason = ..., until = "placed_at + 7y" }`.

use habeas_domain::{Bilingual, FieldName};

use super::{Report, bilingual, entry::Entry};
use crate::{Keep, Period, reason};

pub(crate) fn read(entry: &Entry<'_, '_>, report: &mut Report<'_>) -> Option<Keep> {
    let mut section = entry.section(report, "{ reason = \"...\", until = \"...\" }")?;
    let reason = section.required("reason", report).and_then(|entry| reason(&entry, report));
    let until = section.required("until", report).and_then(|entry| until(&entry, report));
    section.finish(report);
    let (field, period) = until?;
    Some(Keep { reason: reason?, field, period })
}

/// A usual reason's word, or a text of its own.
fn reason(entry: &Entry<'_, '_>, report: &mut Report<'_>) -> Option<Bilingual> {
    entry.as_text().and_then(reason::usual).or_else(|| bilingual::read(entry, report))
}

fn until(entry: &Entry<'_, '_>, report: &mut Report<'_>) -> Option<(FieldName, Period)> {
    let text = entry.text(report)?;
    let read = text.rsplit_once('+').and_then(|(field, period)| {
        Some((FieldName::new(field.trim()).ok()?, Period::parse(period.trim())?))
    });
    if read.is_none() {
        let message = format!("\"{text}\" is no end");
        entry.problem(
            report,
            message,
            "write a date field and a period: \"placed_at + 7y\" (d, m or y; at most 100y)",
        );
    }
    read
}
