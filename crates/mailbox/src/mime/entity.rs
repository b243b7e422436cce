//! The parts of a mail, walked without recursion.

use std::borrow::Cow;

use super::{Fields, boundary, content_type::ContentType, transfer::Transfer};
use crate::Limits;

/// A part that holds content. Mails within mails are content too: whoever wants them reads them as mails.
#[derive(Debug, Clone)]
pub(crate) struct Entity<'m> {
    /// What it says it is; nothing said means plain text (RFC 2045, section 5.2).
    pub(crate) content_type: Option<ContentType>,
    /// How it wants to be shown.
    disposition: Option<ContentType>,
    transfer: Transfer,
    body: &'m [u8],
    /// The outermost `multipart/alternative` that it is in.
    pub(crate) choice: Option<usize>,
    /// Whether it is the first part of a `multipart/related`, or in none.
    is_root: bool,
    /// Whether it stands in a `multipart/digest`.
    in_digest: bool,
}

impl<'m> Entity<'m> {
    /// Whether it is of this type, by what it says.
    pub(crate) fn is(&self, kind: &str, subtype: &str) -> bool {
        self.content_type.as_ref().is_some_and(|own| own.is(kind, subtype))
    }

    /// Whether it is a mail within the mail.
    pub(crate) fn is_mail(&self) -> bool {
        match &self.content_type {
            Some(own) => {
                own.kind == "message" && matches!(own.subtype.as_str(), "rfc822" | "global" | "news")
            }
            None => self.in_digest,
        }
    }

    /// Whether it is a file that holds a mail, by its name.
    pub(crate) fn is_mail_file(&self) -> bool {
        self.name().is_some_and(|name| name.to_lowercase().ends_with(".eml"))
    }

    /// Whether it is text to be read with the mail, and not a file.
    pub(crate) fn is_shown_text(&self) -> bool {
        let is_text = match &self.content_type {
            None => !self.in_digest,
            // What cannot be read as a type is text (RFC 2045, section 5.2).
            Some(own) if own.kind.is_empty() => true,
            Some(own) => own.is("text", "plain") || own.is("text", "html") || own.kind == "multipart",
        };
        let is_file = self.disposition.as_ref().is_some_and(|own| own.kind == "attachment")
            || self.name().is_some_and(|_| !self.is_html());
        is_text && !is_file && self.is_root
    }

    /// Whether it is plain text under a name that is not said to be a file.
    pub(crate) fn is_named_text(&self) -> bool {
        let is_file = self.disposition.as_ref().is_some_and(|own| own.kind == "attachment");
        self.is("text", "plain") && !is_file && self.is_root
    }

    /// Whether it is HTML, by what it says.
    pub(crate) fn is_html(&self) -> bool {
        self.is("text", "html")
    }

    /// The name of its file, as it says.
    pub(crate) fn name(&self) -> Option<String> {
        let of = |header: &Option<ContentType>, parameter: &str| {
            header.as_ref().and_then(|own| own.parameter(parameter)).filter(|name| !name.trim().is_empty())
        };
        of(&self.disposition, "filename").or_else(|| of(&self.content_type, "name"))
    }

    /// The charset that it claims.
    pub(crate) fn charset(&self) -> Option<String> {
        self.content_type.as_ref().and_then(|own| own.parameter("charset"))
    }

    /// Its content, decoded.
    pub(crate) fn content(&self) -> Cow<'m, [u8]> {
        self.transfer.decode(self.body)
    }

    /// The beginning of its content, decoded.
    pub(crate) fn beginning(&self, bytes: usize) -> Cow<'m, [u8]> {
        let enough = self.body.get(..self.transfer.enough(bytes)).unwrap_or(self.body);
        let content = self.transfer.decode(enough);
        match content {
            Cow::Borrowed(content) => Cow::Borrowed(content.get(..bytes).unwrap_or(content)),
            Cow::Owned(mut content) => {
                content.truncate(bytes);
                Cow::Owned(content)
            }
        }
    }

    /// Whether its content is longer than that.
    pub(crate) const fn exceeds(&self, bytes: usize) -> bool {
        self.body.len() > self.transfer.enough(bytes)
    }
}

/// What is still to be looked at.
struct Pending<'m> {
    fields: Fields<'m>,
    body: &'m [u8],
    depth: usize,
    choice: Option<usize>,
    is_root: bool,
    in_digest: bool,
}

/// The parts of a mail, and whether some were left out.
#[derive(Debug, Default)]
pub(crate) struct Walked<'m> {
    /// The parts that hold content, in their order.
    pub(crate) entities: Vec<Entity<'m>>,
    /// Which limit was reached, in words.
    pub(crate) stopped: Option<&'static str>,
    /// How many multiparts there were.
    multiparts: usize,
}

