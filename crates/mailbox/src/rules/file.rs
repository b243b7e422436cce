//! The form of a rule file.

use std::collections::BTreeMap;

use habeas_domain::{DataFileError, Language, LanguageTag, RegimeId, data_file};
use serde::Deserialize;

use crate::Marks;

use super::{
    compiled::{LanguageRules, PatternOf, Regime},
    findings::Asked,
    language::{self, Recognise, RecogniseRule, Written},
    meaning::Meaning,
    pattern::Pattern,
    sentences::normal,
    vocabulary::Vocabulary,
};

/// Classes of words with a meaning of their own, in the order of [`Meaning`].
const WITH_MEANING: [&str; 10] =
    ["negation", "doubt", "cancel", "noise", "agent", "guardian", "urgent", "greeting", "ask", "announce"];

/// A rule file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFile {
    language: LanguageTag,
    /// In which language whoever writes in it is written to, where there are no letters in it.
    letters: Option<Language>,
    /// The country of telephone numbers that begin with a 0 and name none: digits, such as 81.
    calling_code: Option<String>,
    recognise: RecogniseRule,
    /// Words that end with a point which ends no sentence.
    #[serde(default)]
    short_forms: Vec<String>,
    /// Words before which a clause has not begun yet.
    #[serde(default)]
    leading: Vec<String>,
    /// Words that are read also with one slip of the keyboard, five letters or more.
    #[serde(default)]
    often_misspelt: Vec<String>,
    /// How far the words of a pattern may stand from its first, in characters.
    within: u32,
    /// How far before the first word a negation counts, in characters.
    negation_before: u32,
    /// How far behind it.
    negation_after: u32,
    /// Classes of words.
    words: BTreeMap<String, Vec<String>>,
    right: Vec<RightRule>,
    regime: Vec<RegimeRule>,
    machine: Machine,
    #[serde(default)]
    reply: Reply,
    #[serde(default)]
    marks: Marks,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RightRule {
    right: String,
    /// Patterns that leave no doubt.
    sure: Vec<String>,
    /// Patterns for staff to look at.
    unsure: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RegimeRule {
    regime: RegimeId,
    words: Vec<String>,
}

/// How machines write.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Machine {
    /// How subjects of absence notes begin.
    pub(super) absence_subject: Vec<String>,
    /// How they begin, too, and people's own may: counts where nothing may be asked for.
    #[serde(default)]
    pub(super) away_subject: Vec<String>,
    /// What absence notes and receipts hold.
    pub(super) absence_text: Vec<String>,
    /// What subjects of returned mails hold.
    pub(super) bounce_subject: Vec<String>,
    /// What returned mails say, and what it means.
    pub(super) bounce_text: Vec<BounceWords>,
}

/// What replies say of the request that they answer. Wide on purpose: what is found makes staff read before anything
/// begins that cannot be undone, and nothing else.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reply {
    /// That the writer takes it back, or wants it to wait. A `*` stands for further letters.
    pub(super) takes_back: Vec<String>,
    /// That it was not the writer who asked.
    pub(super) disowns: Vec<String>,
}

/// What a returned mail says, and what it means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BounceWords {
    pub(super) words: String,
    /// The enhanced status code (RFC 3463).
    pub(super) status: String,
}

impl RuleFile {
    /// Reads a file. The error names file, line and field.
    pub(super) fn parse(file: &str, text: &str) -> Result<Self, DataFileError> {
        data_file::parse(file, text)
    }

    /// Checks and compiles it.
    pub(super) fn compile(self, file: &str) -> Result<LanguageRules, DataFileError> {
        let wrong = |field: &str, problem: &str| DataFileError::rule(file, field, problem);
        self.check_all_words(file)?;
        let written = self.written(file)?;
        let ranges = language::ranges(&self.recognise.letters).map_err(|place| {
            let fix = "write letters in lower case, such as \"a-z\" or \"äöü\"";
            DataFileError::rule(file, format!("recognise.letters[{place}]"), fix)
        })?;
        if !(1..=HEAVIEST).contains(&self.recognise.weight) {
            return Err(wrong("recognise.weight", "write a number from 1 to 100"));
        }
        let mut classes: Vec<String> = self.words.keys().cloned().collect();
        classes.extend(
            WITH_MEANING.iter().filter(|name| !self.words.contains_key(**name)).map(ToString::to_string),
        );
        let patterns = patterns(file, &self.right, &classes)?;
        check_use(file, &self.words, &patterns, &classes)?;
        let vocabulary =
            Vocabulary::new(&classes, &self.words, self.regime.iter().map(|one| one.words.as_slice()))
                .map_err(|error| wrong("words", &error.to_string()))?;
        let recognise = Recognise::new(ranges, self.recognise)
            .map_err(|error| wrong("recognise.words", &error.to_string()))?;
        let regimes = self.regime.into_iter().enumerate();
        Ok(LanguageRules {
            written,
            recognise,
            short_forms: self.short_forms,
            leading: self.leading,
            often_misspelt: self.often_misspelt,
            within: self.within,
            negation: (self.negation_before, self.negation_after),
            meaning: Meaning::new(WITH_MEANING.map(|name| class_number(&classes, name).unwrap_or(u16::MAX))),
            regimes: regimes
                .map(|(number, one)| Regime { id: one.regime, class: vocabulary.extra(number) })
                .collect(),
            patterns,
            vocabulary,
            machine: self.machine,
            reply: self.reply,
            marks: self.marks,
        })
    }

