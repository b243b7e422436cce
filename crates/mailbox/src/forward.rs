//! Mails that somebody passed on. The writer of the original is proposed to staff, never put in the sender's place.

use habeas_domain::{EmailAddress, Personal};

use crate::{
    Forwarded, Limits, Marks,
    mime::{Mail, date, is_forward_mark, own_words, read_block, written_date},
};

/// A mail that was passed on, and what stands in it.
pub(crate) struct Passed {
    /// What it says of itself.
    pub(crate) forwarded: Forwarded,
    /// What the one who passed it on wrote.
    pub(crate) cover: String,
    /// What the original says.
    pub(crate) original: String,
    /// The subject of the original, for the rules.
    pub(crate) subject: String,
}

/// The longest attached mail that is read, in bytes.
const LONGEST: usize = 1 << 20;
/// How many mails within mails are opened.
const DEPTH: usize = 3;

/// Finds the original in a mail that was passed on.
pub(crate) fn find(mail: &Mail<'_>, subject: &str, limits: &Limits, marks: &Marks) -> Option<Passed> {
    quoted(&mail.text, subject, marks).or_else(|| attached(mail, limits, marks))
}

fn quoted(text: &str, subject: &str, marks: &Marks) -> Option<Passed> {
    let lines: Vec<&str> = text.lines().collect();
    let marked = lines.iter().position(|line| is_forward_mark(line, marks));
    let start = marked.or_else(|| {
        let first = || (0..lines.len().min(60)).find(|at| begins_block(&lines, *at, marks));
        let at = first()?;
        let has_cover = lines.iter().take(at).any(|line| !line.trim().is_empty());
        (marks.says_forward(subject) || !has_cover).then_some(at)
    })?;
    let from = start + usize::from(marked.is_some());
    let blanks = lines.iter().skip(from).take_while(|line| line.trim().is_empty()).count();
    let block = read_block(lines.iter().skip(from + blanks).copied(), marks)?;
    let cover = own_words(&lines.get(..start)?.join("\n"), marks);
    let below: Vec<&str> = lines.iter().skip(from + blanks + block.lines).copied().collect();
    let original = own_words(&unquoted(&below), marks);
    let forwarded = Forwarded {
        sender: address_in(&block.from),
        sent_at: block.date.as_deref().and_then(|text| date(text).or_else(|| written_date(text))),
        subject: block.subject.clone().map(Personal::new),
        attached: false,
    };
    Some(Passed { forwarded, cover, original, subject: block.subject.unwrap_or_default() })
}

fn begins_block(lines: &[&str], at: usize, marks: &Marks) -> bool {
    lines.get(at).is_some_and(|line| !line.trim().is_empty())
        && read_block(lines.iter().skip(at).copied(), marks).is_some()
}

/// Some programs mark each line of what they pass on.
fn unquoted(lines: &[&str]) -> String {
    let quoted = |line: &&&str| line.trim_start().starts_with('>');
    let all = lines.iter().filter(|line| !line.trim().is_empty());
    let (marked, count) = (all.clone().filter(quoted).count(), all.count());
    if count == 0 || marked * 2 < count {
        return lines.join("\n");
    }
    let bare = |line: &&str| line.trim_start().trim_start_matches('>').trim_start().to_owned();
    lines.iter().map(bare).collect::<Vec<_>>().join("\n")
}

fn address_in(text: &str) -> Option<EmailAddress> {
    let inner = match (text.rfind('<'), text.rfind('[')) {
        (Some(at), _) => text.get(at + 1..)?.split('>').next()?,
        (None, Some(at)) => text.get(at + 1..)?.split(']').next()?,
        (None, None) => text.split([' ', '\u{3000}', '(', '（']).find(|word| word.contains('@'))?,
    };
    EmailAddress::parse(inner.trim().trim_start_matches("mailto:")).ok()
}

fn attached(mail: &Mail<'_>, limits: &Limits, marks: &Marks) -> Option<Passed> {
    let part = mail.files().find(|entity| entity.is_mail() || entity.is_mail_file())?;
    let mut raw = part.beginning(LONGEST).into_owned();
    let mut passed = None;
    for _ in 0..DEPTH {
        let inner = Mail::read(&raw, limits);
        if inner.fields.is_empty() {
            break;
        }
        let original = own_words(&inner.text, marks);
        let next =
            inner.files().find(|entity| entity.is_mail()).map(|part| part.beginning(LONGEST).into_owned());
        let is_cover_only = original.chars().count() < 20 && next.is_some();
        passed = Some(of_mail(mail, &inner, original, marks));
        match next.filter(|_| is_cover_only) {
            Some(deeper) => raw = deeper,
            None => break,
        }
    }
    passed
}

fn of_mail(mail: &Mail<'_>, inner: &Mail<'_>, original: String, marks: &Marks) -> Passed {
    let subject = inner.subject();
    let from = inner.fields.mailboxes("from").into_iter().next();
    let forwarded = Forwarded {
        sender: from.and_then(|from| EmailAddress::parse(&from.address?).ok()),
        sent_at: inner.sent_at(),
        subject: (!subject.is_empty()).then(|| Personal::new(subject.clone())),
        attached: true,
    };
    Passed { forwarded, cover: own_words(&mail.text, marks), original, subject }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Rules;

    fn passed(text: &str, subject: &str) -> Option<Passed> {
        quoted(text, subject, Rules::load(&[]).expect("sound files").marks())
    }

    #[test]
    fn quoted_originals_are_found() {
        let text = "対応お願いします。\n\n差出人: 山田 花子 <hanako@example.jp>\n送信日時: 2024年3月1日 12:34\n宛先: info@example.com\n件名: 退会について\n\n退会します。データを消してください。";
        let found = passed(text, "FW: 退会について").expect("an original");
        assert_eq!(
            found.forwarded.sender.map(|sender| sender.as_str().to_owned()).as_deref(),
            Some("hanako@example.jp")
        );
        let sent_at = found.forwarded.sent_at.map(|at| at.to_rfc3339());
        assert_eq!(sent_at.as_deref(), Some("2024-03-01T03:34:00+00:00"));
        assert_eq!(found.cover, "対応お願いします。");
        assert_eq!(found.original, "退会します。データを消してください。");
    }

    #[test]
    fn apple_and_google_are_understood() {
        for mark in ["Begin forwarded message:", "---------- Forwarded message ---------"] {
            let text = format!(
                "FYI\n\n{mark}\n\nFrom: Ann <ann@example.com>\nDate: Fri, 1 Mar 2024 10:00:00 +0000\nSubject: Delete me\nTo: x\n\nPlease delete my data."
            );
            let found = passed(&text, "Delete me").expect("an original");
            assert_eq!(found.original, "Please delete my data.");
            assert!(found.forwarded.sent_at.is_some());
        }
    }

    #[test]
    fn an_answer_with_history_is_no_forward() {
        let text = "はい、お願いします。\n\n差出人: 窓口 <privacy@example.com>\n送信日時: 2024年3月1日\n件名: 確認\n\n確認です";
        assert!(passed(text, "Re: 確認").is_none());
    }
}
