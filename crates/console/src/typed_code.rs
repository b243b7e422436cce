//! The code that a person typed.

use habeas_domain::{Personal, typed_digits};

const DIGITS: usize = 8;

/// Eight digits, not known to be right. Prints redacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedCode(Personal<String>);

impl TypedCode {
    /// Reads what a person typed. Spaces and hyphens of any kind are skipped, and full-width digits, as a Japanese
    /// keyboard gives them, are digits. A text of another form costs no try.
    pub fn parse(typed: &str) -> Option<Self> {
        typed_digits(typed, DIGITS).map(|digits| Self(Personal::new(digits)))
    }

    /// The eight digits.
    pub fn expose(&self) -> &str {
        self.0.expose()
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
