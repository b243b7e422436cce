//! Where a signature begins.

/// The fewest characters of a sentence.
const SHORTEST_SENTENCE: usize = 12;

/// The most lines of a signature.
const LONGEST: usize = 15;

/// The number of the line with which the signature begins; the number of lines if there is none.
pub(crate) fn starts(lines: &[&str]) -> usize {
    let first_words = lines.iter().position(|line| !line.trim().is_empty()).unwrap_or(lines.len());
    (first_words + 1..lines.len()).find(|at| begins(lines, *at)).unwrap_or(lines.len())
}

fn begins(lines: &[&str], at: usize) -> bool {
    let (Some(line), Some(rest)) = (lines.get(at), lines.get(at + 1..)) else { return false };
    // RFC 3676, section 4.3; programs trim the blank away.
    if matches!(*line, "--" | "-- ") {
        return is_address_block(rest) || !rest.iter().any(|line| is_sentence(line));
    }
    is_rule(line.trim()) && rest.len() <= LONGEST && is_address_block(rest)
}

/// Some draw two dashes and write on.
fn is_sentence(line: &str) -> bool {
    line.trim_end().ends_with(['。', '.', '!', '?', '！', '？']) && line.chars().count() >= SHORTEST_SENTENCE
}

/// A line of one ornament.
fn is_rule(line: &str) -> bool {
    let is_ornament = |c: char| {
        matches!(
            c,
            '-' | '=' | '_' | '*' | '~' | '+' | '#' | '/' | '.' | '\u{2500}'
                ..='\u{257f}'
                    | '＊'
                    | '＝'
                    | '－'
                    | '☆'
                    | '★'
                    | '◇'
                    | '◆'
                    | '■'
                    | '□'
                    | '…'
                    | '・'
                    | '〜'
                    | '～'
                    | 'ー'
                    | '―'
                    | '\u{ff3f}'
                    | ' '
                    | ':'
        )
    };
    let length = line.chars().count();
    (5..200).contains(&length) && line.chars().all(is_ornament)
}

/// Whether lines say where a company or person is found, and nothing that a form would ask for.
fn is_address_block(lines: &[&str]) -> bool {
    const FOUND_AT: [&str; 14] = [
        "tel",
        "fax",
        "〒",
        "http",
        "www.",
        "株式会社",
        "有限会社",
        "合同会社",
        " inc",
        " ltd",
        "e-mail",
        "mail:",
        "mobile",
        "携帯",
    ];
    const FORM: [&str; 12] = [
        "氏名",
        "お名前",
        "会員番号",
        "顧客番号",
        "注文番号",
        "お客様番号",
        "会員id",
        "登録メール",
        "full name",
        "customer",
        "account",
        "削除",
    ];
    let text = lines.join("\n").to_lowercase();
    FOUND_AT.iter().any(|words| text.contains(words)) && !FORM.iter().any(|words| text.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(text: &str) -> String {
        let lines: Vec<&str> = text.lines().collect();
        lines[..starts(&lines)].join("\n")
    }

    #[test]
    fn signatures_are_found() {
        assert_eq!(own("本文\n-- \n山田"), "本文");
        assert_eq!(own("本文\n\n━━━━━━━━━━\n架空商事株式会社\n山田\nTEL 03-0000-0000\n━━━━━━━━━━"), "本文\n");
        assert_eq!(own("text\n=====================\nAnn\nwww.example.com"), "text");
    }

    #[test]
    fn forms_between_rules_stay() {
        let form = "下記の者です。\n----------\n氏名: 山田\nTEL: 090\n----------";
        assert_eq!(own(form), form);
        assert_eq!(own("--\n本文"), "--\n本文", "nothing but a signature is no signature");
    }

    #[test]
    fn what_is_written_on_below_two_dashes_stays() {
        for text in [
            "Hello\n--\nPlease delete my data.",
            "お世話になります。\n--\n個人情報を削除してください。\n山田",
        ] {
            assert_eq!(own(text), text);
        }
        assert_eq!(own("Yes\n--\nAnn, Sales\nWe deliver everywhere.\nwww.example.com"), "Yes");
    }
}
