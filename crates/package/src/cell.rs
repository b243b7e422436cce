//! A value as text for people: in CSV and on pages.

use std::borrow::Cow;

use habeas_domain::{Value, text::first_visible};

/// The value as text, without copying what is text already.
pub(crate) fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Text(text) | Value::Decimal(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_text()),
    }
}

/// The text with U+FFFD for control characters, which spreadsheets and pages cannot hold. Tabs and line ends stay.
pub(crate) fn printable(text: Cow<'_, str>) -> Cow<'_, str> {
    let hidden = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    if text.contains(hidden) { Cow::Owned(text.replace(hidden, "\u{fffd}")) } else { text }
}

/// The text with an apostrophe before what a spreadsheet would run as a formula (CWE-1236), also behind spaces, which some
/// of them cut off. The wide and small forms are read like the narrow ones where Japanese is typed.
pub(crate) fn guarded(text: Cow<'_, str>) -> Cow<'_, str> {
    let steers = text.starts_with(['\t', '\r', '\n']);
    if steers || first_visible(&text).is_some_and(begins_a_formula) {
        return Cow::Owned(format!("'{text}"));
    }
    text
}

const fn begins_a_formula(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '﹦' | '﹢' | '﹣' | '﹫' | '\u{2212}')
}

/// Whether the value is a plain number, which may begin with a sign and is no formula.
pub(crate) fn is_number(value: &Value) -> bool {
    match value {
        Value::Int(_) | Value::Float(_) => true,
        Value::Decimal(digits) => is_decimal(digits),
        _ => false,
    }
}

/// `-12.50`, `7`, `1E+5`: a sign, digits with at most one point, an exponent.
fn is_decimal(text: &str) -> bool {
    let unsigned = |text: &str| text.strip_prefix(['+', '-']).unwrap_or(text).to_owned();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let mantissa = unsigned(mantissa);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((&mantissa, "0"));
    digits(whole) && digits(fraction) && digits(&unsigned(exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_disarmed() {
        for formula in [
            "=1+1",
            "+81",
            "-2",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "＝1",
            "＋1",
            "－1",
            "＠SUM(A1)",
            "﹦1",
            "﹣1",
            "\u{2212}1",
            " =1",
            "   +1",
            "\u{3000}＝1",
            "\u{a0}-1",
            "\u{feff}@SUM(A1)",
            "\u{200b}=1",
            " \t =1",
            "\u{202e}=1",
        ] {
            assert_eq!(guarded(formula.into()), format!("'{formula}"));
        }
        assert_eq!(guarded("a=1".into()), "a=1");
        assert_eq!(guarded("".into()), "");
    }

    #[test]
    fn only_digits_make_a_number() {
        for number in ["-5", "-5.20", "+7", "1E+5", "0.1e-7"] {
            assert!(is_number(&Value::Decimal(number.to_owned())), "{number}");
        }
        for other in ["", "-", "-1+cmd", "1.", ".5", "NaN", "-1E", "1.2.3", "--1"] {
            assert!(!is_number(&Value::Decimal(other.to_owned())), "{other}");
        }
        assert!(is_number(&Value::Int(-5)));
        assert!(!is_number(&Value::Text("-5".to_owned())));
    }

    #[test]
    fn control_characters_show_as_replaced() {
        assert_eq!(printable("a\0b\u{1b}[1m\tc\r\n".into()), "a\u{fffd}b\u{fffd}[1m\tc\r\n");
        assert!(matches!(printable("plain".into()), Cow::Borrowed(_)));
    }
}
