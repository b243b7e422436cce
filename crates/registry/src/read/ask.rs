//! `ask = { kind = "month", question = { en = "...", ja = "..." } }`, with `public = true` refused: whoever wrote it knows that
//! everybody can look the answer up.

use habeas_domain::verification::AskKind;

use super::{Report, bilingual, entry::Entry};
use crate::Ask;

pub(crate) fn read(entry: &Entry<'_, '_>, report: &mut Report<'_>) -> Option<Ask> {
    let wanted = "a table, such as { kind = \"month\", question = { en = \"...\", ja = \"...\" } }";
    let mut section = entry.section(report, wanted)?;
    let kind = section.required("kind", report);
    let kind = kind.and_then(|entry| entry.choice(report, &AskKind::ALL, AskKind::as_str));
    let question = section.required("question", report);
    let question = question.and_then(|entry| bilingual::read(&entry, report));
    if let Some(public) = section.optional("public")
        && public.flag(report) == Some(true)
    {
        let fix = "ask about a field that only the person and the company know, and drop this ask";
        public.problem(report, "what public data answers proves nobody", fix);
    }
    let newest = section.optional("newest").and_then(|entry| entry.name(report));
    section.finish(report);
    Some(Ask { kind: kind?, question: question?, newest })
}
