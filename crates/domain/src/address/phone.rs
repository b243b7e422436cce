//! Telephone numbers.

use crate::{Personal, text::is_control};

/// A telephone number in E.164: `+`, the country code, and 8 to 15 digits in all.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber(Personal<String>);

/// Why a number is refused. The texts name the fix and never show the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneProblem {
    /// Nothing there.
    #[error("write a number, or leave the field out")]
    Empty,
    /// CR, LF, NUL, or another control character.
    #[error("remove line breaks and other control characters")]
    ControlCharacter,
    /// No `+` and country code.
    #[error("begin with + and the country code, as in +81 90 0000 0000")]
    NoCountryCode,
    /// Something that is neither a digit nor a separator.
    #[error("use digits, spaces, hyphens, dots and brackets only, as in +81 90 0000 0000")]
    Malformed,
    /// Too few or too many digits.
    #[error("a number has 8 to 15 digits with its country code")]
    Length,
}

impl PhoneProblem {
    /// A short stable word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::ControlCharacter => "control-character",
            Self::NoCountryCode | Self::Malformed => "malformed",
            Self::Length => "out-of-range",
        }
    }
}

impl PhoneNumber {
    /// The longest text that is looked at, in bytes: digits, separators, all full-width.
    const MAX_RAW_BYTES: usize = 120;

    /// Checks and wraps a number. Full-width digits and signs, as Japanese keyboards give them, are taken; so are
    /// separators, and the `(0)` that some write behind the country code is dropped.
    pub fn parse(raw: &str) -> Result<Self, PhoneProblem> {
        if raw.len() > Self::MAX_RAW_BYTES {
            return Err(PhoneProblem::Length);
        }
        if raw.chars().any(is_control) {
            return Err(PhoneProblem::ControlCharacter);
        }
        let plain: String = raw.trim().chars().map(half_width).collect();
        if plain.is_empty() {
            return Err(PhoneProblem::Empty);
        }
        let number = plain.strip_prefix('+').ok_or(PhoneProblem::NoCountryCode)?.replacen("(0)", "", 1);
        let digits: String = number.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
        if !digits.chars().all(|c| c.is_ascii_digit()) {
            return Err(PhoneProblem::Malformed);
        }
        if digits.starts_with('0') {
            return Err(PhoneProblem::NoCountryCode);
        }
        if !(8..=15).contains(&digits.len()) {
            return Err(PhoneProblem::Length);
        }
        Ok(Self(Personal::new(format!("+{digits}"))))
    }

    /// The number in E.164, such as `+819000000000`.
    pub fn as_str(&self) -> &str {
        self.0.expose()
    }

    /// The number as personal data.
    pub fn into_personal(self) -> Personal<String> {
        self.0
    }
}

/// The half-width form of a full-width sign; dashes become hyphens.
fn half_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}' => '-',
        '\u{ff01}'..='\u{ff5e}' => u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(c),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_e164() {
        for raw in [
            "+81 90-0000-0000",
            "＋８１（０）９０−００００−００００",
            "+81.90.0000.0000",
            "+81 (90) 00000000",
        ] {
            assert_eq!(
                PhoneNumber::parse(raw).map(|number| number.as_str().to_owned()),
                Ok("+819000000000".into())
            );
        }
    }

    #[test]
    fn each_fault_has_its_own_answer() {
        use PhoneProblem as P;
        for (raw, problem) in [
            ("  ", P::Empty),
            ("090-0000-0000", P::NoCountryCode),
            ("+0900000000", P::NoCountryCode),
            ("+81 90x", P::Malformed),
            ("+81\r\n900000000", P::ControlCharacter),
            ("+1234567", P::Length),
            ("+1234567890123456", P::Length),
            ("+", P::Length),
        ] {
            assert_eq!(PhoneNumber::parse(raw), Err(problem), "{raw:?}");
        }
        assert_eq!(PhoneNumber::parse(&"9".repeat(1 << 20)), Err(P::Length));
    }

    #[test]
    fn numbers_print_redacted() {
        let number = PhoneNumber::parse("+81 90 0000 0000").expect("a number");
        assert_eq!(format!("{number:?}"), "PhoneNumber([personal])");
    }
}