    fn check_all_words(&self, file: &str) -> Result<(), DataFileError> {
        for (class, words) in &self.words {
            check_words(file, &format!("words.{class}"), words)?;
        }
        for (number, regime) in self.regime.iter().enumerate() {
            check_words(file, &format!("regime[{number}].words"), &regime.words)?;
        }
        self.machine.check(file)?;
        check_marks(file, &self.marks)?;
        for (field, words) in [
            ("recognise.words", &self.recognise.words),
            ("short_forms", &self.short_forms),
            ("leading", &self.leading),
            ("often_misspelt", &self.often_misspelt),
            ("reply.takes_back", &self.reply.takes_back),
            ("reply.disowns", &self.reply.disowns),
        ] {
            check_words(file, field, words)?;
        }
        Ok(())
    }

    /// The language itself. Whoever writes in one without letters is written to in English, which prevails, unless the file says
    /// otherwise.
    fn written(&self, file: &str) -> Result<Written, DataFileError> {
        let own = self.language.of_letters();
        if let (Some(own), Some(other)) = (own, self.letters)
            && own != other
        {
            let problem = "there are letters in this language; leave it out";
            return Err(DataFileError::rule(file, "letters", problem));
        }
        let is_code =
            |code: &String| matches!(code.len(), 1..=3) && code.bytes().all(|byte| byte.is_ascii_digit());
        if self.calling_code.as_ref().is_some_and(|code| !is_code(code)) {
            let problem = "write the digits of a country (E.164), such as \"81\"";
            return Err(DataFileError::rule(file, "calling_code", problem));
        }
        Ok(Written {
            tag: self.language.clone(),
            letters: own.or(self.letters).unwrap_or(Language::En),
            calling_code: self.calling_code.clone(),
        })
    }
}

/// The most Latin letters that another letter may weigh.
const HEAVIEST: u32 = 100;

impl Machine {
    fn check(&self, file: &str) -> Result<(), DataFileError> {
        check_words(file, "machine.absence_subject", &self.absence_subject)?;
        check_words(file, "machine.away_subject", &self.away_subject)?;
        check_words(file, "machine.absence_text", &self.absence_text)?;
        check_words(file, "machine.bounce_subject", &self.bounce_subject)?;
        for (number, one) in self.bounce_text.iter().enumerate() {
            let field = format!("machine.bounce_text[{number}]");
            check_words(file, &field, std::slice::from_ref(&one.words))?;
            let is_code = one.status.starts_with(['4', '5']) && one.status.split('.').count() == 3;
            if !is_code {
                return Err(DataFileError::rule(
                    file,
                    field,
                    "status: write a code of RFC 3463, such as 5.1.1",
                ));
            }
        }
        Ok(())
    }
}

/// Words of marks are compared in their normal form, too.
pub(super) fn check_marks(file: &str, marks: &Marks) -> Result<(), DataFileError> {
    for (name, words) in marks.lists() {
        check_words(file, &format!("marks.{name}"), words)?;
    }
    for (number, one) in marks.wrote.iter().enumerate() {
        let words = one.starts.iter().chain([&one.says]).cloned().collect::<Vec<_>>();
        check_words(file, &format!("marks.wrote[{number}]"), &words)?;
    }
    Ok(())
}

fn class_number(classes: &[String], name: &str) -> Option<u16> {
    classes.iter().position(|own| own == name).and_then(|at| u16::try_from(at).ok())
}

