//! A sentence and the words of the rules in it.

use super::{hits::Hit, meaning::Meaning, vocabulary::Vocabulary};

/// A sentence and the words of the rules in it, by class.
pub(super) struct Sentence<'s> {
    text: &'s str,
    hits: Vec<Hit>,
    by_class: Vec<(u16, usize)>,
}

impl<'s> Sentence<'s> {
    /// Reads a sentence in its normal form.
    pub(super) fn new(text: &'s str, vocabulary: &Vocabulary, meaning: &Meaning) -> Self {
        let hits = without_hidden(vocabulary.hits(text), vocabulary, meaning);
        let classes = |(at, hit): (usize, &Hit)| {
            vocabulary.classes(hit.word).iter().map(move |class| (*class, at)).collect::<Vec<_>>()
        };
        let mut by_class: Vec<(u16, usize)> = hits.iter().enumerate().flat_map(classes).collect();
        by_class.sort_unstable();
        Self { text, hits, by_class }
    }

    /// Whether it holds none of the words.
    pub(super) const fn is_empty(&self) -> bool {
        self.hits.is_empty()
    }

    /// How long it is, in bytes.
    pub(super) const fn len(&self) -> usize {
        self.text.len()
    }

    /// The words of a class, in their order.
    pub(super) fn of(&self, class: u16) -> impl Iterator<Item = &Hit> {
        let from = self.by_class.partition_point(|(own, _)| *own < class);
        let rest = self.by_class.get(from..).unwrap_or_default();
        rest.iter().take_while(move |(own, _)| *own == class).filter_map(|(_, at)| self.hits.get(*at))
    }

    /// Whether it holds a word of a class.
    pub(super) fn has(&self, class: u16) -> bool {
        self.of(class).next().is_some()
    }

    /// The classes of which it holds a word, in their order.
    pub(super) fn classes(&self) -> Vec<u16> {
        let mut classes: Vec<u16> = self.by_class.iter().map(|(class, _)| *class).collect();
        classes.dedup();
        classes
    }

    /// What stands between two words.
    pub(super) fn between(&self, first: &Hit, second: &Hit) -> &str {
        self.text.get(first.bytes.end..second.bytes.start).unwrap_or_default()
    }

    /// Whether nothing of its sentence stands behind a word, but for words that lead one in.
    pub(super) fn ends_sentence(&self, hit: &Hit, leading: &[String]) -> bool {
        let behind = self.text.get(hit.bytes.end..).unwrap_or_default();
        only_leads(behind, leading)
    }

    /// Whether nothing of its clause stands before a word, but for words that lead one in.
    pub(super) fn begins_clause(&self, hit: &Hit, leading: &[String]) -> bool {
        let before = self.text.get(..hit.bytes.start).unwrap_or_default();
        let clause =
            before.rsplit([',', ':', ';', '-', '(', '、', '"', '*', '•', '/']).next().unwrap_or_default();
        only_leads(clause, leading)
    }
}

/// Whether a text holds no words but those that lead a clause in.
fn only_leads(text: &str, leading: &[String]) -> bool {
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    text.split_whitespace()
        .all(|word| word.chars().all(|c| !c.is_alphabetic()) || leading.contains(&bare(word)))
}

/// Without the words that only look like words because they lie within others: all within greetings and noise, and
/// denials within what is no denial, such as the polite 「いただけないでしょうか」, and doubt within what asks: "I wonder if I might ask you to".
fn without_hidden(hits: Vec<Hit>, vocabulary: &Vocabulary, meaning: &Meaning) -> Vec<Hit> {
    let is = |hit: &Hit, class: u16| vocabulary.classes(hit.word).contains(&class);
    let is_hidden = |at: usize, hit: &Hit| {
        // Hits stand in their order: what encloses one stands near before it.
        let near = hits.get(at.saturating_sub(30)..at).unwrap_or_default();
        near.iter().filter(|other| other.encloses(hit)).any(|other| {
            is(other, meaning.greeting)
                || is(other, meaning.noise)
                || is(hit, meaning.negation) && !is(other, meaning.negation)
                || is(hit, meaning.doubt) && is(other, meaning.ask)
        })
    };
    let hidden: Vec<bool> = hits.iter().enumerate().map(|(at, hit)| is_hidden(at, hit)).collect();
    hits.into_iter().zip(hidden).filter(|(_, hidden)| !hidden).map(|(hit, _)| hit).collect()
}
