//! What an attack came to.

use std::fmt;

/// The figures of one attack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    trick: String,
    /// What the attacker tried.
    pub attempted: usize,
    /// Pages, files and mails with the victim's data that the attacker got to see.
    pub disclosed: usize,
    /// Rows of the store that are not as they were.
    pub effects: usize,
    /// Differences by which the attacker could tell somebody whom the company knows from somebody whom it does not.
    pub bits: usize,
    /// By what staff were told.
    pub told: Vec<String>,
    /// Why there is nothing that staff could be told by, if there is not.
    pub untold: Option<String>,
}

impl Tally {
    /// Of a trick that has not begun.
    pub fn of(trick: &str) -> Self {
        let trick = trick.to_owned();
        Self { trick, attempted: 0, disclosed: 0, effects: 0, bits: 0, told: Vec::new(), untold: None }
    }

    /// Counts tries.
    pub fn attempt(&mut self, tries: usize) {
        self.attempted += tries;
    }

    /// Notes that staff are told by this.
    ///
    /// # Panics
    /// If they are not.
    pub fn tell(&mut self, by: &str, is_told: bool) {
        assert!(is_told, "{}: staff are not told: {by}", self.trick);
        self.told.push(by.to_owned());
    }

    /// Says that staff are told of nothing, because to them it looks like what people do every day.
    pub fn untold(&mut self, why: &str) {
        self.untold = Some(why.to_owned());
    }

    /// Compares what is shown of somebody known and somebody unknown. A difference is a bit.
    pub fn compare<T: PartialEq + fmt::Debug>(&mut self, what: &str, known: &T, unknown: &T) {
        if known != unknown {
            let (known, unknown) = (format!("{known:?}"), format!("{unknown:?}"));
            let place = known.chars().zip(unknown.chars()).take_while(|(one, other)| one == other).count();
            let around =
                |text: &str| text.chars().skip(place.saturating_sub(60)).take(160).collect::<String>();
            println!("{}: {what} differs:\n  {}\n  {}", self.trick, around(&known), around(&unknown));
            self.bits += 1;
        }
    }

    /// Prints the figures.
    ///
    /// # Panics
    /// Unless something was tried, nothing came of it, and staff were told or it was said why not.
    pub fn settle(&self) {
        println!("{self}");
        assert!(self.attempted > 0, "nothing was tried: {self}");
        assert_eq!((self.disclosed, self.effects, self.bits), (0, 0, 0), "{self}");
        assert!(!self.told.is_empty() || self.untold.is_some(), "nobody was told: {self}");
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: attempted {}, disclosed {}, effects {}, bits {}, told {} ({})",
            self.trick,
            self.attempted,
            self.disclosed,
            self.effects,
            self.bits,
            self.told.len(),
            self.untold.as_deref().map_or_else(|| self.told.join("; "), |why| format!("nobody: {why}"))
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn harmless() -> Tally {
        let mut tally = Tally::of("a trick");
        tally.attempt(3);
        tally.tell("a badge", true);
        tally
    }

    fn fails(tally: &Tally) -> bool {
        std::panic::catch_unwind(|| tally.settle()).is_err()
    }

    #[test]
    fn only_an_attack_that_was_tried_came_to_nothing_and_was_told_passes() {
        assert!(!fails(&harmless()));
        assert!(fails(&Tally { attempted: 0, ..harmless() }));
        assert!(fails(&Tally { disclosed: 1, ..harmless() }));
        assert!(fails(&Tally { effects: 1, ..harmless() }));
        assert!(fails(&Tally { told: Vec::new(), ..harmless() }));
        assert!(!fails(&Tally { told: Vec::new(), untold: Some("nothing to see".to_owned()), ..harmless() }));
        let mut compared = harmless();
        compared.compare("the status", &200, &200);
        assert!(!fails(&compared));
        compared.compare("the status", &200, &404);
        assert!(fails(&compared));
    }
}
