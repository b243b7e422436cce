//! Which rights a text asks for, by rules in plain data files: `data/rules/<language>.toml`, and one more file for each further
//! language, in a folder of whoever runs this.

mod compiled;
mod file;
mod findings;
mod hits;
mod language;
mod meaning;
mod misspelt;
mod pattern;
mod sentence;
mod sentences;
mod vocabulary;

use habeas_domain::{DataFileError, received_mail::ReplyWord};

use self::{compiled::LanguageRules, file::RuleFile, language::language_of};

use sentences::sentences;

pub(crate) use findings::Findings;
pub(crate) use language::Written;
pub(crate) use sentences::normal;

use crate::Marks;

/// The files that are built in.
const BUILTIN: [(&str, &str); 2] = [
    ("en.toml", include_str!("../../data/rules/en.toml")),
    ("ja.toml", include_str!("../../data/rules/ja.toml")),
];

/// How mail programs of further languages mark what somebody else wrote.
const MARKS: &str = include_str!("../../data/marks.toml");

/// Rules of all languages, checked and compiled.
pub(crate) struct Rules {
    languages: Vec<LanguageRules>,
    short_forms: Vec<String>,
    marks: Marks,
}

/// Reads, checks and compiles one file. The error names file, line and field.
fn compiled(file: &str, text: &str) -> Result<LanguageRules, DataFileError> {
    RuleFile::parse(file, text)?.compile(file).map_err(|error| error.located(text))
}

impl Rules {
    /// The built-in rules, and `further` files (name and text). A file of a language that is there already takes its place; the
    /// marks of all files hold.
    pub(crate) fn load(further: &[(String, String)]) -> Result<Self, DataFileError> {
        let mut languages: Vec<LanguageRules> = Vec::new();
        let builtin = BUILTIN.iter().map(|(file, text)| (*file, *text));
        let own = further.iter().map(|(file, text)| (file.as_str(), text.as_str()));
        let mut marks = Marks::default();
        let of_others: Marks = habeas_domain::data_file::parse("marks.toml", MARKS)?;
        file::check_marks("marks.toml", &of_others).map_err(|error| error.located(MARKS))?;
        marks.add(of_others);
        for (file, text) in builtin.chain(own) {
            let mut compiled = compiled(file, text)?;
            marks.add(std::mem::take(&mut compiled.marks));
            match languages.iter_mut().find(|one| one.written.tag == compiled.written.tag) {
                Some(replaced) => *replaced = compiled,
                None => languages.push(compiled),
            }
        }
        let short_forms = languages.iter().flat_map(|one| one.short_forms.clone()).collect();
        Ok(Self { languages, short_forms, marks })
    }

    /// How mail programs mark what somebody else wrote, in all languages.
    pub(crate) const fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Reads a subject and a text.
    pub(crate) fn read(&self, subject: &str, text: &str) -> Findings {
        let mut all = sentences(subject, &self.short_forms);
        all.extend(sentences(text, &self.short_forms));
        let mut findings = Findings::in_language(self.language_of(&all));
        for rules in &self.languages {
            rules.read(&all, &mut findings);
        }
        findings.settle();
        findings
    }

    /// The language of sentences, where one can be told.
    fn language_of(&self, all: &[String]) -> Option<Written> {
        let place = language_of(&self.languages.iter().map(|one| &one.recognise), all)?;
        self.languages.get(place).map(|one| one.written.clone())
    }

    /// Whether a subject is one that machines write to say that somebody is away.
    pub(crate) fn is_absence_subject(&self, subject: &str) -> bool {
        let plain = normal(subject);
        self.languages
            .iter()
            .any(|rules| rules.machine.absence_subject.iter().any(|start| plain.starts_with(start)))
    }

    /// Whether a subject is one that is written by machines for people who are away, and by people about that time.
    pub(crate) fn is_away_subject(&self, subject: &str) -> bool {
        let plain = normal(subject);
        let mut all = self.languages.iter().flat_map(|rules| &rules.machine.away_subject);
        all.any(|start| plain.starts_with(start))
    }

