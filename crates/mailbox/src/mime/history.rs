//! Cutting off what a person did not write themselves: quoted history and signatures.

use super::{block, signature};
use crate::{Marks, rules::normal};

/// What the person wrote. Quoted lines are left out wherever they stand: many write below what they quote, or between its
/// lines. Where the history bears no marks, nobody can tell where it ends, and it is cut off to the end.
pub(crate) fn own_words(text: &str, marks: &Marks) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let mut own: Vec<&str> = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let rest = lines.get(at..).unwrap_or_default();
        if let Some(length) = quoted_behind(rest, marks) {
            at += length;
            continue;
        }
        if begins_history(&lines, at, marks) {
            break;
        }
        if let Some(length) = quoted_lines(rest) {
            at += length;
            // What is written below a quotation is a paragraph of its own.
            own.push("");
            continue;
        }
        own.push(line);
        at += 1;
    }
    let kept = own.get(..signature::starts(&own)).unwrap_or_default();
    tidy(without_disclaimers(kept, marks).into_iter().filter(|line| !marks.is_of_a_device(line)))
}

/// How many lines an attribution takes with the blank lines behind it, if marked quotations follow it.
fn quoted_behind(rest: &[&str], marks: &Marks) -> Option<usize> {
    let length = attribution(rest, marks)?;
    let blanks = rest.iter().skip(length).take_while(|line| line.trim().is_empty()).count();
    let behind = length + blanks;
    rest.get(behind).is_some_and(|line| is_quoted(line)).then_some(behind)
}

/// How many lines at the beginning are marked as quoted.
fn quoted_lines(rest: &[&str]) -> Option<usize> {
    let quoted = rest.iter().take_while(|line| is_quoted(line)).count();
    (quoted > 0).then_some(quoted)
}

/// Without blank lines at the ends, and with at most one at a time.
fn tidy<'l>(lines: impl Iterator<Item = &'l str>) -> String {
    let mut out = String::new();
    for line in lines {
        if line.trim().is_empty() {
            if !out.is_empty() && !out.ends_with("\n\n") {
                out.push('\n');
            }
        } else {
            out.push_str(line);
            out.push('\n');
        }
    }
    out.trim().to_owned()
}

fn is_quoted(line: &str) -> bool {
    let start = line.trim_start();
    // A row of a table begins so, too.
    let is_marked = start.starts_with("| ") && !start.ends_with('|');
    start.starts_with('>') || start.starts_with('＞') || is_marked
}

/// Whether the line at `at` begins the history of the conversation.
fn begins_history(lines: &[&str], at: usize, marks: &Marks) -> bool {
    let rest = lines.get(at..).unwrap_or_default();
    let Some(line) = rest.first().map(|line| line.trim()) else { return false };
    if line.is_empty() || is_quoted(line) {
        return false;
    }
    is_original_mark(line, marks)
        || block::is_forward_mark(line, marks)
        || is_ruled_block(rest, marks)
        || block::read(rest.iter().copied(), marks).is_some()
        || attribution(rest, marks).is_some()
}

/// `-----Original Message-----` and its relatives.
fn is_original_mark(line: &str, marks: &Marks) -> bool {
    let words = line.trim_matches(['-', '_', '=', '─', '━', ' ', '*']);
    let is_ruled = line.len() > words.len() + 3;
    is_ruled && words.len() < 60 && {
        let plain = words.to_lowercase();
        marks.original.iter().any(|mark| plain.starts_with(mark))
    }
}

/// The rule of underscores that Outlook draws above its block.
fn is_ruled_block(rest: &[&str], marks: &Marks) -> bool {
    let is_rule = |line: &str| line.len() >= 20 && line.chars().all(|c| matches!(c, '_' | '-'));
    rest.first().is_some_and(|line| is_rule(line.trim()))
        && rest
            .iter()
            .skip(1)
            .position(|line| !line.trim().is_empty())
            .filter(|blanks| *blanks < 3)
            .is_some_and(|blanks| block::read(rest.iter().skip(1 + blanks).copied(), marks).is_some())
}

/// How many lines `On ... wrote:`, 「2024年3月1日(金) 12:34 山田 <...>:」 or 「... さんは書きました:」 takes. Long ones are wrapped.
fn attribution(rest: &[&str], marks: &Marks) -> Option<usize> {
    let first = rest.first().map(|line| line.trim().to_lowercase())?;
    if first.ends_with([':', '：']) && says_who_wrote(&first, marks) {
        return Some(1);
    }
    let mut starts = marks.wrote.iter().filter_map(|one| one.starts.as_deref());
    let may_be_wrapped = first.starts_with("20") || starts.any(|start| first.starts_with(start));
    let mut joined = first;
    let further = rest.iter().skip(1).take(2).map(|line| line.trim()).take_while(|line| !line.is_empty());
    for (number, line) in further.enumerate() {
        joined.push(' ');
        joined.push_str(&line.to_lowercase());
        if !may_be_wrapped || joined.len() > 500 {
            return None;
        }
        if line.ends_with([':', '：']) {
            return says_who_wrote(&joined, marks).then_some(number + 2);
        }
    }
    None
}

/// Whether a line in lower case names somebody, and when, and that they wrote.
fn says_who_wrote(line: &str, marks: &Marks) -> bool {
    let plain = line.trim_end_matches([':', '：', ' ']);
    let is_dated = plain.contains('@')
        || plain.as_bytes().windows(4).any(|digits| digits.iter().all(u8::is_ascii_digit))
        || plain.contains('/');
    let is_of_gmail = plain.starts_with("20") && plain.ends_with('>') && plain.contains('@');
    is_of_gmail || marks.wrote.iter().any(|one| one.fits(plain, is_dated))
}

