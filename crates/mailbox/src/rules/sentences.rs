//! Texts in the form in which rules read them.

use unicode_normalization::UnicodeNormalization;

/// The longest sentence, in characters; longer ones are read in pieces.
const LONGEST: usize = 2_000;

/// The longest text, in bytes: some characters become eighteen in normal form.
const LONGEST_TEXT: usize = 512 << 10;

/// The normal form: NFKC (full-width letters and digits become narrow, half-width kana wide), lower case, plain quotation marks
/// and blanks.
pub(crate) fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfkc().flat_map(char::to_lowercase) {
        if out.len() >= LONGEST_TEXT {
            break;
        }
        match c {
            '\u{2018}' | '\u{2019}' | '\u{02bc}' | '`' | '´' => out.push('\''),
            '\u{201c}' | '\u{201d}' => out.push('"'),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push('-'),
            c if c.is_whitespace() && c != '\n' => {
                if !out.ends_with([' ', '\n']) {
                    out.push(' ');
                }
            }
            c => out.push(c),
        }
    }
    out
}

/// The sentences of a text, in normal form. Lines that a mail program wrapped are joined again. `short_forms` end with a point
/// that ends no sentence: "art. 15", "e.g.", "no. 5".
pub(crate) fn sentences(text: &str, short_forms: &[String]) -> Vec<String> {
    let plain = normal(text);
    let mut out = Vec::new();
    let mut current = String::new();
    for line in plain.lines().map(str::trim) {
        if line.is_empty() || begins_item(line) {
            finish(&mut out, &mut current, short_forms);
        }
        join(&mut current, line);
        if ends_item(line) {
            finish(&mut out, &mut current, short_forms);
        }
    }
    finish(&mut out, &mut current, short_forms);
    out
}

/// Whether a line is one of a list, or a field of a form.
fn begins_item(line: &str) -> bool {
    is_bullet(line) || line.chars().take(12).any(|c| c == ':')
}

/// Whether a line is one of a list.
pub(super) fn is_bullet(line: &str) -> bool {
    let mut chars = line.chars();
    match chars.next() {
        Some('・' | '•' | '*' | '●' | '■' | '◆' | '○' | '◎' | '□' | '-' | '※' | '【' | '→') => {
            true
        }
        Some(c) if c.is_ascii_digit() || c == '(' => {
            matches!(chars.find(|c| !c.is_ascii_digit()), Some('.' | ')' | '、' | ':'))
        }
        _ => false,
    }
}

/// Whether a line ends like the beginning of a letter.
fn ends_item(line: &str) -> bool {
    line.ends_with(['。', '!', '?', ':']) || line.len() < 40 && line.ends_with(',')
}

/// Between letters of Japanese there is no blank.
fn join(current: &mut String, line: &str) {
    let is_wide = |c: Option<char>| c.is_some_and(|c| u32::from(c) >= 0x2e80);
    let is_within_word = is_wide(current.chars().next_back()) && is_wide(line.chars().next());
    if !current.is_empty() && !is_within_word {
        current.push(' ');
    }
    current.push_str(line);
}

fn finish(out: &mut Vec<String>, current: &mut String, short_forms: &[String]) {
    let mut sentence = String::new();
    let mut count = 0;
    let mut chars = current.chars().peekable();
    let is_short = |sentence: &str| {
        let last = sentence.rsplit([' ', '(']).next();
        last.is_some_and(|word| short_forms.iter().any(|short| short == word))
    };
    while let Some(c) = chars.next() {
        sentence.push(c);
        count += 1;
        let ends = match c {
            '。' | '!' | '?' | '｡' => true,
            '.' => chars.peek().is_none_or(|next| next.is_whitespace()) && !is_short(&sentence),
            _ => count >= LONGEST,
        };
        if ends {
            push(out, &sentence);
            sentence.clear();
            count = 0;
        }
    }
    push(out, &sentence);
    current.clear();
}

fn push(out: &mut Vec<String>, sentence: &str) {
    let trimmed = sentence.trim();
    if trimmed.chars().any(char::is_alphanumeric) {
        out.push(trimmed.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentences(text: &str) -> Vec<String> {
        super::sentences(text, &["art.".to_owned()])
    }

    #[test]
    fn forms_are_unified() {
        assert_eq!(normal("ＤＥＬＥＴＥ　ﾃﾞｰﾀ “Don’t”"), "delete データ \"don't\"");
    }

    #[test]
    fn wrapped_lines_are_joined_and_lists_are_not() {
        assert_eq!(
            sentences("私の個人情報を\n削除してください。お願い"),
            ["私の個人情報を削除してください。", "お願い"]
        );
        assert_eq!(
            sentences("Please delete\nmy data under Art. 17 GDPR. Thanks"),
            ["please delete my data under art. 17 gdpr.", "thanks"]
        );
        assert_eq!(
            sentences("- one\n- two\n氏名: 山田\n電話: 1"),
            ["- one", "- two", "氏名: 山田", "電話: 1"]
        );
        assert!(sentences("\n--\n...").is_empty());
    }

    #[test]
    fn endless_sentences_are_read_in_pieces() {
        assert!(sentences(&"あ".repeat(10_000)).iter().all(|one| one.chars().count() <= LONGEST));
    }
}
