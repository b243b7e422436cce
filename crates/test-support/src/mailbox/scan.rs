//! Finding links and codes in a text.

/// What may follow a link in running text without belonging to it.
const TRAILING: [char; 12] = ['.', ',', ';', ':', '!', '?', ')', ']', '>', '"', '\'', '。'];

/// All `http` and `https` links, in order, each once.
pub(super) fn links(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let starts = text.match_indices("http").map(|(at, _)| at);
    for rest in starts.filter_map(|at| text.get(at..)) {
        let after_scheme = rest.strip_prefix("https://").or_else(|| rest.strip_prefix("http://"));
        let is_link = after_scheme
            .is_some_and(|host| host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '['));
        let end =
            rest.find(|c: char| !c.is_ascii_graphic() || matches!(c, '<' | '>' | '"')).unwrap_or(rest.len());
        let link = rest.get(..end).unwrap_or_default().trim_end_matches(TRAILING);
        if is_link && !found.iter().any(|known| known == link) {
            found.push(link.to_owned());
        }
    }
    found
}

/// All runs of exactly 8 digits outside of links, each once; one blank or hyphen may stand after the fourth.
pub(super) fn codes(text: &str) -> Vec<String> {
    let mut text = text.to_owned();
    for link in links(&text) {
        text = text.replace(&link, " x ");
    }
    let mut found: Vec<String> = Vec::new();
    for run in text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, ' ' | '-'))) {
        let mut pieces: Vec<&str> = run.split([' ', '-']).collect();
        blot_out_ids(&mut pieces);
        blot_out_references(&mut pieces);
        let whole = pieces.iter().filter(|piece| is_digits(piece, 8)).map(|&piece| piece.to_owned());
        let halves = pieces.windows(2).filter(|pair| pair.iter().all(|piece| is_digits(piece, 4)));
        for code in whole.chain(halves.map(<[&str]>::concat)) {
            if !found.contains(&code) {
                found.push(code);
            }
        }
    }
    found
}

/// An id may hold what looks like a code: some have groups of digits alone.
fn blot_out_ids(pieces: &mut [&str]) {
    const LENGTHS: [usize; 5] = [8, 4, 4, 4, 12];
    for start in 0..pieces.len() {
        let Some(five) = pieces.get_mut(start..start + LENGTHS.len()) else { break };
        let is_hex = |piece: &str| piece.bytes().all(|byte| byte.is_ascii_hexdigit());
        if five.iter().zip(LENGTHS).all(|(piece, length)| piece.len() == length && is_hex(piece)) {
            five.fill("x");
        }
    }
}

/// So may a reference: about one in 11,000 has digits alone (`HB-2704-1883`).
fn blot_out_references(pieces: &mut [&str]) {
    for start in 0..pieces.len() {
        if let Some([prefix, front, back]) = pieces.get_mut(start..start + 3)
            && *prefix == "HB"
        {
            (*front, *back) = ("x", "x");
        }
    }
}

fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_end_where_the_sentence_goes_on() {
        let text = "See <https://a.example.com/x?y=1&z=2>, or http://127.0.0.1:8080/v/1. また https://b.example.jp/確認\n\
                    again http://127.0.0.1:8080/v/1 but not http:// or httpd";
        let expected =
            ["https://a.example.com/x?y=1&z=2", "http://127.0.0.1:8080/v/1", "https://b.example.jp/"];
        assert_eq!(links(text), expected);
    }

    #[test]
    fn codes_have_eight_digits() {
        assert_eq!(codes("Your code: 12345678."), ["12345678"]);
        assert_eq!(codes("コード：1234-5678（10分間有効）"), ["12345678"]);
        assert_eq!(codes("call 123456789 or 1234567, id 2026-01-02"), Vec::<String>::new());
        assert_eq!(codes("http://x.example.com/12345678"), Vec::<String>::new());
        assert_eq!(codes("1234 5678\n1234 5678"), ["12345678"]);
        assert_eq!(codes("id 01020122-9622-7288-8551-2e9b83bd2845, code 8765 4321"), ["87654321"]);
    }

    #[test]
    fn a_reference_of_digits_alone_is_no_code() {
        assert_eq!(codes("Your reference: HB-2704-1883"), Vec::<String>::new());
        assert_eq!(codes("A code (HB-2704-1883): 1234-5678"), ["12345678"]);
    }
}
