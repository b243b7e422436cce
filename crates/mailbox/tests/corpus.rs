//! Reads the mails under `tests/corpus`, each beside what a careful person would make of it, and measures how often the rules
//! agree. The mails are fictional; many of them are meant to be hard.

#![expect(clippy::expect_used, clippy::panic, reason = "a helper of tests may fail the test")]

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use habeas_domain::{EmailAddress, LanguageTag, received_mail::Verdict};
use habeas_mailbox::{Reader, ReaderOptions, Understanding, understand};
use serde::Deserialize;

/// What a person makes of a mail.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    verdict: Verdict,
    /// Names of rights, sure or not.
    rights: Vec<String>,
    language: Option<String>,
    /// `agent` or `guardian`.
    agent: Option<String>,
    /// `kind value`.
    #[serde(default)]
    identifiers: Vec<String>,
}

struct Case {
    name: String,
    expected: Expected,
    found: Understanding,
}

/// True and false positives and false negatives.
#[derive(Debug, Default, Clone, Copy)]
struct Score {
    hit: u32,
    false_alarm: u32,
    missed: u32,
}

impl Score {
    fn add(&mut self, expected: bool, found: bool) {
        match (expected, found) {
            (true, true) => self.hit += 1,
            (false, true) => self.false_alarm += 1,
            (true, false) => self.missed += 1,
            (false, false) => {}
        }
    }

    fn precision(&self) -> f64 {
        share(self.hit, self.hit + self.false_alarm)
    }

    fn recall(&self) -> f64 {
        share(self.hit, self.hit + self.missed)
    }
}

fn share(part: u32, whole: u32) -> f64 {
    if whole == 0 { 1.0 } else { f64::from(part) / f64::from(whole) }
}

fn cases(folder: &str) -> Vec<Case> {
    let own_addresses = vec![EmailAddress::parse("privacy@example.com").expect("an address")];
    let reader = Reader::new(ReaderOptions { own_addresses, ..ReaderOptions::default() }).expect("a reader");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut cases = Vec::new();
    for language in fs::read_dir(root).expect("the corpus") {
        for file in fs::read_dir(language.expect("a folder").path()).expect("a folder") {
            let path = file.expect("a file").path();
            if path.extension().is_some_and(|extension| extension == "eml") {
                let beside =
                    fs::read_to_string(path.with_extension("toml")).expect("an expectation beside it");
                let expected =
                    toml::from_str(&beside).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                let found = understand(&fs::read(&path).expect("a mail"), &reader);
                let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                cases.push(Case { name: stem, expected, found });
            }
        }
    }
    cases.sort_by(|one, other| one.name.cmp(&other.name));
    cases
}

fn rights(found: &Understanding) -> Vec<&'static str> {
    let jobs = found.rights.iter().map(|one| one.right.as_str());
    jobs.chain(found.others.iter().map(|one| one.right.as_str())).collect()
}

struct Measured {
    table: String,
    verdicts: BTreeMap<&'static str, Score>,
    all_rights: Score,
    agreed: usize,
}

fn measure(cases: &[Case]) -> Measured {
    let mut verdicts: BTreeMap<&'static str, Score> = BTreeMap::new();
    let mut by_right: BTreeMap<&str, Score> = BTreeMap::new();
    let (mut all_rights, mut agreed) = (Score::default(), 0);
    let mut misses = String::new();
    for case in cases {
        let found = rights(&case.found);
        for verdict in Verdict::ALL {
            let score = verdicts.entry(verdict.as_str()).or_default();
            score.add(case.expected.verdict == verdict, case.found.verdict == verdict);
        }
        // Rights count where a person would act on them.
        let is_acted_on =
            matches!(case.expected.verdict, Verdict::Request | Verdict::Proposal | Verdict::Parked);
        for right in found.iter().copied().chain(case.expected.rights.iter().map(String::as_str)) {
            by_right.entry(right).or_default();
        }
        for (right, score) in &mut by_right {
            let expected = case.expected.rights.iter().any(|own| own == right);
            if is_acted_on {
                score.add(expected, found.contains(right));
                all_rights.add(expected, found.contains(right));
            }
        }
        let mut wanted: Vec<&str> = case.expected.rights.iter().map(String::as_str).collect();
        let mut got = found.clone();
        wanted.sort_unstable();
        got.sort_unstable();
        let is_right = case.expected.verdict == case.found.verdict && (!is_acted_on || wanted == got);
        agreed += usize::from(is_right);
        if !is_right {
            let _ = writeln!(
                misses,
                "  {}: expected {} {wanted:?}, found {} {got:?}: {}",
                case.name, case.expected.verdict, case.found.verdict, case.found.reason
            );
        }
    }
    let mut table = format!(
        "{:22} {:>5} {:>6} {:>7} {:>10} {:>7}\n",
        "", "hits", "false", "missed", "precision", "recall"
    );
    for (name, score) in verdicts.iter().chain(by_right.iter()) {
        let _ = writeln!(
            table,
            "{name:22} {:5} {:6} {:7} {:9.1}% {:6.1}%",
            score.hit,
            score.false_alarm,
            score.missed,
            score.precision() * 100.0,
            score.recall() * 100.0
        );
    }
    let _ = writeln!(table, "{agreed} of {} mails as expected\n{misses}", cases.len());
    Measured { table, verdicts, all_rights, agreed }
}

/// Whether a mail that asks for something reaches neither a request nor staff: the worst that the rules can do.
fn is_lost(case: &Case) -> bool {
    let asks = matches!(case.expected.verdict, Verdict::Request | Verdict::Proposal);
    asks && !matches!(case.found.verdict, Verdict::Request | Verdict::Proposal | Verdict::Reply)
}

#[test]
fn the_rules_are_as_good_as_measured() {
    let cases = cases("corpus");
    assert!(cases.len() >= 590, "the corpus holds {} mails", cases.len());
    let measured = measure(&cases);
    println!("{}", measured.table);
    let requests = measured.verdicts.get("request").copied().unwrap_or_default();
    // A request that is none starts a clock and a mail to a stranger; one that is missed waits for staff.
    assert!(requests.precision() >= 0.98, "precision of requests\n{}", measured.table);
    assert!(requests.recall() >= 0.97, "recall of requests\n{}", measured.table);
    let lost: Vec<&str> = cases.iter().filter(|case| is_lost(case)).map(|case| case.name.as_str()).collect();
    assert!(lost.is_empty(), "somebody asks, and nobody would see it: {lost:?}");
    assert!(measured.all_rights.precision() >= 0.95, "precision of rights\n{}", measured.table);
    assert!(measured.all_rights.recall() >= 0.98, "recall of rights\n{}", measured.table);
    assert!(measured.agreed * 100 >= cases.len() * 91, "mails as expected\n{}", measured.table);
}

#[test]
fn languages_agents_and_identifiers_are_found() {
    for case in cases("corpus") {
        let name = &case.name;
        if let Some(language) = &case.expected.language {
            assert_eq!(
                case.found.language.as_ref().map(LanguageTag::as_str),
                Some(language.as_str()),
                "{name}"
            );
        }
        if let Some(agent) = &case.expected.agent {
            let found = case.found.agent.as_ref().map(|agent| agent.guardian);
            assert_eq!(found, Some(agent == "guardian"), "{name}: agent");
        }
        let found: Vec<String> = case
            .found
            .identifiers
            .iter()
            .map(|one| format!("{} {}", String::from(one.kind.clone()), one.value.expose()))
            .collect();
        for identifier in &case.expected.identifiers {
            assert!(found.contains(identifier), "{name}: {identifier} is not among {found:?}");
        }
    }
}
