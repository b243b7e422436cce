//! The lines in which mail programs say whose mail follows: `From: Sent: To: Subject:`, 「差出人: 送信日時: 宛先: 件名:」.

use crate::{Marks, marks::without_blanks, rules::normal};

/// What such a block says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Block {
    /// Who wrote what follows.
    pub(crate) from: String,
    /// When.
    pub(crate) date: Option<String>,
    /// Its subject.
    pub(crate) subject: Option<String>,
    /// How many lines the block takes.
    pub(crate) lines: usize,
}

/// What a line of a block is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    From,
    Date,
    Subject,
    Other,
}

/// The most lines that are looked at: a list of recipients may be folded.
const REACH: usize = 14;

/// Reads the block that begins at the first of `lines`, if one does: an author, and a date or subject beside it.
pub(crate) fn read<'l>(lines: impl IntoIterator<Item = &'l str>, marks: &Marks) -> Option<Block> {
    let mut block = Block::default();
    let mut found = 0;
    for (number, line) in lines.into_iter().take(REACH).enumerate() {
        let line = undecorated(line);
        match labelled(line, marks) {
            Some((Label::From, value)) if found == 0 => value.clone_into(&mut block.from),
            // Some put the date or the subject first.
            Some((label, value)) => put(&mut block, label, value),
            // A blank line ends a block, but for those that put one between all lines.
            None if line.is_empty() && found > 0 && block.date.is_some() && block.subject.is_some() => break,
            None if found == 0 => return None,
            None => continue,
        }
        found += 1;
        block.lines = number + 1;
    }
    let is_one = !block.from.is_empty() && found >= 2 && (block.date.is_some() || block.subject.is_some());
    is_one.then_some(block)
}

fn put(block: &mut Block, label: Label, value: &str) {
    match label {
        Label::From if block.from.is_empty() => value.clone_into(&mut block.from),
        Label::Date if block.date.is_none() => block.date = Some(value.to_owned()),
        Label::Subject if block.subject.is_none() => block.subject = Some(value.to_owned()),
        _ => {}
    }
}

/// Without the marks of quoting and of bold type.
fn undecorated(line: &str) -> &str {
    line.trim_start_matches(['>', ' ', '\t', '\u{3000}', '*', '＞', '|']).trim()
}

fn labelled<'l>(line: &'l str, marks: &Marks) -> Option<(Label, &'l str)> {
    let (name, value) = line.split_once([':', '：'])?;
    let name = name.trim_matches(['*', ' ', '\u{3000}', '【', '】', '[', ']', '■', '●']);
    if name.len() > 30 {
        return None;
    }
    let plain = if name.is_ascii() { name.to_ascii_lowercase() } else { normal(name) };
    let plain = without_blanks(&plain);
    let of = |(label, words): (Label, &[String])| words.contains(&plain).then_some(label);
    let labels = [
        (Label::From, marks.from.as_slice()),
        (Label::Date, marks.date.as_slice()),
        (Label::Subject, marks.subject.as_slice()),
        (Label::Other, marks.other.as_slice()),
    ];
    let label = labels.into_iter().find_map(of)?;
    Some((label, value.trim_matches(['*', ' ', '\u{3000}'])))
}

/// Whether a line says that somebody else's mail follows as a whole.
pub(crate) fn is_forward_mark(line: &str, marks: &Marks) -> bool {
    let plain = undecorated(line).to_lowercase();
    if marks.forward_line.iter().any(|words| plain.starts_with(words)) {
        return true;
    }
    let is_ruled = plain.starts_with("--") || plain.starts_with("==") || plain.starts_with('─');
    is_ruled && marks.forward.iter().any(|words| plain.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Rules;

    fn rules() -> Rules {
        Rules::load(&[]).expect("sound files")
    }

    fn block(text: &str) -> Option<Block> {
        read(text.lines(), rules().marks())
    }

    #[test]
    fn blocks_of_both_languages_are_read() {
        let read = block("差出人: 山田 花子 <hanako@example.jp>\n送信日時: 2024年3月1日 12:34\n宛先: privacy@example.com\n件名: 退会\n\n本文")
            .expect("a block");
        assert_eq!(read.from, "山田 花子 <hanako@example.jp>");
        assert_eq!(read.subject.as_deref(), Some("退会"));
        assert_eq!(read.lines, 4);
        let read =
            block("> *From:* Ann <ann@example.com>\n> *Sent:* Monday\n> *To:* x\n> *Subject:* Hello\n")
                .expect("a block");
        assert_eq!((read.from.as_str(), read.date.as_deref()), ("Ann <ann@example.com>", Some("Monday")));
    }

    #[test]
    fn ordinary_lines_are_no_block() {
        assert_eq!(block("From: me\nwith love"), None);
        assert_eq!(block("件名: x\n日時: y"), None, "nobody wrote it");
        assert_eq!(block("Dear all"), None);
        assert!(is_forward_mark("---------- Forwarded message ---------", rules().marks()));
        assert!(!is_forward_mark("I have forwarded message 3 to you", rules().marks()));
    }
}
