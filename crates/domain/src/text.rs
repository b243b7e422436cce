//! Cleaning what people type: one form for equal texts, and nothing that hides or reorders what is shown.

use unicode_normalization::UnicodeNormalization;

use crate::Personal;

/// What a field of text takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextRule {
    /// The most characters after cleaning.
    pub max_chars: usize,
    /// Whether it may have several lines.
    pub lines: bool,
}

impl TextRule {
    /// A field of one line.
    pub const fn line(max_chars: usize) -> Self {
        Self { max_chars, lines: false }
    }

    /// A field of several lines.
    pub const fn lines(max_chars: usize) -> Self {
        Self { max_chars, lines: true }
    }
}

/// Why a text is refused. The texts never show the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextProblem {
    /// Nothing is left after cleaning.
    #[error("write something, or leave the field out")]
    Empty,
    /// Too many characters.
    #[error("use at most {max_chars} characters")]
    TooLong {
        /// The most characters.
        max_chars: usize,
    },
    /// It holds NUL or another control character.
    #[error("remove the control characters (line breaks, tabs, NUL)")]
    ControlCharacter,
}

impl TextProblem {
    /// A short stable word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong { .. } => "too-long",
            Self::ControlCharacter => "control-character",
        }
    }
}

/// Cleans `raw`: Unicode normal form C, without invisible and reordering characters, trimmed; line ends become `\n`.
/// Variation selectors stay: Japanese names need them.
pub fn clean_text(raw: &str, rule: TextRule) -> Result<String, TextProblem> {
    // A huge input is refused before any work is spent on it. Decomposed letters take several characters each.
    if raw.len() > rule.max_chars.saturating_mul(16).saturating_add(64) {
        return Err(TextProblem::TooLong { max_chars: rule.max_chars });
    }
    let unified = if rule.lines { raw.replace("\r\n", "\n") } else { raw.to_owned() };
    let visible: String = unified.chars().filter(|c| !is_invisible(*c)).nfc().collect();
    let text = visible.trim();
    if text.chars().any(|c| is_control(c) && !(rule.lines && matches!(c, '\n' | '\t'))) {
        return Err(TextProblem::ControlCharacter);
    }
    match text.chars().count() {
        0 => Err(TextProblem::Empty),
        n if n > rule.max_chars => Err(TextProblem::TooLong { max_chars: rule.max_chars }),
        _ => Ok(text.to_owned()),
    }
}

/// A text from outside with nothing in it that hides, reorders or steers: line ends become `\n`, other control and
/// invisible characters are left out. Unlike [`clean_text`] it refuses nothing.
pub fn visible_text(raw: &str) -> String {
    let kept = |c: &char| matches!(c, '\n' | '\t') || !(is_control(*c) || is_invisible(*c));
    raw.replace("\r\n", "\n").replace('\r', "\n").chars().filter(kept).collect()
}

/// The first character that shows anything: after spaces of all widths, line ends, and what is invisible.
pub fn first_visible(text: &str) -> Option<char> {
    text.chars().find(|c| !(c.is_whitespace() || is_control(*c) || is_invisible(*c)))
}

/// Whether a character steers a terminal, a file or a mail header rather than being read.
pub(crate) fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Whether a character shows nothing but changes what two texts look like or compare to: zero-width characters,
/// marks, embeddings, overrides and isolates of writing direction, soft hyphens, fillers and tags.
pub(crate) const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00ad}'
            | '\u{034f}'
            | '\u{061c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// A person's name: one line of at most [`PersonName::MAX_CHARS`] characters, cleaned.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PersonName(Personal<String>);

impl PersonName {
    /// The most characters of a name.
    pub const MAX_CHARS: usize = 200;

    /// Cleans and wraps a name.
    pub fn parse(raw: &str) -> Result<Self, TextProblem> {
        clean_text(raw, TextRule::line(Self::MAX_CHARS)).map(|name| Self(Personal::new(name)))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        self.0.expose()
    }

