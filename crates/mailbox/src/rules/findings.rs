//! What the rules found in a mail.

use std::collections::BTreeMap;

use habeas_domain::{RegimeId, Right};

use super::language::Written;
use crate::{FoundAgent, FoundOther, FoundRight, OtherRight};

/// A right that rules can find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Asked {
    /// One that a job fulfils.
    Job(Right),
    /// One that staff deal with.
    Staff(OtherRight),
    /// No right: that answers go to another address.
    OtherAddress,
    /// No right: that it speaks of the writer's own data, whatever it asks for.
    Unclear,
}

/// The name of [`Asked::OtherAddress`] in rule files.
const OTHER_ADDRESS: &str = "other-address";
/// The name of [`Asked::Unclear`] in rule files.
const UNCLEAR: &str = "unclear";

impl Asked {
    /// By its name.
    pub(crate) fn read(name: &str) -> Option<Self> {
        if name == OTHER_ADDRESS {
            return Some(Self::OtherAddress);
        }
        if name == UNCLEAR {
            return Some(Self::Unclear);
        }
        name.parse().map(Self::Job).or_else(|_| name.parse().map(Self::Staff)).ok()
    }

    /// Whether it is a right.
    const fn is_right(self) -> bool {
        matches!(self, Self::Job(_) | Self::Staff(_))
    }
}

/// The most words that are given as a reason.
const MOST_WORDS: usize = 8;
/// So many different words of advertising and the like, and what is unsure is none of our business.
const NOISY: usize = 2;
/// So many, and even what seems sure is left to staff.
const VERY_NOISY: usize = 4;

/// What the rules found in a mail.
#[derive(Debug, Clone, Default)]
pub(crate) struct Findings {
    pub(crate) written: Option<Written>,
    asked: BTreeMap<Asked, (bool, Vec<String>)>,
    agent: Vec<String>,
    guardian: Vec<String>,
    pub(crate) urgent: Vec<String>,
    pub(crate) regime: Option<RegimeId>,
    noise: Vec<String>,
}

impl Findings {
    /// Adds a right; what is sure replaces what is not.
    pub(super) fn ask(&mut self, asked: Asked, sure: bool, words: Vec<String>) {
        let entry = self.asked.entry(asked).or_default();
        if sure && !entry.0 {
            *entry = (true, Vec::new());
        }
        if entry.0 == sure {
            for word in words {
                add(&mut entry.1, word);
            }
        }
    }

    /// Whether a right was found that leaves no doubt.
    pub(super) fn is_sure_of(&self, asked: Asked) -> bool {
        self.asked.get(&asked).is_some_and(|(sure, _)| *sure)
    }

    pub(super) fn add_agent(&mut self, word: &str, guardian: bool) {
        add(if guardian { &mut self.guardian } else { &mut self.agent }, word.to_owned());
    }

    pub(super) fn add_urgent(&mut self, word: &str) {
        add(&mut self.urgent, word.to_owned());
    }

    pub(super) fn add_noise(&mut self, word: &str) {
        add(&mut self.noise, word.to_owned());
    }

    pub(super) fn add_regime(&mut self, regime: &RegimeId) {
        self.regime.get_or_insert_with(|| regime.clone());
    }

    /// Weighs what was found against signs that nobody asks for anything.
    pub(super) fn settle(&mut self) {
        let noise = self.noise.len();
        if self.is_noisy() {
            self.asked.retain(|_, (sure, _)| *sure);
        }
        if noise >= VERY_NOISY {
            self.asked.values_mut().for_each(|(sure, _)| *sure = false);
        }
    }

    /// Of no rights, in a language.
    pub(super) fn in_language(written: Option<Written>) -> Self {
        Self { written, ..Self::default() }
    }

    /// Whether any right was found.
    pub(crate) fn asks(&self) -> bool {
        self.asked.keys().any(|asked| asked.is_right())
    }

    /// Whether a right was found that leaves no doubt.
    pub(crate) fn is_sure(&self) -> bool {
        self.asked.iter().any(|(asked, (sure, _))| *sure && asked.is_right())
    }

    /// The words by which it speaks of the writer's own data.
    pub(crate) fn unclear(&self) -> Option<&[String]> {
        self.asked.get(&Asked::Unclear).map(|(_, words)| words.as_slice())
    }

    /// Whether it reads like advertising or deceit.
    pub(crate) fn is_noisy(&self) -> bool {
        self.noise.len() >= NOISY
    }

    /// Words that show that somebody writes for somebody else.
    pub(crate) fn agent(&self) -> Option<FoundAgent> {
        let guardian = !self.guardian.is_empty();
        let words: Vec<String> = self.agent.iter().chain(&self.guardian).cloned().collect();
        (!words.is_empty()).then_some(FoundAgent { words, guardian })
    }

    /// The rights that jobs fulfil, the surest first.
    pub(crate) fn rights(&self) -> Vec<FoundRight> {
        let found = self.asked.iter().filter_map(|(asked, (sure, words))| match asked {
            Asked::Job(right) => Some(FoundRight { right: *right, sure: *sure, words: words.clone() }),
            Asked::Staff(_) | Asked::OtherAddress | Asked::Unclear => None,
        });
        let mut rights: Vec<FoundRight> = found.collect();
        rights.sort_by_key(|one| !one.sure);
        rights
    }

    /// The words that without doubt want answers to go to another address.
    pub(crate) fn other_address(&self) -> Vec<String> {
        let found = self.asked.get(&Asked::OtherAddress).filter(|(sure, _)| *sure);
        found.map(|(_, words)| words.clone()).unwrap_or_default()
    }

    /// The rights that staff deal with, the surest first.
    pub(crate) fn others(&self) -> Vec<FoundOther> {
        let found = self.asked.iter().filter_map(|(asked, (sure, words))| match asked {
            Asked::Staff(right) => Some(FoundOther { right: *right, sure: *sure, words: words.clone() }),
            Asked::Job(_) | Asked::OtherAddress | Asked::Unclear => None,
        });
        let mut others: Vec<FoundOther> = found.collect();
        others.sort_by_key(|one| !one.sure);
        others
    }
}

/// Adds a word, unless it is said already; a longer one takes the place of those within it.
fn add(words: &mut Vec<String>, word: String) {
    if words.iter().any(|own| own.contains(&word)) {
        return;
    }
    words.retain(|own| !word.contains(own.as_str()));
    if words.len() < MOST_WORDS {
        words.push(word);
    }
}
