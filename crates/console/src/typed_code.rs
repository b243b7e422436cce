//! The code that a person typed.

use habeas_domain::Personal;

const DIGITS: usize = 8;
/// Longer input is not read at all.
const LONGEST_INPUT: usize = 64;

/// Eight digits, not known to be right. Prints redacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedCode(Personal<String>);

impl TypedCode {
    /// Reads what a person typed. Spaces and hyphens of any kind are skipped, and full-width digits, as a Japanese
    /// keyboard gives them, are digits. A text of another form costs no try.
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > LONGEST_INPUT {
            return None;
        }
        let digits: Option<String> =
            typed.chars().filter(|letter| !is_separator(*letter)).map(digit).collect();
        digits.filter(|digits| digits.len() == DIGITS).map(|digits| Self(Personal::new(digits)))
    }

    /// The eight digits.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

fn is_separator(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(letter, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30FC}' | '\u{FF0D}' | '\u{FF70}')
}

fn digit(letter: char) -> Option<char> {
    match letter {
        '0'..='9' => Some(letter),
        '０'..='９' => char::from_digit(u32::from(letter) - u32::from('０'), 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_type_codes_in_many_ways() {
        for typed in ["12345678", " 1234 5678 ", "1234-5678", "１２３４ー５６７８", "1234\u{3000}5678\r\n"]
        {
            assert_eq!(TypedCode::parse(typed).as_ref().map(TypedCode::expose), Some("12345678"), "{typed}");
        }
        for typed in ["", "1234567", "123456789", "1234567x", "１２３４５６７", &"1 ".repeat(40)] {
            assert_eq!(TypedCode::parse(typed), None, "{typed}");
        }
    }
}
