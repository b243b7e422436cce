//! Header fields as they stand.

use std::borrow::Cow;

use super::{addresses, addresses::Mailbox, charset, content_type::ContentType, encoded_word};

/// The longest value that is read, in bytes.
const VALUE_BYTES: usize = 64 << 10;
/// The most fields that are kept.
const MOST_FIELDS: usize = 5_000;
/// How often a field with addresses is read: RFC 5322 allows it once.
const MOST_REPEATS: usize = 5;
/// The longest name of a field, in bytes.
const NAME_BYTES: usize = 100;

/// The fields of a header, in their order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields<'m> {
    list: Vec<(&'m [u8], &'m [u8])>,
    /// Whether there was more than is kept.
    pub(crate) cut: bool,
}

impl<'m> Fields<'m> {
    /// Reads the header at the beginning of `bytes`; returns it and what is behind it.
    pub(crate) fn read(bytes: &'m [u8], longest: usize) -> (Self, &'m [u8]) {
        let mut fields = Self::default();
        let mut at = from_line(bytes);
        while let Some(line) = line_at(bytes, at) {
            let end = at + line.len();
            if is_blank(line) {
                return (fields, bytes.get(end..).unwrap_or_default());
            }
            let Some(name) = name_of(line) else {
                // No field and no blank line: the writer forgot the line between header and body.
                return (fields, bytes.get(at..).unwrap_or_default());
            };
            let value_at = at + name.len() + 1;
            at = continued(bytes, end);
            let value = bytes.get(value_at..at).unwrap_or_default();
            if at > longest || fields.list.len() >= MOST_FIELDS {
                fields.cut = true;
            } else {
                fields.list.push((name.trim_ascii_end(), value));
            }
        }
        (fields, &[])
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The values of a field, raw, from the top.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'m [u8]> + 'a {
        self.list
            .iter()
            .filter(move |(own, _)| own.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| value.get(..VALUE_BYTES).unwrap_or(value))
    }

    /// Whether a field is there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// The first value of a field as a token: in lower case, without comments and parameters.
    pub(crate) fn token(&self, name: &str) -> Option<String> {
        let value = self.all(name).next()?;
        let text = String::from_utf8_lossy(value);
        let token = text.split([';', '(']).next().unwrap_or_default();
        Some(token.trim().to_ascii_lowercase())
    }

    /// The first value of a field as text: unfolded, encoded words decoded.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.all(name).next().map(|value| encoded_word::text(&unfolded(value)))
    }

    /// All addresses of a field, also where it is there several times.
    pub(crate) fn mailboxes(&self, name: &str) -> Vec<Mailbox> {
        self.all(name).take(MOST_REPEATS).flat_map(|value| addresses::read(&unfolded(value))).collect()
    }

    /// The message ids of a field, without brackets, in their order.
    pub(crate) fn ids(&self, name: &str) -> Vec<String> {
        self.all(name).flat_map(|value| ids_in(&String::from_utf8_lossy(value))).collect()
    }

    /// The first value of a field that says what the content is.
    pub(crate) fn content_type(&self, name: &str) -> Option<ContentType> {
        self.all(name).next().map(|value| ContentType::read(&unfolded(value)))
    }
}

/// The value in one line, as text.
fn unfolded(value: &[u8]) -> String {
    let text = charset::of_header(value);
    let line: Cow<'_, str> = if text.contains(['\r', '\n']) {
        Cow::Owned(text.replace("\r\n", "").replace(['\r', '\n'], ""))
    } else {
        text
    };
    line.trim().to_owned()
}

fn ids_in(value: &str) -> Vec<String> {
    let bracketed: Vec<String> = value
        .split('<')
        .skip(1)
        .filter_map(|rest| rest.split_once('>'))
        .map(|(id, _)| id.split_whitespace().collect::<String>())
        .filter(|id| fits(id))
        .collect();
    if !bracketed.is_empty() {
        return bracketed;
    }
    let bare = |word: &&str| word.contains('@') && fits(word);
    value.split_whitespace().filter(bare).map(str::to_owned).collect()
}

/// An id that somebody could have meant: RFC 5322 allows no longer line.
const fn fits(id: &str) -> bool {
    !id.is_empty() && id.len() <= 998
}

/// The length of an mbox line at the very top, which some tools leave there.
fn from_line(bytes: &[u8]) -> usize {
    let is_one = bytes.starts_with(b"From ") || bytes.starts_with(b">From ");
    line_at(bytes, 0).filter(|_| is_one).map_or(0, <[u8]>::len)
}

/// The line at `at` with its end, or nothing at the end.
fn line_at(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
    let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
    rest.get(..end)
}

/// The end of the field whose first line ends at `at`.
fn continued(bytes: &[u8], mut at: usize) -> usize {
    while let Some(line) = line_at(bytes, at) {
        if !line.starts_with(b" ") && !line.starts_with(b"\t") || is_blank(line) {
            break;
        }
        at += line.len();
    }
    at
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| matches!(byte, b'\r' | b'\n')) || line.trim_ascii().is_empty() && line.len() < 4
}

/// The name before the colon, if this is the first line of a field.
fn name_of(line: &[u8]) -> Option<&[u8]> {
    let colon = memchr::memchr(b':', line.get(..NAME_BYTES).unwrap_or(line))?;
    let name = line.get(..colon)?;
    let plain = name.trim_ascii_end();
    let is_name = !plain.is_empty() && plain.iter().all(|byte| (33..127).contains(byte));
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_and_broken_headers_are_read() {
        let raw = b"From someone Mon Jan  1 00:00:00 2024\r\nSubject: a\r\n b\r\nX-Y :1\r\n\r\nbody";
        let (fields, body) = Fields::read(raw, 1000);
        assert_eq!(fields.text("subject").as_deref(), Some("a b"));
        assert_eq!(fields.token("x-y").as_deref(), Some("1"));
        assert_eq!(body, b"body");
        let (fields, body) = Fields::read(b"Subject: a\nno field at all\n", 1000);
        assert_eq!(body, b"no field at all\n");
        assert!(fields.has("SUBJECT"));
    }

    #[test]
    fn a_text_without_header_is_a_body() {
        let (fields, body) = Fields::read("退会したい".as_bytes(), 1000);
        assert!(fields.is_empty());
        assert_eq!(body, "退会したい".as_bytes());
    }

    #[test]
    fn long_headers_are_cut_and_the_body_is_found() {
        let raw = format!("A: {}\nB: c\n\nbody", "x".repeat(2_000));
        let (fields, body) = Fields::read(raw.as_bytes(), 1000);
        assert!(fields.cut);
        assert_eq!(body, b"body");
    }

    #[test]
    fn ids_are_found_with_and_without_brackets() {
        assert_eq!(ids_in(" <a@x>\r\n <b@\r\n y>"), ["a@x", "b@y"]);
        assert_eq!(ids_in("a@x"), ["a@x"]);
        assert!(ids_in("your mail of yesterday").is_empty());
    }
}
