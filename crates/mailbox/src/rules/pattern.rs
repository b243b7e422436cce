//! Patterns: classes of words that stand together in one sentence.

/// `^erase mine data !general`: a word of the first class, which `^` wants at the beginning of a clause, and near it one of
/// each further class; `!` wants none of that class in the sentence; `+` wants one of that class in it or in the sentence before
/// it. `=stop` wants nothing else in its sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    pub(super) head: u16,
    pub(super) at_start: bool,
    pub(super) alone: bool,
    pub(super) near: Vec<u16>,
    pub(super) without: Vec<u16>,
    pub(super) spoken_of: Vec<u16>,
}

/// Why a pattern cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum PatternProblem {
    /// No class at all.
    #[error("write the names of classes, such as \"erase mine data\"")]
    Empty,
    /// A class that the file does not have.
    #[error("no class of words is called {0:?}")]
    Unknown(String),
}

impl Pattern {
    /// Reads a pattern; `class` knows the numbers of the classes.
    pub(super) fn parse(text: &str, class: impl Fn(&str) -> Option<u16>) -> Result<Self, PatternProblem> {
        let number = |name: &str| class(name).ok_or_else(|| PatternProblem::Unknown(name.to_owned()));
        let mut names = text.split_whitespace();
        let first = names.next().ok_or(PatternProblem::Empty)?;
        let alone = first.starts_with('=');
        let (at_start, head) = first.strip_prefix(['^', '=']).map_or((false, first), |name| (true, name));
        let (near, without, spoken_of) = (Vec::new(), Vec::new(), Vec::new());
        let mut pattern = Self { head: number(head)?, at_start, alone, near, without, spoken_of };
        for name in names {
            match (name.strip_prefix('!'), name.strip_prefix('+')) {
                (Some(name), _) => pattern.without.push(number(name)?),
                (None, Some(name)) => pattern.spoken_of.push(number(name)?),
                (None, None) => pattern.near.push(number(name)?),
            }
        }
        Ok(pattern)
    }

    /// Whether it speaks of a class.
    pub(super) fn uses(&self, class: u16) -> bool {
        let others = [&self.near, &self.without, &self.spoken_of];
        self.head == class || others.into_iter().any(|classes| classes.contains(&class))
    }
}
