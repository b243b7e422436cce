//! Digits that a person typed.

/// Longer input is not read at all.
const LONGEST_INPUT: usize = 64;

/// Exactly `count` digits out of what a person typed: spaces and hyphens of any kind are skipped, and full-width digits, as a
/// Japanese keyboard gives them, are digits. Nothing if anything else is among them.
pub fn typed_digits(typed: &str, count: usize) -> Option<String> {
    if typed.len() > LONGEST_INPUT {
        return None;
    }
    // Never moved while it grows: what it holds may be a secret, and whoever keeps it wipes it.
    let mut digits = String::with_capacity(LONGEST_INPUT);
    for letter in typed.chars().filter(|letter| !is_separator(*letter)) {
        digits.push(digit(letter)?);
    }
    (digits.len() == count).then_some(digits)
}

/// Spaces of any width, and what keyboards and input methods give for a hyphen: the dashes, the minus signs and
/// the Japanese long-vowel marks.
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
    fn people_type_digits_in_many_ways() {
        for typed in ["12345678", " 1234 5678 ", "1234-5678", "１２３４ー５６７８", "1234\u{3000}5678\r\n"]
        {
            assert_eq!(typed_digits(typed, 8).as_deref(), Some("12345678"), "{typed}");
        }
        for typed in ["", "1234567", "123456789", "1234567x", "１２３４５６７", &"1 ".repeat(40)] {
            assert_eq!(typed_digits(typed, 8), None, "{typed}");
        }
    }
}