    /// The words by which a text says that a machine wrote it.
    pub(crate) fn absence_words(&self, text: &str) -> Option<&str> {
        let plain = normal(text);
        let all = self.languages.iter().flat_map(|rules| &rules.machine.absence_text);
        all.into_iter().find(|words| plain.contains(words.as_str())).map(String::as_str)
    }

    /// What a text says of the request that it answers, and the words by which it does.
    pub(crate) fn reply_word(&self, text: &str) -> Option<(ReplyWord, &str)> {
        let plain = normal(text);
        let said = |word: ReplyWord, of: fn(&LanguageRules) -> &[String]| {
            let mut all = self.languages.iter().flat_map(of);
            all.find(|words| vocabulary::holds(&plain, words)).map(|words| (word, words.as_str()))
        };
        said(ReplyWord::Disowns, |rules| &rules.reply.disowns)
            .or_else(|| said(ReplyWord::TakesBack, |rules| &rules.reply.takes_back))
    }

    /// The words by which a subject says that a mail came back.
    pub(crate) fn bounce_subject(&self, subject: &str) -> Option<&str> {
        let plain = normal(subject);
        let all = self.languages.iter().flat_map(|rules| &rules.machine.bounce_subject);
        all.into_iter().find(|words| plain.contains(words.as_str())).map(String::as_str)
    }

    /// The words by which a text says that a mail came back, and the status that they mean (RFC 3463).
    pub(crate) fn bounce_words(&self, text: &str) -> Option<(&str, &str)> {
        let plain = normal(text);
        let all = self.languages.iter().flat_map(|rules| &rules.machine.bounce_text);
        all.into_iter()
            .find(|one| plain.contains(one.words.as_str()))
            .map(|one| (one.words.as_str(), one.status.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_files_are_sound() {
        let rules = Rules::load(&[]).expect("sound files");
        assert_eq!(rules.languages.len(), 2);
    }

    #[test]
    fn replies_that_take_back_or_disown_are_known() {
        use ReplyWord::{Disowns, TakesBack};
        let rules = Rules::load(&[]).expect("sound files");
        for (text, says) in [
            ("Please cancel my request.", Some(TakesBack)),
            ("I changed my mind, do not delete anything!", Some(TakesBack)),
            ("I’ve changed my mind. Keep it.", Some(TakesBack)),
            ("I'd like to withdraw my deletion request", Some(TakesBack)),
            ("Wait, it was sent by mistake.", Some(TakesBack)),
            ("That wasn’t me!", Some(Disowns)),
            ("I never asked for this. Please stop it.", Some(Disowns)),
            ("My mailbox was hacked.", Some(Disowns)),
            ("依頼を取り消してください。", Some(TakesBack)),
            ("やはり削除しないでください。", Some(TakesBack)),
            ("退会は取りやめます。", Some(TakesBack)),
            ("気が変わりました", Some(TakesBack)),
            ("そのような請求をした覚えがありません。", Some(Disowns)),
            ("私ではありません。乗っ取られたようです。", Some(Disowns)),
            ("Thank you, I got the code.", None),
            ("Is there any news?", None),
            ("No mention of it, mean people told me.", None),
            ("ありがとうございました。届きました。", None),
            ("いつ頃になりますか。", None),
        ] {
            assert_eq!(rules.reply_word(text).map(|(word, _)| word), says, "{text}");
        }
    }

    #[test]
    fn languages_are_told_by_their_letters() {
        let rules = Rules::load(&[]).expect("sound files");
        for (subject, text, language) in [
            ("", "データを消して", Some("ja")),
            ("RE: 削除", "Please delete the account that I made under the name 山田 with you.", Some("en")),
            ("", "123 ...", None),
        ] {
            let written = rules.read(subject, text).written;
            assert_eq!(written.as_ref().map(|one| one.tag.as_str()), language, "{text}");
        }
    }
}
