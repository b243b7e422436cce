//! How long a token works.

use std::str::FromStr;

use chrono::TimeDelta;

/// For how many days a token works: 1 to [`TokenLife::LONGEST`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenLife(u16);

/// Not a number of days that a token may work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("use a whole number of days from 1 to {}", TokenLife::LONGEST)]
pub struct TokenLifeProblem;

impl TokenLife {
    /// The most days.
    pub const LONGEST: u16 = 366;
    /// When nothing is said: a quarter of a year.
    pub const USUAL: Self = Self(90);
    /// A year.
    pub const YEAR: Self = Self(365);

    /// So many days.
    pub fn days(days: u64) -> Result<Self, TokenLifeProblem> {
        let fit = u16::try_from(days).ok().filter(|days| (1..=Self::LONGEST).contains(days));
        fit.map(Self).ok_or(TokenLifeProblem)
    }

    /// The time from its making to its end.
    pub fn span(self) -> TimeDelta {
        TimeDelta::days(self.0.into())
    }
}

impl FromStr for TokenLife {
    type Err = TokenLifeProblem;
    fn from_str(text: &str) -> Result<Self, TokenLifeProblem> {
        Self::days(text.parse().map_err(|_| TokenLifeProblem)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_token_works_for_ever() {
        assert_eq!("90".parse(), Ok(TokenLife::USUAL));
        assert_eq!(TokenLife::days(366).map(TokenLife::span), Ok(TimeDelta::days(366)));
        for wrong in ["0", "367", "65537", "-1", "1.5", "", "always"] {
            assert_eq!(wrong.parse::<TokenLife>(), Err(TokenLifeProblem), "{wrong}");
        }
    }
}
