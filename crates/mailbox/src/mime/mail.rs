//! A mail, taken apart.

use chrono::{DateTime, Datelike, Utc};
use habeas_domain::visible_text;
use mail_parser::{HeaderValue, parsers::MessageStream};

use super::{
    Entity, Fields,
    entity::{Walked, walk},
    texts::{self, Texts},
};
use crate::Limits;

/// A mail, taken apart. Borrows from the bytes that came.
pub(crate) struct Mail<'m> {
    /// Its header.
    pub(crate) fields: Fields<'m>,
    /// Its parts that hold content.
    pub(crate) entities: Vec<Entity<'m>>,
    /// Its text, history included, without what cannot be seen.
    pub(crate) text: String,
    /// Which parts its text is made of.
    text_parts: Vec<usize>,
    /// Why it was not looked at as a whole.
    pub(crate) stopped: Option<&'static str>,
    /// What was repaired or could not be read.
    pub(crate) remarks: Vec<String>,
}

impl<'m> Mail<'m> {
    /// Takes a mail apart, as far as `limits` allow.
    pub(crate) fn read(raw: &'m [u8], limits: &Limits) -> Self {
        let (fields, body) = Fields::read(raw, limits.header_bytes);
        let Walked { entities, stopped, .. } = walk(fields.clone(), body, limits);
        let texts = texts::collect(&entities, limits);
        let mut remarks = remarks(&fields, &texts);
        remarks.extend(stopped.map(str::to_owned));
        let text = visible_text(&texts.text);
        Self { fields, entities, text, text_parts: texts.parts, stopped, remarks }
    }

    /// A mail of which no more than the header is looked at.
    pub(crate) fn header_only(fields: Fields<'m>) -> Self {
        let remarks = remarks(&fields, &Texts::default());
        Self {
            fields,
            entities: Vec::new(),
            text: String::new(),
            text_parts: Vec::new(),
            stopped: None,
            remarks,
        }
    }

    /// The subject, in one line.
    pub(crate) fn subject(&self) -> String {
        let subject = visible_text(&self.fields.text("subject").unwrap_or_default());
        let line: String = subject.split_whitespace().collect::<Vec<_>>().join(" ");
        line.chars().take(1_000).collect()
    }

    /// When it says it was sent. Without a zone it is taken for UTC; a year in which no mail was sent, for no date.
    pub(crate) fn sent_at(&self) -> Option<DateTime<Utc>> {
        self.fields.text("date").and_then(|value| date(&value))
    }

    /// The parts that are not its text.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Entity<'m>> {
        let is_text = |number: &usize| self.text_parts.binary_search(number).is_ok();
        self.entities.iter().enumerate().filter(move |(number, _)| !is_text(number)).map(|(_, entity)| entity)
    }
}

/// A date of RFC 5322, from the first mails (1971) on. What is left out, seconds or a zone, is zero.
pub(crate) fn date(value: &str) -> Option<DateTime<Utc>> {
    let value = value.get(..value.floor_char_boundary(200))?;
    // mail-parser makes a date of any numbers.
    if !names_a_month(value) {
        return None;
    }
    [value.to_owned(), format!("{value} +0000"), format!("{} +0000", with_seconds(value))]
        .iter()
        .find_map(|value| strict_date(value))
}

fn names_a_month(value: &str) -> bool {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let lower = value.to_ascii_lowercase();
    MONTHS.iter().any(|month| lower.contains(month))
}

/// `12:34` as `12:34:00`.
fn with_seconds(value: &str) -> String {
    match value.split_once(':') {
        Some((before, after)) if !after.contains(':') => {
            let (minutes, rest) = after.split_at(after.floor_char_boundary(2));
            format!("{before}:{minutes}:00{rest}")
        }
        _ => value.to_owned(),
    }
}

fn strict_date(value: &str) -> Option<DateTime<Utc>> {
    let line = format!("{value}\n");
    let HeaderValue::DateTime(parsed) = MessageStream::new(line.as_bytes()).parse_date() else { return None };
    let is_whole = parsed.is_valid() && parsed.tz_hour < 24 && parsed.tz_minute < 60;
    if !is_whole || !(1971..=9998).contains(&parsed.year) {
        return None;
    }
    DateTime::from_timestamp(parsed.to_timestamp(), 0).filter(|date| (1970..=9999).contains(&date.year()))
}

fn remarks(fields: &Fields<'_>, texts: &Texts) -> Vec<String> {
    let said: [(bool, &str); 6] = [
        (fields.is_empty(), "it has no header"),
        (fields.cut, "its header is longer than is looked at"),
        (texts.overruled, "the charset is not the one that it names"),
        (texts.lossy, "some characters could not be read"),
        (texts.cut, "the text is longer than is looked at"),
        (
            fields.has("date") && fields.text("date").and_then(|value| date(&value)).is_none(),
            "its date cannot be used",
        ),
    ];
    said.into_iter().filter(|(is_so, _)| *is_so).map(|(_, words)| words.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_taken_when_they_can_be_meant() {
        assert!(
            date("Fri, 01 Mar 2024 12:34:56 +0900")
                .is_some_and(|at| at.to_rfc3339() == "2024-03-01T03:34:56+00:00")
        );
        assert!(date("1 Mar 2024 12:34").is_some_and(|at| at.to_rfc3339() == "2024-03-01T12:34:00+00:00"));
        for wrong in [
            "Fri, 01 Jan 1904 00:00:00 +0000",
            "yesterday",
            "2024年3月1日 12:34",
            "2024/03/01 12:34",
            "",
            "99 Abc 2024 99:99:99",
            "31 Feb 99999 1:1",
        ] {
            assert_eq!(date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_plain_text_is_preferred_unless_it_says_nothing() {
        let mail = |plain: &str| {
            format!(
                "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n{plain}\n--b\n\
                 Content-Type: text/html; charset=utf-8\n\n<p>{}</p>\n--b--\n",
                "from the web page, long enough to be the real text of this mail"
            )
        };
        let limits = Limits::default();
        assert!(Mail::read(mail("see the HTML").as_bytes(), &limits).text.contains("web page"));
        let plain = mail("This is what I wrote to you, and it is long enough to be it.");
        assert!(Mail::read(plain.as_bytes(), &limits).text.contains("I wrote"));
    }

    #[test]
    fn a_mail_without_anything_is_one() {
        let mail = Mail::read(b"", &Limits::default());
        assert!(mail.text.is_empty() && mail.fields.is_empty() && mail.entities.len() == 1);
    }
}
