//! Words as they were meant: slips of the keyboard in the words that matter most.

use super::vocabulary::Vocabulary;

/// Shorter words have too many neighbours.
const SHORTEST: usize = 5;

/// A sentence in which each word that the rules do not know, and that is one slip away from one of `meant`, is that word. Nothing
/// if there is none.
pub(super) fn mended(sentence: &str, meant: &[String], vocabulary: &Vocabulary) -> Option<String> {
    let (mut out, mut at) = (String::new(), 0);
    for (start, word) in words(sentence) {
        let Some(right) = meant.iter().find(|right| is_slip(word, right)) else { continue };
        if vocabulary.knows(word) {
            continue;
        }
        out.push_str(sentence.get(at..start).unwrap_or_default());
        out.push_str(right);
        at = start + word.len();
    }
    (at > 0).then(|| out + sentence.get(at..).unwrap_or_default())
}

/// The longer words of Latin letters, each with its place.
fn words(sentence: &str) -> impl Iterator<Item = (usize, &str)> {
    let pieces = sentence.split(|c: char| !c.is_ascii_alphabetic());
    pieces
        .filter(|word| word.len() >= SHORTEST)
        .map(|word| (word.as_ptr().addr() - sentence.as_ptr().addr(), word))
}

/// Whether one letter was left out, put in, struck wrongly, or two were struck in the wrong order. The first is as it should be.
fn is_slip(word: &str, meant: &str) -> bool {
    let (word, meant) = (word.as_bytes(), meant.as_bytes());
    if word.first() != meant.first() || word.len().abs_diff(meant.len()) > 1 || word == meant {
        return false;
    }
    let same = word.iter().zip(meant).take_while(|(one, other)| one == other).count();
    let rest = |bytes: &[u8], skipped: usize| bytes.get(same + skipped..).unwrap_or_default().to_vec();
    let is_swapped = || {
        let pair = |bytes: &[u8]| Some((*bytes.get(same)?, *bytes.get(same + 1)?));
        matches!((pair(word), pair(meant)), (Some((a, b)), Some((c, d))) if a == d && b == c)
            && rest(word, 2) == rest(meant, 2)
    };
    rest(word, 1) == rest(meant, 0)
        || rest(word, 0) == rest(meant, 1)
        || rest(word, 1) == rest(meant, 1)
        || is_swapped()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn read(sentence: &str) -> Option<String> {
        let words = BTreeMap::from([("erase".to_owned(), vec!["delete".to_owned(), "deleted".to_owned()])]);
        let vocabulary = Vocabulary::new(&["erase".to_owned()], &words, std::iter::empty()).expect("words");
        mended(sentence, &["delete".to_owned(), "account".to_owned()], &vocabulary)
    }

    #[test]
    fn one_slip_is_forgiven() {
        for slip in ["delte", "deleet", "delette", "dwlete", "deelte", "deleta"] {
            assert_eq!(read(&format!("pls {slip} it!")).as_deref(), Some("pls delete it!"), "{slip}");
        }
        assert_eq!(read("削除 my acount,delte").as_deref(), Some("削除 my account,delete"));
    }

    #[test]
    fn other_words_stay() {
        for words in ["deleted", "delete", "relete", "deet", "elect", "accountant", ""] {
            assert_eq!(read(words), None, "{words}");
        }
    }
}
