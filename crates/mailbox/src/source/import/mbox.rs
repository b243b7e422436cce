use std::io::{self, BufRead};

use chrono::{DateTime, NaiveDateTime, Utc};

/// Reads an mbox (RFC 4155) mail by mail. A line that begins with `From ` ends a mail only where it follows an empty
/// line and bears a date as the envelope lines do: many programs leave such lines in bodies as they are. `>From ` loses
/// one `>`. Of a mail longer than the limit only its start and its length are kept.
#[derive(Debug)]
pub struct Mbox<R> {
    from: R,
    limit: u64,
    /// The envelope line that ended the mail before, already read.
    next: Option<Envelope>,
    line: Vec<u8>,
}

/// The line before a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Envelope {
    /// The date that it bears, if there is such a date.
    delivered_at: Option<DateTime<Utc>>,
}

/// One mail of an mbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MboxMail {
    /// Its bytes; the first of them if it is longer than the limit.
    pub raw: Vec<u8>,
    /// How long it is.
    pub bytes: u64,
    /// When it was delivered, as its envelope line says.
    pub delivered_at: Option<DateTime<Utc>>,
}

impl<R: BufRead> Mbox<R> {
    /// Reads from `from`; of mails longer than `limit` bytes the start is kept.
    pub fn new(from: R, limit: u64) -> Self {
        Self { from, limit, next: None, line: Vec::new() }
    }

    /// Whether these are the first bytes of an mbox.
    pub fn begins(start: &[u8]) -> bool {
        let first = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
        Envelope::read(first).is_some()
    }

    fn read(&mut self) -> io::Result<Option<MboxMail>> {
        let mut envelope = self.next.take();
        let mut mail = MboxMail { raw: Vec::new(), bytes: 0, delivered_at: None };
        let mut after_empty = true;
        while self.next_line()? {
            if after_empty && let Some(found) = Envelope::read(&self.line) {
                if envelope.is_some() {
                    self.next = Some(found);
                    break;
                }
                envelope = Some(found);
            } else if envelope.is_some() {
                mail.add(&self.line, self.limit);
            }
            after_empty = matches!(self.line.as_slice(), b"\n" | b"\r\n");
        }
        let Some(envelope) = envelope else { return Ok(None) };
        mail.delivered_at = envelope.delivered_at;
        Ok(Some(mail))
    }

    /// The next line, or the next megabyte of it; false at the end.
    fn next_line(&mut self) -> io::Result<bool> {
        self.line.clear();
        while self.line.len() < 1 << 20 {
            let buffer = self.from.fill_buf()?;
            if buffer.is_empty() {
                break;
            }
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(buffer.len(), |end| end + 1);
            self.line.extend_from_slice(&buffer[..taken]);
            self.from.consume(taken);
            if end.is_some() {
                break;
            }
        }
        Ok(!self.line.is_empty())
    }
}

impl MboxMail {
    fn add(&mut self, line: &[u8], limit: u64) {
        let quotes = line.iter().take_while(|byte| **byte == b'>').count();
        let line = if quotes > 0 && line[quotes..].starts_with(b"From ") { &line[1..] } else { line };
        self.bytes += line.len() as u64;
        let left = usize::try_from(limit.saturating_sub(self.raw.len() as u64)).unwrap_or(usize::MAX);
        self.raw.extend_from_slice(line.get(..left).unwrap_or(line));
    }
}

impl<R: BufRead> Iterator for Mbox<R> {
    type Item = io::Result<MboxMail>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

impl Envelope {
    /// Reads a line such as `From hanako@example.jp Mon Mar  3 09:00:00 2025`; nothing for any other line. A zone after the
    /// time is passed over.
    fn read(line: &[u8]) -> Option<Self> {
        let line = std::str::from_utf8(line).ok()?;
        let words: Vec<&str> = line.strip_prefix("From ")?.split_whitespace().collect();
        let time = words.iter().position(|word| is_time(word))?;
        let (month, day) = (*words.get(time.checked_sub(2)?)?, *words.get(time - 1)?);
        let is_year = |word: &&&str| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
        let year = words.get(time + 1..)?.iter().find(is_year)?;
        let mut clock = words.get(time).copied()?.to_owned();
        if clock.len() == 5 {
            clock.push_str(":00");
        }
        let date = format!("{day} {month} {year} {clock}");
        let date = NaiveDateTime::parse_from_str(&date, "%d %b %Y %H:%M:%S").ok();
        Some(Self { delivered_at: date.map(|date| date.and_utc()) })
    }
}

fn is_time(word: &str) -> bool {
    let digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = word.split(':').collect();
    matches!(parts.len(), 2 | 3) && parts.into_iter().all(digits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mails(text: &[u8], limit: u64) -> Vec<MboxMail> {
        Mbox::new(text, limit).map(Result::unwrap).collect()
    }

    #[test]
    fn from_in_a_body_ends_no_mail() {
        let text =
            b"From hanako@example.jp Mon Mar  3 09:00:00 2025\r\nSubject: a\r\n\r\nFrom tomorrow on\r\n\r\n\
            From what I know, delete it.\r\n>From the start\r\n>>From deep\r\n\r\n\
            From taro@example.jp Tue Mar  4 10:11 JST 2025\nSubject: b\n\nx\n";
        let mails = mails(text, 1_000);
        assert_eq!(mails.len(), 2);
        let first = String::from_utf8(mails[0].raw.clone()).unwrap();
        assert!(first.contains("\r\n\r\nFrom what I know"), "{first}");
        assert!(first.contains("\r\nFrom the start\r\n>From deep"), "{first}");
        assert_eq!(mails[0].delivered_at.unwrap().to_rfc3339(), "2025-03-03T09:00:00+00:00");
        assert_eq!(mails[1].delivered_at.unwrap().to_rfc3339(), "2025-03-04T10:11:00+00:00");
    }

    #[test]
    fn of_a_long_mail_only_the_start_and_the_length_are_kept() {
        let text = b"From a@example.jp Mon Mar  3 09:00:00 2025\n\nlong long long\n\nFrom b@example.jp Mon Mar  3 09:00:00 2025\n\nx\n";
        let mails = mails(text, 5);
        assert_eq!((mails[0].raw.as_slice(), mails[0].bytes), (b"\nlong".as_slice(), 17));
        assert_eq!(mails[1].raw, b"\nx\n");
    }

    #[test]
    fn what_is_no_mbox_holds_no_mail() {
        assert!(mails(b"", 9).is_empty());
        assert!(mails(b"Subject: a\n\nhello\n", 99).is_empty());
        assert!(!Mbox::<&[u8]>::begins(b"From: hanako@example.jp\n"));
        assert!(Mbox::<&[u8]>::begins(b"From - Mon Mar  3 09:00:00 2025\nSubject: a"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_their_end(text: Vec<u8>) {
            let mut whole = b"From a@example.jp Mon Mar  3 09:00:00 2025\n".to_vec();
            whole.extend(&text);
            let read: u64 = mails(&whole, 9).iter().map(|mail| mail.bytes).sum();
            prop_assert!(read <= text.len() as u64);
        }
    }
}
