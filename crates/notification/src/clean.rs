//! Characters that have no place in a mail: controls, and invisible ones that reorder or hide text.

/// One line: controls and invisible characters gone, every run of white space one blank, none at the ends.
pub(crate) fn line(text: &str) -> String {
    let visible: String = text.chars().filter(|c| c.is_whitespace() || !is_hidden(*c)).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The lines of a longer text, each cleaned, without the empty ones.
pub(crate) fn lines(text: &str) -> Vec<String> {
    let breaks = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];
    text.split(breaks).map(line).filter(|line| !line.is_empty()).collect()
}

/// One line without its full stop, for texts that a sentence goes on after.
pub(crate) fn phrase(text: &str) -> String {
    line(text).trim_end_matches(['.', '。', ' ']).to_owned()
}

/// Whether a character cannot be seen, or changes how others are seen: controls, zero-width characters, marks of
/// direction (Unicode Standard Annex 9), and characters that are only there for programs.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_one_line() {
        assert_eq!(line(" a\r\nBcc: b\0\u{2028}c\u{202e}d\u{200b}e　f "), "a Bcc: b cde f");
    }

    #[test]
    fn lines_end_where_a_reader_sees_an_end() {
        assert_eq!(lines("one\r\n\n two \u{85}\u{200b}\nthree"), ["one", "two", "three"]);
    }

    #[test]
    fn a_phrase_has_no_full_stop() {
        assert_eq!(phrase("法律で定められています。"), "法律で定められています");
        assert_eq!(phrase("The law says so. "), "The law says so");
    }
}
