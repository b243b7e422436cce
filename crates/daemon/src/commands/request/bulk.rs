//! `habeas request submit --bulk`: a file of requests, read line by line, so that its size does not matter.

mod table;

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use habeas_domain::{Channel, FieldProblem, Personal};
use habeas_intake::{BatchLine, LineTaken, Reception};
use serde_json::{Map, Value, json};

use crate::{
    failure::{Exit, Failure},
    output::Report,
    staff::Staff,
};

/// A longer line is no submission.
const LONGEST_LINE: u64 = 64 * 1024;

/// How many lines are handed in at once.
const TOGETHER: usize = 200;

/// How many lines with problems are shown to people; programs get all.
const SHOWN: usize = 50;

/// What a line takes where it says nothing itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct BulkDefaults<'a> {
    /// The law.
    pub(super) regime: Option<&'a str>,
    /// The language to write in.
    pub(super) language: Option<&'a str>,
    /// How it reached the company.
    pub(super) channel: Option<&'a str>,
}

impl BulkDefaults<'_> {
    fn fill(&self, line: &mut Map<String, Value>) {
        let fields = [("regime", self.regime), ("language", self.language), ("channel", self.channel)];
        for (field, usual) in fields {
            if let (Some(usual), false) = (usual, line.contains_key(field)) {
                line.insert(field.to_owned(), usual.into());
            }
        }
    }
}

/// A line as it was read: a submission, or what is wrong with it.
type Read1 = (u64, Result<Value, FieldProblem>);

/// A file of requests.
pub(super) struct BulkFile<'a> {
    lines: Box<dyn Iterator<Item = Result<Read1, Failure>> + Send + 'a>,
}

impl<'a> BulkFile<'a> {
    /// Opens a file. Its ending says what it is.
    pub(super) fn open(path: &Path, usual: BulkDefaults<'a>) -> Result<Self, Failure> {
        let unreadable = |error: std::io::Error| {
            Failure::usage(format!("cannot read the requests from {}: {error}", path.display()))
        };
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        let file = BufReader::new(File::open(path).map_err(unreadable)?);
        let lines: Box<dyn Iterator<Item = Result<Read1, Failure>> + Send + 'a> = match ending.as_deref() {
            Some("csv") => Box::new(table::rows(file, usual)?),
            Some("ndjson" | "jsonl") => Box::new(JsonLines { file, number: 0, usual }),
            _ => {
                return Err(Failure::usage(
                    "name the file .csv (a table) or .ndjson (one JSON submission a line)",
                ));
            }
        };
        Ok(Self { lines })
    }
}

/// One JSON submission a line.
struct JsonLines<'a, R> {
    file: R,
    number: u64,
    usual: BulkDefaults<'a>,
}

impl<R: BufRead> Iterator for JsonLines<'_, R> {
    type Item = Result<Read1, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut line = Vec::new();
            let read = (&mut self.file).take(LONGEST_LINE + 1).read_until(b'\n', &mut line);
            match read {
                Ok(0) => return None,
                Ok(_) => self.number += 1,
                Err(error) => {
                    return Some(Err(Failure::usage(format!(
                        "the file broke off after line {}: {error}",
                        self.number
                    ))));
                }
            }
            if line.len() as u64 > LONGEST_LINE {
                let problem =
                    wrong("submission", "too-long", format!("a line holds at most {LONGEST_LINE} bytes"));
                return Some(self.skip_rest().map(|()| (self.number, Err(problem))));
            }
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            return Some(Ok((self.number, self.value(&line))));
        }
    }
}

impl<R: BufRead> JsonLines<'_, R> {
    fn value(&self, line: &[u8]) -> Result<Value, FieldProblem> {
        let malformed = |error: serde_json::Error| {
            wrong("submission", "malformed", format!("this is no JSON object from column {}", error.column()))
        };
        let mut object: Map<String, Value> = serde_json::from_slice(line).map_err(malformed)?;
        self.usual.fill(&mut object);
        Ok(Value::Object(object))
    }

    /// Passes over what is left of a line that is too long, without keeping it.
    fn skip_rest(&mut self) -> Result<(), Failure> {
        self.file
            .skip_until(b'\n')
            .map(drop)
            .map_err(|error| Failure::usage(format!("the file broke off: {error}")))
    }
}

fn wrong(field: &str, code: &'static str, message: impl Into<String>) -> FieldProblem {
    FieldProblem { field: field.to_owned(), code, message: message.into() }
}

/// What became of a file.
#[derive(Default)]
struct Told {
    batch: Option<String>,
    accepted: u64,
    repeated: u64,
    lines: Vec<Value>,
    refused: Vec<(u64, Vec<FieldProblem>)>,
}

/// Hands in every line, and tells what became of each. None is lost: what could not be read or stored is among those with
/// problems.
pub(super) async fn hand_in(
    file: BulkFile<'_>,
    reception: &Reception,
    batch: (&str, &Value),
    staff: &Staff,
) -> Result<Report, Failure> {
    let mut told = Told::default();
    let mut waiting = Vec::with_capacity(TOGETHER);
    for line in file.lines {
        match line? {
            (number, Ok(value)) => waiting.push(BatchLine { number, value: Personal::new(value) }),
            (number, Err(problem)) => told.refuse(number, vec![problem]),
        }
        if waiting.len() == TOGETHER {
            told.take(std::mem::take(&mut waiting), reception, batch, staff).await?;
        }
    }
    if !waiting.is_empty() {
        told.take(waiting, reception, batch, staff).await?;
    }
    Ok(told.report())
}

impl Told {
    async fn take(
        &mut self,
        lines: Vec<BatchLine>,
        reception: &Reception,
        batch: (&str, &Value),
        staff: &Staff,
    ) -> Result<(), Failure> {
        let taken = reception.receive_batch(batch, lines, Channel::Cli, staff.actor).await?;
        self.batch = Some(taken.id.to_string());
        for LineTaken { number, outcome } in taken.lines {
            match outcome {
                Ok(accepted) => {
                    self.accepted += 1;
                    self.repeated += u64::from(accepted.repeated);
                    self.lines.push(json!({
                        "line": number, "id": accepted.id, "reference": accepted.reference, "due": accepted.due_on,
                        "repeated": accepted.repeated, "problems": [],
                    }));
                }
                Err(problems) => self.refuse(number, problems),
            }
        }
        Ok(())
    }

    fn refuse(&mut self, number: u64, problems: Vec<FieldProblem>) {
        self.lines.push(json!({ "line": number, "id": null, "problems": problems }));
        self.refused.push((number, problems));
    }

    fn report(mut self) -> Report {
        self.lines.sort_by_key(|line| line["line"].as_u64());
        self.refused.sort_by_key(|(number, _)| *number);
        let refused = self.refused.len();
        let first = format!("{} taken ({} of them before), {refused} refused", self.accepted, self.repeated);
        let problems = self.refused.iter().take(SHOWN).flat_map(|(number, problems)| {
            problems
                .iter()
                .map(move |problem| format!("line {number}: {}: {}", problem.field, problem.message))
        });
        let more =
            (refused > SHOWN).then(|| format!("and {} lines more: see --output json", refused - SHOWN));
        let lines: Vec<String> = std::iter::once(first).chain(problems).chain(more).collect();
        let text = lines.join("\n") + "\n";
        let json = json!({
            "batch": self.batch, "accepted": self.accepted, "repeated": self.repeated, "refused": refused,
            "lines": self.lines,
        });
        let exit = if refused == 0 { Exit::Ok } else { Exit::Findings };
        Report::new(text, &json).ending(exit)
    }
}
