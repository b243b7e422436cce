//! The rules of one language at work.

use habeas_domain::{Language, RegimeId};

use super::{
    file::Machine,
    findings::{Asked, Findings},
    hits::Hit,
    pattern::Pattern,
    vocabulary::Vocabulary,
};

/// The rules of one language.
pub(super) struct LanguageRules {
    pub(super) language: Language,
    pub(super) within: u32,
    /// How far before and behind a head a negation counts.
    pub(super) negation: (u32, u32),
    /// Classes with a meaning: negation, doubt, cancel, noise, agent, guardian, urgent.
    pub(super) meaning: [u16; 8],
    pub(super) patterns: Vec<PatternOf>,
    pub(super) regimes: Vec<Regime>,
    pub(super) vocabulary: Vocabulary,
    pub(super) machine: Machine,
}

/// A pattern and what it stands for.
pub(super) struct PatternOf {
    pub(super) asked: Asked,
    pub(super) sure: bool,
    pub(super) pattern: Pattern,
}

/// The class of the words that name a law.
pub(super) struct Regime {
    pub(super) id: RegimeId,
    pub(super) class: u16,
}

/// The most words of one sentence that are looked at.
const MOST_HITS: usize = 400;

/// A sentence and the words of the rules in it, by class.
struct Sentence<'s> {
    text: &'s str,
    hits: Vec<Hit>,
    by_class: Vec<(u16, usize)>,
}

impl<'s> Sentence<'s> {
    fn new(text: &'s str, vocabulary: &Vocabulary) -> Self {
        let mut hits = vocabulary.hits(text);
        hits.truncate(MOST_HITS);
        let classes = |(at, hit): (usize, &Hit)| {
            vocabulary.classes(hit.word).iter().map(move |class| (*class, at)).collect::<Vec<_>>()
        };
        let mut by_class: Vec<(u16, usize)> = hits.iter().enumerate().flat_map(classes).collect();
        by_class.sort_unstable();
        Self { text, hits, by_class }
    }

    /// The words of a class, in their order.
    fn of(&self, class: u16) -> impl Iterator<Item = &Hit> {
        let from = self.by_class.partition_point(|(own, _)| *own < class);
        let rest = self.by_class.get(from..).unwrap_or_default();
        rest.iter().take_while(move |(own, _)| *own == class).filter_map(|(_, at)| self.hits.get(*at))
    }

    fn has(&self, class: u16) -> bool {
        self.of(class).next().is_some()
    }

    /// What stands between two words.
    fn between(&self, first: &Hit, second: &Hit) -> &str {
        self.text.get(first.bytes.end..second.bytes.start).unwrap_or_default()
    }

    /// Whether nothing of its clause stands before a word.
    fn begins_clause(&self, hit: &Hit) -> bool {
        const LEADING: [&str; 12] =
            ["and", "also", "so", "then", "just", "please", "pls", "hi", "hello", "now", "but", "to"];
        let before = self.text.get(..hit.bytes.start).unwrap_or_default();
        let clause =
            before.rsplit([',', ':', ';', '-', '(', '、', '"', '*', '•', '/']).next().unwrap_or_default();
        clause
            .split_whitespace()
            .all(|word| LEADING.contains(&word) || word.chars().all(|c| !c.is_alphabetic()))
    }
}

impl LanguageRules {
    /// Reads sentences in their normal form.
    pub(super) fn read(&self, sentences: &[String], findings: &mut Findings) {
        for text in sentences {
            let sentence = Sentence::new(text, &self.vocabulary);
            if !sentence.hits.is_empty() {
                self.read_signs(&sentence, findings);
                self.read_rights(&sentence, findings);
            }
        }
    }

    fn read_signs(&self, sentence: &Sentence<'_>, findings: &mut Findings) {
        let [_, _, _, noise, agent, guardian, urgent, _] = self.meaning;
        let words = |class: u16| sentence.of(class).map(|hit| self.vocabulary.word(hit.word));
        words(noise).for_each(|word| findings.add_noise(word));
        words(agent).for_each(|word| findings.add_agent(word, false));
        words(guardian).for_each(|word| findings.add_agent(word, true));
        words(urgent).for_each(|word| findings.add_urgent(word));
        for regime in self.regimes.iter().filter(|regime| sentence.has(regime.class)) {
            findings.add_regime(&regime.id);
        }
    }

    fn read_rights(&self, sentence: &Sentence<'_>, findings: &mut Findings) {
        let [_, doubt, cancel, ..] = self.meaning;
        if sentence.has(cancel) {
            return;
        }
        let is_doubted = sentence.has(doubt);
        for one in &self.patterns {
            let sure = one.sure && !is_doubted;
            if !sure && findings.is_sure_of(one.asked) {
                continue;
            }
            if let Some(words) = self.matched(sentence, &one.pattern) {
                findings.ask(one.asked, sure, words);
            }
        }
    }

    /// The words by which a pattern fits a sentence.
    fn matched(&self, sentence: &Sentence<'_>, pattern: &Pattern) -> Option<Vec<String>> {
        if pattern.without.iter().any(|class| sentence.has(*class)) {
            return None;
        }
        sentence.of(pattern.head).find_map(|head| {
            if pattern.at_start && !sentence.begins_clause(head) || self.is_negated(sentence, head) {
                return None;
            }
            let near = pattern.near.iter().map(|class| {
                sentence.of(*class).filter(|hit| head.gap(hit) <= self.within).min_by_key(|hit| head.gap(hit))
            });
            let mut hits: Vec<&Hit> = near.collect::<Option<_>>()?;
            hits.push(head);
            hits.sort_by_key(|hit| hit.start);
            Some(hits.iter().map(|hit| self.vocabulary.word(hit.word).to_owned()).collect())
        })
    }

    /// Whether a negation of the same clause stands before or behind a word.
    fn is_negated(&self, sentence: &Sentence<'_>, head: &Hit) -> bool {
        let [negation, ..] = self.meaning;
        let (before, after) = self.negation;
        let one_clause = |text: &str| !text.contains([',', ';', '、', ':']);
        sentence.of(negation).any(|hit| {
            let is_before = hit.end <= head.start
                && head.start - hit.end <= before
                && one_clause(sentence.between(hit, head));
            let is_behind = hit.start >= head.end
                && hit.start - head.end <= after
                && one_clause(sentence.between(head, hit));
            is_before || is_behind
        })
    }
}