    /// The name as personal data.
    pub fn into_personal(self) -> Personal<String> {
        self.0
    }
}

/// What a person wrote, or what others wrote about them: cleaned, printed redacted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FreeText(Personal<String>);

impl FreeText {
    /// The most characters of any free text.
    pub const MAX_CHARS: usize = 10_000;

    /// Cleans and wraps a text by `rule`.
    pub fn clean(raw: &str, rule: TextRule) -> Result<Self, TextProblem> {
        clean_text(raw, rule).map(|text| Self(Personal::new(text)))
    }

    /// Cleans and wraps a text of several lines and at most [`FreeText::MAX_CHARS`].
    pub fn parse(raw: &str) -> Result<Self, TextProblem> {
        Self::clean(raw, TextRule::lines(Self::MAX_CHARS))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.expose()
    }

    /// The text as personal data.
    pub fn into_personal(self) -> Personal<String> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_looking_texts_become_equal() {
        let rule = TextRule::line(50);
        assert_eq!(clean_text("が", rule), clean_text("か\u{3099}", rule), "composed and decomposed");
        assert_eq!(clean_text("ta\u{200b}ro\u{feff}", rule).as_deref(), Ok("taro"));
        assert_eq!(clean_text("\u{202e}orat", rule).as_deref(), Ok("orat"), "no override of direction");
        assert_eq!(clean_text("\u{2066}taro\u{2069}", rule).as_deref(), Ok("taro"));
        assert_eq!(clean_text("  山田 花子 ", rule).as_deref(), Ok("山田 花子"));
    }

    #[test]
    fn variation_selectors_of_names_stay() {
        assert_eq!(clean_text("葛\u{e0100}城", TextRule::line(9)).as_deref(), Ok("葛\u{e0100}城"));
    }

    #[test]
    fn texts_from_outside_lose_what_cannot_be_seen() {
        assert_eq!(visible_text("a\r\nb\rc\td\0\u{1b}[2J\u{200b}\u{202e}e"), "a\nb\nc\td[2Je");
    }

    #[test]
    fn what_is_seen_first_is_found_behind_what_is_not() {
        for text in ["=1", " =1", "\u{3000}\u{a0}=1", "\u{feff}\u{200b}=1", "\t\r\n\0=1", "\u{202e} =1"] {
            assert_eq!(first_visible(text), Some('='), "{text:?}");
        }
        assert_eq!(first_visible(" \u{200b}"), None);
    }

    #[test]
    fn control_characters_are_refused() {
        for wrong in
            ["a\0b", "a\r\nBcc: b", "a\nb", "a\tb", "a\u{7f}b", "a\u{85}b", "a\u{2028}b", "\u{1b}[2Jx"]
        {
            assert_eq!(
                clean_text(wrong, TextRule::line(50)),
                Err(TextProblem::ControlCharacter),
                "{wrong:?}"
            );
        }
        assert_eq!(clean_text("a\r\nb\tc", TextRule::lines(50)).as_deref(), Ok("a\nb\tc"));
        assert_eq!(clean_text("a\rb", TextRule::lines(50)), Err(TextProblem::ControlCharacter));
    }

    #[test]
    fn empty_and_long_texts_are_refused() {
        assert_eq!(clean_text(" \u{200b} ", TextRule::line(5)), Err(TextProblem::Empty));
        assert_eq!(clean_text("山田花子様様", TextRule::line(5)), Err(TextProblem::TooLong { max_chars: 5 }));
        assert!(clean_text("山田花子様", TextRule::line(5)).is_ok(), "characters, not bytes");
        let huge = "x".repeat(1 << 20);
        assert!(PersonName::parse(&huge).is_err());
    }

    #[test]
    fn names_print_redacted() {
        let name = PersonName::parse("山田 花子").expect("a name");
        assert_eq!(format!("{name:?}"), "PersonName([personal])");
    }
}
