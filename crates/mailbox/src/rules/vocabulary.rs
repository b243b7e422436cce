//! All words of a language in one automaton, so that a text is read once however many rules there are.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, BuildError, MatchKind};

use super::hits::Hit;

/// The words of a language, each with its classes.
pub(super) struct Vocabulary {
    automaton: AhoCorasick,
    words: Vec<Word>,
    /// The number of the first class that stands for a regime.
    first_extra: u16,
}

struct Word {
    text: String,
    classes: Vec<u16>,
    /// Whether letters may follow: written with `*`.
    is_stem: bool,
}

impl Vocabulary {
    /// Puts the automaton together. `extra` lists of words get the numbers behind the last class.
    pub(super) fn new<'w>(
        classes: &[String],
        words: &BTreeMap<String, Vec<String>>,
        extra: impl Iterator<Item = &'w [String]>,
    ) -> Result<Self, BuildError> {
        let mut all: BTreeMap<&str, (Vec<u16>, bool)> = BTreeMap::new();
        let number = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
        let own = classes
            .iter()
            .enumerate()
            .filter_map(|(at, name)| Some((number(at), words.get(name)?.as_slice())));
        let further = extra.enumerate().map(|(at, list)| (number(classes.len() + at), list));
        for (class, list) in own.chain(further) {
            for word in list {
                let entry = all.entry(word.trim_end_matches('*')).or_default();
                entry.0.push(class);
                entry.1 |= word.ends_with('*');
            }
        }
        let automaton = AhoCorasick::builder().match_kind(MatchKind::Standard).build(all.keys())?;
        let words = all
            .into_iter()
            .map(|(text, (classes, is_stem))| Word { text: text.to_owned(), classes, is_stem })
            .collect();
        Ok(Self { automaton, words, first_extra: number(classes.len()) })
    }

    /// The class of an extra list.
    pub(super) fn extra(&self, at: usize) -> u16 {
        u16::try_from(at).map_or(u16::MAX, |at| self.first_extra.saturating_add(at))
    }

    /// The classes of a word.
    pub(super) fn classes(&self, word: usize) -> &[u16] {
        self.words.get(word).map_or(&[], |word| &word.classes)
    }

    /// A word as the rules write it.
    pub(super) fn word(&self, word: usize) -> &str {
        self.words.get(word).map_or("", |word| &word.text)
    }

    /// Whether it has a text as a word, or one that goes on like it.
    pub(super) fn knows(&self, text: &str) -> bool {
        self.words.iter().any(|word| word.text == text || word.is_stem && text.starts_with(&word.text))
    }

    /// The words in a sentence, in their order, words within words included.
    pub(super) fn hits(&self, sentence: &str) -> Vec<Hit> {
        let found = self.automaton.find_overlapping_iter(sentence).filter(|found| {
            let is_stem = self.words.get(found.pattern().as_usize()).is_some_and(|word| word.is_stem);
            is_whole(sentence, found.start(), found.end(), is_stem)
        });
        let mut hits: Vec<Hit> = found
            .take(MOST_HITS)
            .map(|found| Hit {
                word: found.pattern().as_usize(),
                bytes: found.start()..found.end(),
                start: 0,
                end: 0,
            })
            .collect();
        hits.sort_by_key(|hit| (hit.bytes.start, std::cmp::Reverse(hit.bytes.end)));
        count_chars(sentence, &mut hits);
        hits
    }
}

/// The most words of one sentence that are looked at.
const MOST_HITS: usize = 1_000;

/// Tells where hits stand in characters.
fn count_chars(sentence: &str, hits: &mut [Hit]) {
    let (mut bytes, mut chars) = (0, 0_u32);
    for hit in hits {
        chars = chars.saturating_add(length(sentence, bytes..hit.bytes.start));
        bytes = hit.bytes.start;
        hit.start = chars;
        hit.end = chars.saturating_add(length(sentence, hit.bytes.clone()));
    }
}

fn length(text: &str, range: std::ops::Range<usize>) -> u32 {
    let count = text.get(range).map_or(0, |text| text.chars().count());
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Whether a text holds a word as a word. With a `*` at its end letters may follow.
pub(super) fn holds(text: &str, word: &str) -> bool {
    let plain = word.trim_end_matches('*');
    let is_stem = plain.len() < word.len();
    text.match_indices(plain).any(|(at, found)| is_whole(text, at, at + found.len(), is_stem))
}

/// Whether a match is a word rather than a piece of one. Where a script puts no blanks between words there is no telling.
fn is_whole(text: &str, start: usize, end: usize, is_stem: bool) -> bool {
    let is_letter = |c: Option<char>| c.is_some_and(parts_words);
    let own = text.get(start..end).unwrap_or_default();
    let before = text.get(..start).and_then(|text| text.chars().next_back());
    let after = text.get(end..).and_then(|text| text.chars().next());
    let opens = !(is_letter(own.chars().next()) && is_letter(before));
    let closes = is_stem || !(is_letter(own.chars().next_back()) && is_letter(after));
    opens && closes
}

/// Whether a letter or digit is of a script that puts blanks between words: Latin, Greek, Cyrillic, Armenian.
fn parts_words(c: char) -> bool {
    c.is_alphanumeric() && matches!(c, '\0'..='\u{58f}' | '\u{1e00}'..='\u{1fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_in_scripts_with_blanks() {
        assert!(!holds("gelöschte", "lösch") && holds("bitte lösche es", "lösch*"));
        assert!(!holds("änderung", "nderung") && !holds("удалите", "удали"));
        assert!(holds("データを削除して", "削除"));
    }
}
