//! `Content-Type` and `Content-Disposition` (RFC 2045, RFC 2183, RFC 2231), read by mail-parser.

use mail_parser::{HeaderValue, parsers::MessageStream};

use super::encoded_word;

/// What a part says it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ContentType {
    /// In lower case: `text`, or `attachment` for a disposition.
    pub(crate) kind: String,
    /// In lower case: `plain`.
    pub(crate) subtype: String,
    parameters: Vec<(String, String)>,
}

impl ContentType {
    /// Reads an unfolded value.
    pub(crate) fn read(value: &str) -> Self {
        let line = format!("{value}\n");
        let HeaderValue::ContentType(parsed) = MessageStream::new(line.as_bytes()).parse_content_type()
        else {
            return Self::default();
        };
        let parameters = parsed.attributes.unwrap_or_default().into_iter();
        Self {
            kind: parsed.c_type.trim().to_ascii_lowercase(),
            subtype: parsed.c_subtype.unwrap_or_default().trim().to_ascii_lowercase(),
            parameters: parameters
                .take(50)
                .map(|one| (one.name.to_ascii_lowercase(), one.value.into_owned()))
                .collect(),
        }
    }

    /// Whether it is `kind/subtype`.
    pub(crate) fn is(&self, kind: &str, subtype: &str) -> bool {
        self.kind == kind && self.subtype == subtype
    }

    /// A parameter, decoded.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let value = self.parameters.iter().find(|(own, _)| own == name).map(|(_, value)| value)?;
        Some(encoded_word::text(value))
    }

    /// `kind/subtype`, if both could be read.
    pub(crate) fn media_type(&self) -> Option<String> {
        let is_token = |text: &str| {
            !text.is_empty()
                && text.len() <= 100
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
        };
        (is_token(&self.kind) && is_token(&self.subtype)).then(|| format!("{}/{}", self.kind, self.subtype))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_parameters_are_read() {
        let read = ContentType::read("Text/HTML; charset=\"Shift_JIS\"; name=\"=?utf-8?B?5YmK?=\"");
        assert!(read.is("text", "html"));
        assert_eq!(read.parameter("charset").as_deref(), Some("Shift_JIS"));
        assert_eq!(read.parameter("name").as_deref(), Some("削"));
        assert_eq!(read.media_type().as_deref(), Some("text/html"));
    }

    #[test]
    fn continued_parameters_are_joined() {
        let read = ContentType::read("attachment; filename*0*=utf-8''%E5%89%8A; filename*1*=%E9%99%A4.pdf");
        assert_eq!(read.parameter("filename").as_deref(), Some("削除.pdf"));
    }

    #[test]
    fn ruins_are_nothing() {
        for ruin in ["", ";", "text", "=?", "\"", "a/b/c;=;=", "text/plain; charset"] {
            ContentType::read(ruin);
        }
    }
}
