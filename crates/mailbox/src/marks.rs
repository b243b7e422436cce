//! How mail programs mark what somebody else wrote: data of the rule files (`[marks]`), since each language has its own.

use serde::Deserialize;

/// Marks of quoted history, of forwards and of what programs and companies put under each mail. All words are in normal form.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Marks {
    /// What stands in a ruled line above quoted history.
    pub(crate) original: Vec<String>,
    /// What stands in a ruled line above a mail that is passed on.
    pub(crate) forward: Vec<String>,
    /// How lines without a rule begin above a mail that is passed on.
    pub(crate) forward_line: Vec<String>,
    /// Names of the fields above a quoted mail: who wrote it,
    pub(crate) from: Vec<String>,
    /// when,
    pub(crate) date: Vec<String>,
    /// about what,
    pub(crate) subject: Vec<String>,
    /// and further ones.
    pub(crate) other: Vec<String>,
    /// Lines that say who wrote what is quoted below.
    pub(crate) wrote: Vec<Wrote>,
    /// How lines begin that telephones put under each mail.
    pub(crate) device_begins: Vec<String>,
    /// How such lines end.
    pub(crate) device_ends: Vec<String>,
    /// What stands before the colon of a subject that answers.
    pub(crate) answer_subject: Vec<String>,
    /// What stands before the colon of a subject of a mail that is passed on.
    pub(crate) forward_subject: Vec<String>,
    /// How paragraphs begin that companies put under each mail.
    pub(crate) disclaimer: Vec<String>,
}

/// A line that says who wrote what is quoted below, without its colon.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wrote {
    /// Its first word; such a line counts with a date or an address in it only.
    pub(crate) starts: Option<String>,
    /// Its last words; with a `*`, further ones may follow.
    pub(crate) says: String,
}

impl Wrote {
    /// Whether a line in lower case says so.
    pub(crate) fn fits(&self, line: &str, is_dated: bool) -> bool {
        let says = self.says.trim_end_matches('*');
        let Some(starts) = &self.starts else { return line.ends_with(says) };
        let may_go_on = says.len() < self.says.len();
        let is_said = match line.strip_suffix(says) {
            Some(before) if before.trim_end().ends_with('>') => return true,
            Some(_) => true,
            None => may_go_on && line.contains(&format!(" {says} ")),
        };
        let begins =
            line.strip_prefix(starts.as_str()).is_some_and(|rest| rest.starts_with(char::is_whitespace));
        is_said && begins && is_dated
    }
}

impl Marks {
    /// Adds those of another language.
    pub(crate) fn add(&mut self, other: Self) {
        self.original.extend(other.original);
        self.forward.extend(other.forward);
        self.forward_line.extend(other.forward_line);
        // Some write the letters of a name apart, 「件　名」: names are compared without blanks.
        let names = |words: Vec<String>| words.into_iter().map(|word| without_blanks(&word));
        self.from.extend(names(other.from));
        self.date.extend(names(other.date));
        self.subject.extend(names(other.subject));
        self.other.extend(names(other.other));
        self.wrote.extend(other.wrote);
        self.device_begins.extend(other.device_begins);
        self.device_ends.extend(other.device_ends);
        self.answer_subject.extend(other.answer_subject);
        self.forward_subject.extend(other.forward_subject);
        self.disclaimer.extend(other.disclaimer);
    }

    /// Each list of words with its name, for checking.
    pub(crate) fn lists(&self) -> [(&'static str, &[String]); 12] {
        [
            ("original", &self.original),
            ("forward", &self.forward),
            ("forward_line", &self.forward_line),
            ("from", &self.from),
            ("date", &self.date),
            ("subject", &self.subject),
            ("other", &self.other),
            ("device_begins", &self.device_begins),
            ("device_ends", &self.device_ends),
            ("answer_subject", &self.answer_subject),
            ("forward_subject", &self.forward_subject),
            ("disclaimer", &self.disclaimer),
        ]
    }

    /// Whether a subject says that a mail was passed on.
    pub(crate) fn says_forward(&self, subject: &str) -> bool {
        let subject = subject.trim().trim_start_matches('[');
        self.forward_subject.iter().any(|word| behind_mark(subject, word).is_some())
    }

    /// A subject without the marks of answers and forwards.
    pub(crate) fn plain_subject<'s>(&self, subject: &'s str) -> &'s str {
        let mut rest = subject.trim();
        let marks = || self.answer_subject.iter().chain(&self.forward_subject);
        while let Some(behind) = marks().find_map(|word| behind_mark(rest, word)) {
            rest = behind.trim_start();
        }
        rest
    }

    /// Whether a line is one that telephones put under each mail.
    pub(crate) fn is_of_a_device(&self, line: &str) -> bool {
        let plain = line.trim().to_lowercase();
        plain.chars().count() < 60
            && (self.device_begins.iter().any(|words| plain.starts_with(words))
                || self.device_ends.iter().any(|words| plain.ends_with(words)))
    }
}

/// A text without its blanks.
pub(crate) fn without_blanks(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// What stands behind a word and a colon at the beginning of a subject.
fn behind_mark<'s>(subject: &'s str, word: &str) -> Option<&'s str> {
    let mut rest = subject.chars();
    for expected in word.chars() {
        if !rest.next()?.to_lowercase().eq(std::iter::once(expected)) {
            return None;
        }
    }
    rest.as_str().trim_start().strip_prefix([':', '：'])
}

#[cfg(test)]
mod tests {
    use crate::rules::Rules;

    #[test]
    fn subjects_lose_the_marks_of_all_languages() {
        let rules = Rules::load(&[]).expect("sound files");
        let marks = rules.marks();
        for (subject, plain) in [
            ("Re: AW: 転送：FW : Hello", "Hello"),
            ("RE：返信:削除", "削除"),
            ("Regarding: x", "Regarding: x"),
            ("Re", "Re"),
            ("", ""),
        ] {
            assert_eq!(marks.plain_subject(subject), plain);
        }
        assert!(
            marks.says_forward("[Fwd: x]")
                && marks.says_forward("転送：x")
                && !marks.says_forward("Re: Fwd: x")
        );
    }

    #[test]
    fn lines_of_telephones_are_known() {
        let rules = Rules::load(&[]).expect("sound files");
        assert!(rules.marks().is_of_a_device("iPhoneから送信"));
        assert!(rules.marks().is_of_a_device("Sent from my phone"));
        assert!(!rules.marks().is_of_a_device("It was sent from my phone"));
    }
}
