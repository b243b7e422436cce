//! The rules of one language at work.

use habeas_domain::RegimeId;

use crate::Marks;

use super::{
    file::{Machine, Reply},
    findings::{Asked, Findings},
    hits::Hit,
    language::{Recognise, Written},
    meaning::Meaning,
    misspelt,
    pattern::Pattern,
    sentence::Sentence,
    sentences::is_bullet,
    vocabulary::Vocabulary,
};

/// The rules of one language.
pub(super) struct LanguageRules {
    pub(super) written: Written,
    pub(super) recognise: Recognise,
    pub(super) short_forms: Vec<String>,
    pub(super) leading: Vec<String>,
    pub(super) often_misspelt: Vec<String>,
    pub(super) within: u32,
    /// How far before and behind a head a negation counts.
    pub(super) negation: (u32, u32),
    pub(super) meaning: Meaning,
    pub(super) patterns: Vec<PatternOf>,
    pub(super) regimes: Vec<Regime>,
    pub(super) vocabulary: Vocabulary,
    pub(super) machine: Machine,
    pub(super) reply: Reply,
    pub(super) marks: Marks,
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

/// How many items of a list what was said before it holds for, and how long an item is, in bytes.
const ITEMS: usize = 12;
const ITEM_BYTES: usize = 400;

/// Whether a sentence is an item of a list of what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item {
    /// No.
    None,
    /// Of one that words announced: what was asked before it counts as asked.
    Announced,
    /// Of bullets behind a sentence that asks and goes on: it may be asked.
    Listed,
}

/// Where a sentence stands.
struct Place {
    item: Item,
    /// The classes of the words in the sentence before it, unless that one said nothing.
    before: Vec<u16>,
}

/// Whether a sentence goes on behind its end.
fn is_open(text: &str) -> bool {
    !text.ends_with(['.', '。', '!', '?'])
}

impl LanguageRules {
    /// Reads sentences in their normal form.
    pub(super) fn read(&self, sentences: &[String], findings: &mut Findings) {
        let (mut announced, mut listed) = (0_usize, 0_usize);
        let mut before = Vec::new();
        for (at, text) in sentences.iter().enumerate() {
            let mended = misspelt::mended(text, &self.often_misspelt, &self.vocabulary);
            let text = mended.as_deref().unwrap_or(text);
            let sentence = Sentence::new(text, &self.vocabulary, &self.meaning);
            let is_short = sentence.len() <= ITEM_BYTES;
            let item = match (announced > 0 && is_short, listed > 0 && is_short) {
                (true, _) => Item::Announced,
                (false, true) => Item::Listed,
                (false, false) => Item::None,
            };
            announced = announced.saturating_sub(1);
            listed = listed.saturating_sub(1);
            let place = Place { item, before: std::mem::take(&mut before) };
            if sentence.is_empty() {
                continue;
            }
            self.read_signs(&sentence, findings);
            if !sentence.has(self.meaning.cancel) {
                self.read_rights(&sentence, &place, findings);
                before = sentence.classes();
            }
            if sentence.has(self.meaning.announce) && sentence.has(self.meaning.ask) {
                announced = ITEMS;
            }
            if sentence.has(self.meaning.ask) && is_open(text) {
                let behind = sentences.get(at + 1..).unwrap_or_default();
                listed = behind.iter().take(ITEMS).take_while(|next| is_bullet(next)).count().max(listed);
            }
        }
    }

    fn read_signs(&self, sentence: &Sentence<'_>, findings: &mut Findings) {
        let words = |class: u16| sentence.of(class).map(|hit| self.vocabulary.word(hit.word));
        words(self.meaning.noise).for_each(|word| findings.add_noise(word));
        words(self.meaning.agent).for_each(|word| findings.add_agent(word, false));
        words(self.meaning.guardian).for_each(|word| findings.add_agent(word, true));
        words(self.meaning.urgent).for_each(|word| findings.add_urgent(word));
        for regime in self.regimes.iter().filter(|regime| sentence.has(regime.class)) {
            findings.add_regime(&regime.id);
        }
    }

    fn read_rights(&self, sentence: &Sentence<'_>, place: &Place, findings: &mut Findings) {
        let is_doubted = sentence.has(self.meaning.doubt);
        for one in &self.patterns {
            let sure = one.sure && !is_doubted;
            if !sure && findings.is_sure_of(one.asked) {
                continue;
            }
            let is_spoken_of = |class: &u16| sentence.has(*class) || place.before.contains(class);
            if !one.pattern.spoken_of.iter().all(is_spoken_of) {
                continue;
            }
            if let Some(words) = self.matched(sentence, place.item == Item::Announced, one) {
                findings.ask(one.asked, sure, words);
            } else if place.item == Item::Listed
                && let Some(words) = self.matched(sentence, true, one)
            {
                findings.ask(one.asked, false, words);
            }
        }
    }

    /// The words by which a pattern fits a sentence. In an item of a list, what was asked before it counts as asked. Whoever denies
    /// something still speaks of it: what is unclear stays so.
    fn matched(&self, sentence: &Sentence<'_>, is_item: bool, of: &PatternOf) -> Option<Vec<String>> {
        let PatternOf { asked, pattern, .. } = of;
        if pattern.without.iter().any(|class| sentence.has(*class)) {
            return None;
        }
        let wanted = || pattern.near.iter().filter(|class| !(is_item && **class == self.meaning.ask));
        sentence.of(pattern.head).find_map(|head| {
            if pattern.at_start && !sentence.begins_clause(head, &self.leading)
                || pattern.alone && !sentence.ends_sentence(head, &self.leading)
                || *asked != Asked::Unclear && self.is_negated(sentence, head)
            {
                return None;
            }
            let near = wanted().map(|class| {
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
        let (before, after) = self.negation;
        let one_clause = |text: &str| !text.contains([',', ';', '、', ':']);
        sentence.of(self.meaning.negation).any(|hit| {
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