/// Words are compared in their normal form, and so must be written in it.
fn check_words(file: &str, field: &str, words: &[String]) -> Result<(), DataFileError> {
    for (number, word) in words.iter().enumerate() {
        let field = format!("{field}[{number}]");
        let bare = word.trim_end_matches('*');
        if bare.trim().is_empty() {
            return Err(DataFileError::rule(file, field, "write at least one letter"));
        }
        let expected = normal(bare);
        if bare != expected {
            return Err(DataFileError::rule(file, field, format!("write it in its normal form: {expected}")));
        }
    }
    Ok(())
}

fn patterns(file: &str, rules: &[RightRule], classes: &[String]) -> Result<Vec<PatternOf>, DataFileError> {
    let mut patterns = Vec::new();
    for (number, rule) in rules.iter().enumerate() {
        let Some(asked) = Asked::read(&rule.right) else {
            let known = "no right is called so: see Right and OtherRight";
            return Err(DataFileError::rule(file, format!("right[{number}].right"), known));
        };
        for (name, sure, texts) in [("sure", true, &rule.sure), ("unsure", false, &rule.unsure)] {
            for (at, text) in texts.iter().enumerate() {
                let pattern =
                    Pattern::parse(text, |class| class_number(classes, class)).map_err(|problem| {
                        DataFileError::rule(
                            file,
                            format!("right[{number}].{name}[{at}]"),
                            problem.to_string(),
                        )
                    })?;
                patterns.push(PatternOf { asked, sure, pattern });
            }
        }
    }
    Ok(patterns)
}

/// A class that nothing uses is a slip.
fn check_use(
    file: &str,
    words: &BTreeMap<String, Vec<String>>,
    patterns: &[PatternOf],
    classes: &[String],
) -> Result<(), DataFileError> {
    let is_used = |name: &String| {
        WITH_MEANING.contains(&name.as_str())
            || class_number(classes, name)
                .is_some_and(|class| patterns.iter().any(|one| one.pattern.uses(class)))
    };
    match words.keys().find(|name| !is_used(name)) {
        Some(unused) => {
            Err(DataFileError::rule(file, format!("words.{unused}"), "no pattern uses this class"))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::compiled;

    const SOUND: &str = r#"
language = "de"
calling_code = "49"
within = 80
negation_before = 20
negation_after = 0
[recognise]
letters = ["a-zäöüß"]
words = ["ich"]
[words]
erase = ["delete*"]
mine = ["my"]
[[right]]
right = "deletion"
sure = ["erase mine"]
unsure = []
[[regime]]
regime = "eu_gdpr"
words = ["gdpr"]
[machine]
absence_subject = []
absence_text = []
bounce_subject = []
bounce_text = [{ words = "user unknown", status = "5.1.1" }]
"#;

    fn problem(text: &str) -> String {
        let compiled = compiled("xx.toml", text);
        compiled.err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_sound_file_is_taken() {
        assert_eq!(problem(SOUND), "");
    }

    #[test]
    fn each_fault_is_named_with_its_field() {
        for (from, to, told) in [
            ("\"deletion\"", "\"deletoin\"", "xx.toml:14: right[0].right: no right is called so"),
            (
                "\"erase mine\"",
                "\"erase mien\"",
                "xx.toml:15: right[0].sure[0]: no class of words is called \"mien\"",
            ),
            ("\"my\"", "\"My\"", "xx.toml:12: words.mine[0]: write it in its normal form: my"),
            ("\"my\"", "\" \"", "xx.toml:12: words.mine[0]: write at least one letter"),
            (
                "sure = [\"erase mine\"]",
                "sure = [\"erase\"]",
                "xx.toml:12: words.mine: no pattern uses this class",
            ),
            ("\"eu_gdpr\"", "\"EU\"", "regime[0].regime"),
            ("5.1.1", "9", "machine.bounce_text[0]: status"),
            ("within = 80", "within = 80\nwithni = 3", "withni"),
            ("\"de\"", "\"german\"", "xx.toml:2: language: not a language tag; write one"),
            ("\"a-zäöüß\"", "\"z-a\"", "xx.toml:8: recognise.letters[0]: write letters in lower case"),
            ("\"49\"", "\"+49\"", "xx.toml:3: calling_code: write the digits of a country"),
            (
                "words = [\"ich\"]",
                "words = [\"Ich\"]",
                "xx.toml:9: recognise.words[0]: write it in its normal form",
            ),
            ("words = [\"ich\"]", "words = []\nweight = 0", "xx.toml:10: recognise.weight: write a number"),
            ("within = 80", "letters = \"fr\"\nwithin = 80", "xx.toml:4: letters: unknown variant"),
        ] {
            let told_of = problem(&SOUND.replacen(from, to, 1));
            assert!(told_of.contains(told), "{told_of:?} does not say {told:?}");
        }
    }
}
