//! "Did you mean ...?"

/// The option that a mistyped word most likely means, if any is near enough.
pub fn closest<'a>(word: &str, options: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (word.chars().count() / 3).clamp(1, 3);
    options
        .into_iter()
        .map(|option| (distance(&word.to_lowercase(), &option.to_lowercase()), option))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, option)| option)
}

/// Edits (insert, drop, replace, swap neighbours) between two words: optimal string alignment distance.
pub(crate) fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    let mut previous = None;
    for (row, letter) in from.chars().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in to.iter().enumerate() {
            let at = |line: &[usize], index: usize| line.get(index).copied().unwrap_or(usize::MAX / 2);
            let replaced = at(&last, column) + usize::from(letter != *other);
            let mut best = replaced.min(at(&last, column + 1) + 1).min(at(&current, column) + 1);
            let crossed = column > 0 && previous == Some(*other) && to.get(column - 1) == Some(&letter);
            if crossed {
                best = best.min(at(&before_last, column - 1) + 1);
            }
            current.push(best);
        }
        before_last = std::mem::replace(&mut last, current);
        previous = Some(letter);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_edits() {
        for (from, to, edits) in [("", "abc", 3), ("abc", "", 3), ("mail", "email", 1)] {
            assert_eq!(distance(from, to), edits, "{from} {to}");
        }
        assert_eq!(distance("catgory", "category"), 1);
        assert_eq!(distance("emial", "email"), 1, "a swap of neighbours is one slip");
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn suggests_only_what_is_near() {
        assert_eq!(closest("emial", ["email", "phone"]), Some("email"));
        assert_eq!(closest("zzz", ["email", "phone"]), None);
        assert_eq!(closest("Orders", ["orders", "order"]), Some("orders"));
    }
}
