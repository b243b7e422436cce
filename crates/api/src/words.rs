//! Plain words by which lists are filtered. One that can be no such word would find nothing, as if there were nothing.

use std::str::FromStr;

/// The name of a mailbox, or the code of a fault.
pub(crate) struct PlainName(pub(crate) String);

impl FromStr for PlainName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fit = (1..=63).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if fit { Ok(Self(text.to_owned())) } else { Err("use lower-case letters, digits and hyphens") }
    }
}

/// What people call a request by.
pub(crate) struct Reference(pub(crate) String);

impl FromStr for Reference {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.to_ascii_uppercase();
        let mut parts = text.split('-');
        let block = |part: Option<&str>| {
            part.is_some_and(|part| part.len() == 4 && part.chars().all(|c| c.is_ascii_alphanumeric()))
        };
        let fit = parts.next() == Some("HB")
            && block(parts.next())
            && block(parts.next())
            && parts.next().is_none();
        if fit { Ok(Self(text)) } else { Err("write it as in mails, such as HB-7K3M-9QTX") }
    }
}
