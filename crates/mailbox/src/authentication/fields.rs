//! The header of a mail as it stands: fields in their order, the newest first.

/// The most fields that are looked at. Real mails have fewer than 100.
const MOST: usize = 1_000;

/// The longest value that is looked at, in bytes.
const LONGEST: usize = 16 * 1024;

/// The fields of a header, from the top.
#[derive(Debug)]
pub(super) struct Fields(Vec<Field>);

/// One field.
#[derive(Debug)]
pub(super) struct Field {
    /// Its name, in lower case.
    pub(super) name: String,
    /// Its value, unfolded (RFC 5322, section 2.2.3), trimmed.
    pub(super) value: String,
    /// Whether all of it was UTF-8 and short enough to be read whole.
    pub(super) whole: bool,
}

impl Fields {
    /// Reads up to the first empty line.
    pub(super) fn read(raw: &[u8]) -> Self {
        let mut fields: Vec<(&[u8], Vec<u8>)> = Vec::new();
        for line in raw.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            match line.first() {
                Some(b' ' | b'\t') => {
                    if let Some((_, value)) = fields.last_mut() {
                        value.extend_from_slice(line);
                    }
                }
                Some(_) if fields.len() < MOST => {
                    let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
                    let (name, value) = line.split_at(colon);
                    fields.push((name, value.get(1..).unwrap_or_default().to_vec()));
                }
                None | Some(_) => break,
            }
        }
        Self(fields.into_iter().map(|(name, value)| Field::read(name, &value)).collect())
    }

    /// All fields, from the top.
    pub(super) fn iter(&self) -> std::slice::Iter<'_, Field> {
        self.0.iter()
    }

    /// The fields of this name, from the top.
    pub(super) fn named(&self, name: &'static str) -> impl Iterator<Item = &Field> {
        self.iter().filter(move |field| field.name == name)
    }
}

impl Field {
    fn read(name: &[u8], value: &[u8]) -> Self {
        let name = String::from_utf8_lossy(name).trim().to_ascii_lowercase();
        let kept = value.get(..LONGEST).unwrap_or(value);
        let text = String::from_utf8_lossy(kept);
        let whole = kept.len() == value.len() && matches!(text, std::borrow::Cow::Borrowed(_));
        Self { name, value: text.trim().to_owned(), whole }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_keep_their_order_and_are_unfolded() {
        let fields =
            Fields::read(b"Received: a\r\n\tb\r\nFROM : x@example.com\r\nno colon\r\n\r\nBody: no\r\n");
        let read: Vec<_> = fields.iter().map(|field| (field.name.as_str(), field.value.as_str())).collect();
        assert_eq!(read, [("received", "a\tb"), ("from", "x@example.com")]);
    }

    #[test]
    fn what_is_not_text_is_known_not_to_be_whole() {
        let fields = Fields::read(b"From: \xff@example.com\n\n");
        assert!(!fields.named("from").next().unwrap().whole);
    }
}