/// Takes a mail apart.
pub(crate) fn walk<'m>(fields: Fields<'m>, body: &'m [u8], limits: &Limits) -> Walked<'m> {
    let mut walked = Walked::default();
    let mut pending = vec![Pending { fields, body, depth: 0, choice: None, is_root: true, in_digest: false }];
    while let Some(next) = pending.pop() {
        if walked.entities.len() + walked.multiparts >= limits.parts {
            walked.stopped = Some("it has more parts than are looked at");
            break;
        }
        take(&mut walked, &mut pending, &next, limits);
    }
    walked
}

fn take<'m>(walked: &mut Walked<'m>, pending: &mut Vec<Pending<'m>>, next: &Pending<'m>, limits: &Limits) {
    let content_type = next.fields.content_type("content-type");
    let boundary = content_type
        .as_ref()
        .filter(|own| own.kind == "multipart")
        .and_then(|own| own.parameter("boundary"))
        .filter(|boundary| !boundary.is_empty());
    if let (Some(own), Some(boundary)) = (&content_type, boundary) {
        if next.depth >= limits.depth {
            walked.stopped = Some("its parts lie deeper in each other than is looked at");
            return;
        }
        let bodies = boundary::parts(next.body, &boundary, limits.parts);
        if !bodies.is_empty() {
            walked.multiparts += 1;
            let number = walked.multiparts;
            pending.extend(children(own, bodies, next, number, limits).rev());
            return;
        }
    }
    walked.entities.push(Entity {
        content_type,
        disposition: next.fields.content_type("content-disposition"),
        transfer: next
            .fields
            .token("content-transfer-encoding")
            .map_or(Transfer::Plain, |token| Transfer::read(&token)),
        body: next.body,
        choice: next.choice,
        is_root: next.is_root,
        in_digest: next.in_digest,
    });
}

fn children<'m>(
    own: &ContentType,
    bodies: Vec<&'m [u8]>,
    parent: &Pending<'m>,
    number: usize,
    limits: &Limits,
) -> impl DoubleEndedIterator<Item = Pending<'m>> {
    let choice = parent.choice.or_else(|| (own.subtype == "alternative").then_some(number));
    let (is_related, in_digest) = (own.subtype == "related", own.subtype == "digest");
    let (depth, is_root, longest) = (parent.depth + 1, parent.is_root, limits.header_bytes);
    let parts: Vec<_> = bodies
        .into_iter()
        .enumerate()
        .map(move |(at, bytes)| {
            let (fields, body) = part(bytes, longest);
            Pending { fields, body, depth, choice, is_root: is_root && !(is_related && at > 0), in_digest }
        })
        .collect();
    parts.into_iter()
}

/// A part begins with its fields, or with an empty line if it has none.
fn part(bytes: &[u8], longest: usize) -> (Fields<'_>, &[u8]) {
    match bytes {
        [b'\n', body @ ..] | [b'\r', b'\n', body @ ..] => (Fields::default(), body),
        _ => Fields::read(bytes, longest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walked(mail: &str) -> Walked<'_> {
        let (fields, body) = Fields::read(mail.as_bytes(), 1 << 20);
        walk(fields, body, &Limits::default())
    }

    #[test]
    fn texts_and_files_are_told_apart() {
        let mail = "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/alternative; boundary=b\n\n\
                    --b\n\ntext\n--b\nContent-Type: text/html\n\n<p>text\n--b--\n--a\nContent-Type: text/plain; name=x.txt\n\nfile\n\
                    --a\nContent-Type: message/rfc822\n\nSubject: x\n\n--a--\n";
        let parts = walked(mail).entities;
        let shown: Vec<bool> = parts.iter().map(Entity::is_shown_text).collect();
        assert_eq!(shown, [true, true, false, false]);
        assert_eq!(parts.iter().map(|part| part.choice).collect::<Vec<_>>(), [Some(2), Some(2), None, None]);
        assert!(parts[3].is_mail());
        assert_eq!(parts[2].name().as_deref(), Some("x.txt"));
    }

    #[test]
    fn limits_stop_the_walk() {
        let level =
            |level: usize| format!("Content-Type: multipart/mixed; boundary=b{level}x\n\n--b{level}x\n");
        let deep: String = (0..300).map(level).chain(["\nbottom\n".to_owned()]).collect();
        assert!(walked(&deep).stopped.is_some());
        let many = format!("Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\nx\n".repeat(6_000));
        let walked = walked(&many);
        assert!(walked.stopped.is_some());
        assert!(walked.entities.len() <= 5_000);
    }
}
