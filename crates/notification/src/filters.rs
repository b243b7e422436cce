//! What templates can do with a value beside showing it.

use minijinja::{Environment, value::Value};

/// Makes the filters known to the templates.
pub(crate) fn add_to(environment: &mut Environment<'_>) {
    environment.add_filter("flat", flat);
    environment.add_filter("packed", packed);
    environment.add_filter("digits", digits);
    environment.add_filter("counted", counted);
}

/// One line out of many. A line break between two ASCII characters becomes a blank, any other nothing: Japanese has
/// no blanks between sentences. Escaped text stays escaped.
#[expect(clippy::needless_pass_by_value, reason = "the form that the template engine calls")]
fn flat(value: Value) -> Value {
    let text = value.to_string();
    let mut line = String::with_capacity(text.len());
    for part in text.lines().map(str::trim).filter(|part| !part.is_empty()) {
        let is_ascii = |c: Option<char>| c.is_some_and(|c| c.is_ascii());
        if is_ascii(line.chars().next_back()) && is_ascii(part.chars().next()) {
            line.push(' ');
        }
        line.push_str(part);
    }
    if value.is_safe() { Value::from_safe_string(line) } else { Value::from(line) }
}

/// The lines of a text without the empty ones.
#[expect(clippy::needless_pass_by_value, reason = "the form that the template engine calls")]
fn packed(text: String) -> String {
    text.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}

/// A count with its thousands apart: `1,234,567`.
fn digits(count: u64) -> String {
    let plain = count.to_string();
    let mut grouped = String::with_capacity(plain.len() + plain.len() / 3);
    for (place, digit) in plain.chars().enumerate() {
        if place > 0 && (plain.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count and what it counts: `1 record`, `2 records`.
fn counted(count: u64, one: String, many: String) -> String {
    format!("{} {}", digits(count), if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_join_as_their_language_does() {
        assert_eq!(flat(Value::from(" one\n  two \n")).to_string(), "one two");
        assert_eq!(flat(Value::from("一つ。\n  二つ。")).to_string(), "一つ。二つ。");
        assert!(flat(Value::from_safe_string("&lt;".to_owned())).is_safe());
        assert!(!flat(Value::from("<")).is_safe());
        assert_eq!(packed("a\n\n \nb\n".to_owned()), "a\nb");
    }

    #[test]
    fn counts_are_readable() {
        assert_eq!(digits(0), "0");
        assert_eq!(digits(999), "999");
        assert_eq!(digits(1_234_567), "1,234,567");
        assert_eq!(counted(1, "record".to_owned(), "records".to_owned()), "1 record");
        assert_eq!(counted(12_000, "record".to_owned(), "records".to_owned()), "12,000 records");
    }
}
