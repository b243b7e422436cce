//! Telling the language of a text, by what the rule files say of their languages.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

use aho_corasick::BuildError;
use habeas_domain::{Language, LanguageTag};
use serde::Deserialize;

use super::vocabulary::Vocabulary;

/// How a text in a language is known, as a rule file says it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecogniseRule {
    /// The letters that it is written with, in lower case: `a-z` for a range, `äöü` for single ones.
    pub(super) letters: Vec<String>,
    /// How many Latin letters one of them weighs: names and addresses are written in Latin letters everywhere.
    #[serde(default = "one")]
    pub(super) weight: u32,
    /// Frequent words, which tell it from the languages that share its letters.
    pub(super) words: Vec<String>,
}

const fn one() -> u32 {
    1
}

/// A language that a text is written in, as its rule file describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    /// Which.
    pub(crate) tag: LanguageTag,
    /// In which language whoever writes in it is written to.
    pub(crate) letters: Language,
    /// The country of telephone numbers that name none.
    pub(crate) calling_code: Option<String>,
}

/// How a text in a language is known.
pub(super) struct Recognise {
    ranges: Vec<RangeInclusive<char>>,
    weight: u64,
    words: Vocabulary,
}

/// Fewer letters say nothing.
const FEWEST: u64 = 2;
/// Letters that weigh less together say nothing.
const LIGHTEST: u64 = 3;

impl Recognise {
    pub(super) fn new(ranges: Vec<RangeInclusive<char>>, rule: RecogniseRule) -> Result<Self, BuildError> {
        let class = "words".to_owned();
        let words = BTreeMap::from([(class.clone(), rule.words)]);
        let words = Vocabulary::new(&[class], &words, std::iter::empty())?;
        Ok(Self { ranges, weight: rule.weight.into(), words })
    }

    /// What its letters in a text weigh: those of scripts that no name is written in, beside few others, are a quotation.
    fn weigh(&self, text: &[String]) -> u64 {
        let count = self.count(text, |_| true);
        let weight = count.saturating_mul(self.weight);
        if count >= FEWEST && weight >= LIGHTEST { weight } else { 0 }
    }

    fn count(&self, text: &[String], also: impl Fn(char) -> bool) -> u64 {
        let letters = text.iter().flat_map(|sentence| sentence.chars());
        letters.filter(|c| self.has(*c) && also(*c)).fold(0, |count, _| count + 1)
    }

    fn has(&self, c: char) -> bool {
        self.ranges.iter().any(|range| range.contains(&c))
    }

    /// Whether it shares letters with another at all.
    fn overlaps(&self, other: &Self) -> bool {
        let meets = |one: &RangeInclusive<char>, two: &RangeInclusive<char>| {
            one.start() <= two.end() && two.start() <= one.end()
        };
        self.ranges.iter().any(|one| other.ranges.iter().any(|two| meets(one, two)))
    }

    /// Whether a text in this language could be in `other` by most of its letters: four of five.
    fn could_be(&self, other: &Self, text: &[String]) -> bool {
        self.overlaps(other) && self.count(text, |c| other.has(c)) * 5 >= self.count(text, |_| true) * 4
    }

    /// How many different ones of its words a text holds.
    fn known_words(&self, text: &[String]) -> usize {
        let hits = text.iter().flat_map(|sentence| self.words.hits(sentence));
        hits.map(|hit| hit.word).collect::<BTreeSet<_>>().len()
    }
}

/// Which of the languages sentences in normal form are written in, by its place. The letters tell; where languages share them,
/// the words do; where those say nothing, the letters again, and then the place.
pub(super) fn language_of<'r>(
    all: &(impl Iterator<Item = &'r Recognise> + Clone),
    text: &[String],
) -> Option<usize> {
    let weights: Vec<u64> = all.clone().map(|one| one.weigh(text)).collect();
    let by_letters = all.clone().enumerate().filter_map(|(place, one)| {
        let weight = *weights.get(place)?;
        (weight > 0).then_some((place, one, weight))
    });
    let (first, best, _) =
        by_letters.clone().max_by(|(at, one, weight), (other_at, other, other_weight)| {
            (weight, one.weight).cmp(&(other_weight, other.weight)).then(other_at.cmp(at))
        })?;
    let rivals: Vec<(usize, &Recognise, u64)> =
        by_letters.filter(|(place, one, _)| *place == first || best.could_be(one, text)).collect();
    if rivals.len() == 1 {
        return Some(first);
    }
    let told = rivals.into_iter().map(|(place, one, weight)| (one.known_words(text), weight, place));
    told.max_by(|(words, weight, at), (other_words, other_weight, other_at)| {
        (words, weight).cmp(&(other_words, other_weight)).then(other_at.cmp(at))
    })
    .map(|(_, _, place)| place)
}

/// The letters of a rule file as ranges; the place of one that cannot be read.
pub(super) fn ranges(letters: &[String]) -> Result<Vec<RangeInclusive<char>>, usize> {
    let mut ranges = Vec::new();
    for (place, text) in letters.iter().enumerate() {
        let mut chars = text.chars().peekable();
        let before = ranges.len();
        while let Some(start) = chars.next() {
            let end = match chars.next_if_eq(&'-') {
                Some(_) => chars.next().ok_or(place)?,
                None => start,
            };
            if end < start || !start.is_alphabetic() {
                return Err(place);
            }
            ranges.push(start..=end);
        }
        if ranges.len() == before {
            return Err(place);
        }
    }
    if ranges.is_empty() { Err(0) } else { Ok(ranges) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(letters: &[&str], weight: u32, words: &[&str]) -> Recognise {
        let text = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let letters = text(letters);
        let rule = RecogniseRule { letters: letters.clone(), weight, words: text(words) };
        Recognise::new(ranges(&letters).expect("letters"), rule).expect("words")
    }

    #[test]
    fn letters_tell_and_words_tell_where_letters_do_not() {
        let all = [
            language(&["a-z"], 1, &["the", "my", "please"]),
            language(&["ぁ-ヿ", "一-鿿"], 8, &["です", "ください"]),
            language(&["a-zäöüß"], 1, &["ich", "bitte", "meine"]),
            language(&["一-鿿"], 8, &["请", "我的", "删除"]),
            language(&["가-힣"], 8, &[]),
        ];
        for (text, place) in [
            ("please delete my data, herr müller said", Some(0)),
            ("bitte loschen sie meine daten, please", Some(2)),
            ("löschung", Some(2)),
            ("widget", Some(0)),
            ("データを消してください。 please see account no. 5", Some(1)),
            ("個人情報削除希望", Some(1)),
            ("请删除我的个人信息", Some(3)),
            ("내 개인정보를 삭제해 주세요 (account hanako@example.kr)", Some(4)),
            ("please delete what you hold of 山田 in your records today", Some(0)),
            ("123 ...", None),
            ("山 a", None),
        ] {
            assert_eq!(language_of(&all.iter(), &[text.to_owned()]), place, "{text}");
        }
    }

    #[test]
    fn letters_that_cannot_be_read_are_named() {
        let read =
            |letters: &[&str]| ranges(&letters.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>());
        assert_eq!(read(&["a-zß", "é"]).map(|ranges| ranges.len()), Ok(3));
        for (letters, place) in [(&["a-z", "z-a"][..], 1), (&["a-"], 0), (&[""], 0), (&[], 0), (&["1-9"], 0)]
        {
            assert_eq!(read(letters), Err(place), "{letters:?}");
        }
    }
}
