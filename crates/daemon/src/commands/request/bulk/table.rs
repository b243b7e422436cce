//! A table of requests: one a row, with a header.

use std::io::Read;

use csv::{Reader, ReaderBuilder, StringRecord, Trim};
use habeas_domain::FieldProblem;
use serde_json::{Map, Value, json};

use super::{BulkDefaults, Read1, wrong};
use crate::failure::Failure;

/// The columns that a table may have.
const COLUMNS: [&str; 13] = [
    "email",
    "rights",
    "name",
    "phone",
    "regime",
    "language",
    "message",
    "external_reference",
    "mandate",
    "reference",
    "valid_until",
    "sha256",
    "key",
];

/// The columns that it must have.
const NEEDED: [&str; 2] = ["email", "rights"];

/// The rows of a table.
pub(super) fn rows<'a, R: Read + Send + 'a>(
    file: R,
    usual: BulkDefaults<'a>,
) -> Result<impl Iterator<Item = Result<Read1, Failure>> + Send + 'a, Failure> {
    let mut reader = ReaderBuilder::new().trim(Trim::All).flexible(true).from_reader(file);
    let header =
        reader.headers().map_err(|error| Failure::usage(format!("the table cannot be read: {error}")))?;
    let header: Vec<String> =
        header.iter().map(|name| name.trim_start_matches('\u{feff}').to_ascii_lowercase()).collect();
    check(&header)?;
    Ok(std::iter::from_fn(move || {
        let mut record = StringRecord::new();
        match reader.read_record(&mut record) {
            Ok(false) => None,
            Ok(true) => Some(Ok((line_of(&reader, &record), row(&header, &record, usual)))),
            Err(error) if error.is_io_error() => {
                Some(Err(Failure::usage("the table broke off; send the file again, which is harmless")))
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                let message = "this row cannot be read; write it in UTF-8";
                Some(Ok((line, Err(wrong("submission", "malformed", message)))))
            }
        }
    }))
}

/// Where a row begins. The reader counts the empty lines before it to it, so it is counted back from its end.
fn line_of<R: Read>(reader: &Reader<R>, record: &StringRecord) -> u64 {
    let begun = record.position().map_or(0, csv::Position::line);
    let within = record.iter().map(|cell| cell.matches('\n').count() as u64).sum::<u64>();
    begun.max(reader.position().line().saturating_sub(1 + within))
}

fn check(header: &[String]) -> Result<(), Failure> {
    let known = COLUMNS.join(", ");
    // Its name is not repeated: a table without a header has a person there.
    if let Some(place) = header.iter().position(|column| !COLUMNS.contains(&column.as_str())) {
        let number = place + 1;
        return Err(Failure::usage(format!(
            "column {number} of the table's header is not known; it may have {known}"
        )));
    }
    if let Some(needed) = NEEDED.iter().find(|needed| !header.iter().any(|column| column == *needed)) {
        return Err(Failure::usage(format!("the table needs a column {needed}; it may have {known}")));
    }
    Ok(())
}

/// A row as a submission. An empty cell is left out; `rights` are separated by blanks, commas or semicolons.
fn row(header: &[String], record: &StringRecord, usual: BulkDefaults<'_>) -> Result<Value, FieldProblem> {
    if record.len() != header.len() {
        let message = format!("this row has {} cells, and the header {}", record.len(), header.len());
        return Err(wrong("submission", "malformed", message));
    }
    let cells = header.iter().map(String::as_str).zip(record.iter()).filter(|(_, cell)| !cell.is_empty());
    let (mut whole, mut subject, mut agent) = (Map::new(), Map::new(), Map::new());
    for (column, cell) in cells {
        let place = match column {
            "email" | "name" | "phone" => &mut subject,
            "mandate" | "reference" | "valid_until" | "sha256" => &mut agent,
            _ => &mut whole,
        };
        place.insert(column.to_owned(), value(column, cell));
    }
    whole.insert("subject".to_owned(), Value::Object(subject));
    if !agent.is_empty() {
        whole.insert("agent".to_owned(), Value::Object(agent));
    }
    usual.fill(&mut whole);
    Ok(Value::Object(whole))
}

fn value(column: &str, cell: &str) -> Value {
    if column != "rights" {
        return cell.into();
    }
    let rights = cell.split([' ', ',', ';', '、']).map(str::trim).filter(|right| !right.is_empty());
    json!(rights.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: BulkDefaults<'_> = BulkDefaults { regime: None, language: Some("ja"), channel: None };

    fn read(text: &str) -> Vec<Read1> {
        rows(text.as_bytes(), NOTHING).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn rows_become_submissions_with_their_lines() {
        let table = "\u{feff}Email,rights,name,reference,language\n\
                     hanako@example.jp,access; deletion,山田 花子,P-1,\n\n\
                     taro@example.com,access,\"Taro, Jr.\",,en\n";
        let rows = read(table);
        assert_eq!(rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 4]);
        let first = rows[0].1.as_ref().unwrap();
        let expected = json!({
            "subject": { "email": "hanako@example.jp", "name": "山田 花子" }, "rights": ["access", "deletion"],
            "agent": { "reference": "P-1" }, "language": "ja",
        });
        assert_eq!(*first, expected);
        let second = rows[1].1.as_ref().unwrap();
        assert_eq!((&second["subject"]["name"], &second["language"]), (&json!("Taro, Jr."), &json!("en")));
        assert_eq!(second.get("agent"), None);
    }

    #[test]
    fn a_row_of_another_length_is_told_and_the_others_are_read() {
        let rows = read("email,rights\na@example.jp\nb@example.jp,access\nc@example.jp,access,more\n");
        let wrong: Vec<bool> = rows.iter().map(|(_, row)| row.is_err()).collect();
        assert_eq!(wrong, [true, false, true]);
    }

    #[test]
    fn a_table_without_what_it_needs_is_refused_with_what_it_may_have() {
        for table in ["email,name\n", "rights\n", "email,rights,password\n", ""] {
            let Err(failure) = rows(table.as_bytes(), NOTHING).map(drop) else { panic!("{table:?}") };
            assert!(format!("{failure:?}").contains("external_reference"), "{table:?}");
        }
    }
}