/// Without the paragraphs that companies put under each mail. The first paragraph of a mail is never one.
fn without_disclaimers<'l>(lines: &[&'l str], marks: &Marks) -> Vec<&'l str> {
    let says_nothing = |line: &str| !line.chars().any(char::is_alphanumeric);
    let (mut kept, mut is_in_one, mut begins_one, mut has_words) = (Vec::new(), false, true, false);
    for line in lines {
        is_in_one &= !line.trim().is_empty();
        if begins_one && has_words && is_disclaimer(line, marks) {
            is_in_one = true;
        }
        begins_one = says_nothing(line);
        has_words |= !begins_one;
        if !is_in_one {
            kept.push(*line);
        }
    }
    kept
}

/// Whether a line begins a paragraph that companies put under each mail.
fn is_disclaimer(line: &str, marks: &Marks) -> bool {
    let plain = normal(line.trim_start_matches(|c: char| !c.is_alphanumeric()));
    marks.disclaimer.iter().any(|words| plain.starts_with(words))
}

#[cfg(test)]
mod tests {
    use crate::rules::Rules;

    fn own_words(text: &str) -> String {
        super::own_words(text, Rules::load(&[]).expect("sound files").marks())
    }

    #[test]
    fn what_others_wrote_is_cut_off() {
        for (text, own) in [
            (
                "削除してください。\n\n2024年3月1日(金) 12:34 窓口 <privacy@example.com>:\n> こんにちは",
                "削除してください。",
            ),
            (
                "Please delete it.\n\nOn Fri, 1 Mar 2024 at 12:34, Desk\n<privacy@example.com> wrote:\n\n> Hello",
                "Please delete it.",
            ),
            ("Yes.\n-----Original Message-----\nFrom: x\nSent: y", "Yes."),
            (
                "はい\n________________________________\n差出人: 窓口 <privacy@example.com>\n送信日時: 2024年3月1日\n宛先: x\n件名: y\n\n古い",
                "はい",
            ),
            ("はい\n\nFrom: Desk <privacy@example.com>\nSent: Friday\nTo: x\nSubject: y\n\nold", "はい"),
            ("> question one\nAnswer one\n> question two\nAnswer two", "Answer one\n\nAnswer two"),
            ("了解です\n\n山田さんは書きました：\n> x", "了解です"),
            ("Yes.\n| No?\n| No.", "Yes."),
        ] {
            assert_eq!(own_words(text), own);
        }
    }

    #[test]
    fn what_stands_below_and_between_quotations_stays() {
        for (text, own) in [
            (
                "On Fri, 1 Mar 2024 at 12:34, Desk <privacy@example.com> wrote:\n> We delete it.\n> Reply if not.\n\nPlease do not.",
                "Please do not.",
            ),
            (
                "On Fri, 1 Mar 2024 at 12:34, Desk\n<privacy@example.com> wrote:\n\n> Hello\n\nPlease delete it.\n\n-- \nHanako",
                "Please delete it.",
            ),
            (
                "2024年3月1日(金) 12:34 窓口 <privacy@example.com>:\n> 削除します。\n\n取り消してください。\n> ご返信ください。\n\nよろしくお願いします。",
                "取り消してください。\n\nよろしくお願いします。",
            ),
            (
                "窓口さんは書きました：\n\n> 削除します。\n待ってください。\n\nFrom: Desk <privacy@example.com>\nSent: Friday\nTo: x\nSubject: y\n\nold",
                "待ってください。",
            ),
            ("On Fri, 1 Mar 2024 at 12:34, Desk <privacy@example.com> wrote:\n\nWe delete it.", ""),
        ] {
            assert_eq!(own_words(text), own);
        }
    }

    #[test]
    fn what_companies_put_under_each_mail_is_cut_off() {
        for (text, own) in [
            (
                "Please call.\n\n***\nThis email and any attachments are confidential.\nPlease delete it.\n\nP.S. On Friday.",
                "Please call.\n\n***\n\nP.S. On Friday.",
            ),
            (
                "見積をお願いします。\n\n※ 本メールの宛先にお心当たりのない場合は、\n削除してください。",
                "見積をお願いします。",
            ),
            (
                "This email and any attachments ask you to delete my data.",
                "This email and any attachments ask you to delete my data.",
            ),
        ] {
            assert_eq!(own_words(text), own);
        }
    }

    #[test]
    fn other_languages_bring_their_own_marks() {
        for text in [
            "Hello\n\nAm Montag, 16. November 2026 um 09:12 schrieb Desk <desk@example.com>:\n\nalt",
            "Hello\n\nVon: Desk <desk@example.com>\nGesendet: Montag\nBetreff: x\n\nalt",
            "Hello\n\nLe lun. 16 nov. 2026 à 09:12, Desk <desk@example.com> a écrit :\n\nvieux",
            "Hello\n\n보낸 사람: Desk <desk@example.com>\n보낸 날짜: 2026\n제목: x\n\n옛날",
        ] {
            assert_eq!(own_words(text), "Hello", "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_it_stays() {
        let text = "On Monday I wrote:\nno, rather:\nOn the website I found my data. Please send it to me.";
        assert!(own_words(text).contains("Please send it"));
        let table = "| Name | Ann |\n| Wish | delete my data |";
        assert_eq!(own_words(table), table);
        let list = "次の点を教えてください：\n1. 保有する情報\n2. 利用目的";
        assert_eq!(own_words(list), list);
    }
}
